/** Many crops to descriptors, and descriptors to images, with progress and interruption. */
import { setImmediate } from 'node:timers/promises';
import type { Autoencoder } from '../autoencoder/autoencoder';
import { throwIfInterrupted } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';

export interface PassOptions {
  progress?: Progress;
  signal?: AbortSignal;
}

/** Rows between two looks at progress and interruption. */
const rowsAtOnce = 128;

/**
 * Crops to latent cell descriptors, in evaluation mode.
 *
 * @param images float32 0..1, [n, s, s, 1] row by row, s the model's image size
 * @returns [n, latentDims] row by row
 * @throws ShapeError when the crops have another size; InterruptedError
 * @example
 * const z = await encodeCells(model, crops.images);
 */
export function encodeCells(
  model: Autoencoder,
  images: Float32Array,
  options: PassOptions = {},
): Promise<Float32Array> {
  const { imageSize, latentDims } = model.architecture;
  return inParts(
    'encode',
    images,
    imageSize ** 2,
    latentDims,
    'cells',
    (part) => model.encode(part),
    options,
  );
}

/**
 * Latent cell descriptors to images 0..1, in evaluation mode.
 *
 * @param codes [n, latentDims] row by row
 * @returns [n, s, s, 1] row by row
 * @throws ShapeError when the descriptors have another length; InterruptedError
 */
export function decodeDescriptors(
  model: Autoencoder,
  codes: Float32Array,
  options: PassOptions = {},
): Promise<Float32Array> {
  const { imageSize, latentDims } = model.architecture;
  return inParts(
    'decode',
    codes,
    latentDims,
    imageSize ** 2,
    'images',
    (part) => model.decode(part),
    options,
  );
}

async function inParts(
  label: string,
  input: Float32Array,
  inputSize: number,
  outputSize: number,
  unit: string,
  run: (part: Float32Array) => Float32Array,
  { progress = defaultProgress, signal }: PassOptions,
): Promise<Float32Array> {
  const rows = input.length / inputSize;
  if (!Number.isInteger(rows)) return run(input); // it says what is wrong
  const output = new Float32Array(rows * outputSize);
  progress.start(label, rows, unit);
  for (let start = 0; start < rows; start += rowsAtOnce) {
    throwIfInterrupted(signal, label);
    const end = Math.min(rows, start + rowsAtOnce);
    output.set(run(input.subarray(start * inputSize, end * inputSize)), start * outputSize);
    progress.update(end);
    await setImmediate();
  }
  progress.finish(`${rows} ${unit}`);
  return output;
}
