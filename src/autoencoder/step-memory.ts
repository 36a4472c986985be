/** How much memory a training step takes, and what to say when there is not so much. */
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import type { Precision } from '../compute';
import { ModelError, messageOf, OptionError } from '../util/errors';
import { type Architecture, countParameters } from './architecture';

/**
 * Bytes of a training step: weights, gradients and Adam's moments; per crop what forward keeps for backward (each layer's result), and
 * room for the gradients and patches of the largest layer. Measured on a CPU against it, in GB: demo, 64 crops 0.25 (estimate 0.21), 256 crops
 * 0.62 (0.61), in bfloat16 0.46 (0.35); paper, 4 crops 1.38 (1.34), 8 in bfloat16 1.48 (1.34).
 */
export function estimateStepBytes(
  architecture: Architecture,
  batchSize: number,
  precision: Precision = 'float32',
): { fixed: number; perCrop: number; total: number } {
  const { imageSize, channels } = architecture;
  const { encoder, decoder, adversary } = countParameters(architecture);
  // value, gradient and two moments; one layer's gradient more while it is computed
  const fixed = 4.5 * 4 * (encoder + decoder + adversary);
  let kept = 0;
  let largest = 0;
  channels.forEach((outputs, i) => {
    const values = outputs * (imageSize / 2 ** (i + 1)) ** 2;
    largest = Math.max(largest, values);
    kept += 2 * 3 * values; // in encoder and decoder: convolution, batch norm, PReLU
  });
  const bytes = precision === 'bfloat16' ? 2 : 4;
  const perCrop = bytes * (kept + 4 * largest) + 4 * 6 * imageSize ** 2;
  return { fixed, perCrop, total: fixed + batchSize * perCrop };
}

/** Bytes that this process may still take: what the system says is available, or a container's limit leaves. */
export function availableBytes(): number {
  const limit =
    (process as { availableMemory?: () => number }).availableMemory?.() ?? Number.POSITIVE_INFINITY;
  let available = freemem();
  try {
    // free memory leaves out what the file cache would give back
    const line = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
    if (line) available = Number(line[1]) * 1024;
  } catch {
    // not Linux
  }
  return Math.min(limit, available);
}

/**
 * @param available bytes; what the estimate is held against
 * @throws OptionError that names a batch size that fits
 */
export function checkStepMemory(
  architecture: Architecture,
  batchSize: number,
  precision: Precision,
  available: number,
): void {
  const { total } = estimateStepBytes(architecture, batchSize, precision);
  if (total <= available) return;
  throw new OptionError(
    `train: a step with --batch ${batchSize} needs about ${gigabytes(total)}, and ${gigabytes(available)} are free; ${advice(architecture, precision, available)}`,
  );
}

/** Turns a backend's failure to find memory into one that names the batch size and one that may fit; other errors stay as they are. */
export function explainAllocationFailure(
  error: unknown,
  architecture: Architecture,
  batchSize: number,
  precision: Precision,
): unknown {
  if (!/out of memory|\bOOM\b|resource.?exhausted|bad_alloc|allocat|array buffer/i.test(messageOf(error)))
    return error;
  const half = Math.max(2, Math.floor(batchSize / 2));
  const { fixed, perCrop } = estimateStepBytes(architecture, batchSize, precision);
  return new ModelError(
    `train: memory ran out in a step with --batch ${batchSize} (it needs about ${gigabytes(fixed + batchSize * perCrop)}); take --batch ${half}, which needs about ${gigabytes(fixed + half * perCrop)}`,
    { cause: error },
  );
}

function advice(architecture: Architecture, precision: Precision, available: number): string {
  const { fixed, perCrop } = estimateStepBytes(architecture, 0, precision);
  const fitting = Math.floor((0.9 * available - fixed) / perCrop);
  return fitting >= 2
    ? `take --batch ${fitting}`
    : 'not even two crops fit: take --preset demo, a smaller --image-size, or another machine';
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toPrecision(2)} GB`;
}
