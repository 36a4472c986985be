/**
 * Weights on disk: the safetensors format (8 bytes header length, JSON header, raw little-endian numbers), float32 only, which PyTorch,
 * Hugging Face and others read. A sum over the data stands in the header, so that damage is found before anything is used.
 */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import { ModelError } from '../util/errors';
import { writeAtomicWith } from '../util/files';

/** A named float32 tensor in C order. */
export interface NamedTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array;
}

export interface SafetensorsFile {
  tensors: Map<string, NamedTensor>;
  /** Free text by key, such as the training step. */
  metadata: Record<string, string>;
}

const sumKey = 'sha256';
const noSum = '0'.repeat(64);

/**
 * Writes tensors to a file that is either whole or not there.
 *
 * @throws DataError when the disk is full or the folder cannot be written
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly NamedTensor[],
  metadata: Record<string, string> = {},
): Promise<void> {
  await writeAtomicWith(path, async (temporary) => {
    const file = openSync(temporary, 'wx');
    try {
      const sum = createHash('sha256');
      writeAll(file, headerBytes(tensors, metadata, noSum));
      for (const { values } of tensors) {
        const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
        sum.update(bytes);
        writeAll(file, bytes);
      }
      // the same length as the header with zeros for its sum, so it fits in its place
      writeAll(file, headerBytes(tensors, metadata, sum.digest('hex')), 0);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

/** Writes all bytes, at `position` when given. */
function writeAll(file: number, bytes: Buffer, position: number | null = null): void {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(file, bytes, done, bytes.length - done, position === null ? null : position + done);
  }
}

function headerBytes(tensors: readonly NamedTensor[], metadata: Record<string, string>, sum: string): Buffer {
  const header: Record<string, unknown> = { __metadata__: { ...metadata, [sumKey]: sum } };
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const padded = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  padded.writeBigUInt64LE(BigInt(padded.length - 8), 0);
  json.copy(padded, 8);
  return padded;
}

/**
 * Reads a file of float32 tensors.
 *
 * @throws ModelError when it is missing, no safetensors file, cut short, or does not match its own sum
 */
export function readSafetensors(path: string): SafetensorsFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new ModelError(
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code}); give the folder that lch train wrote`,
      {
        cause: error,
      },
    );
  }
  const damaged = (why: string) =>
    new ModelError(`${path} is damaged (${why}); take a checkpoint beside it, or train again`);
  const headerLength = bytes.length >= 8 ? Number(bytes.readBigUInt64LE(0)) : Number.NaN;
  if (!(headerLength > 0 && 8 + headerLength <= bytes.length)) throw damaged('no header');
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> & {
    __metadata__?: Record<string, string>;
  };
  try {
    header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength));
  } catch {
    throw damaged('its header is no JSON');
  }
  const { __metadata__: metadata = {}, ...entries } = header;
  const data = bytes.subarray(8 + headerLength);
  if (metadata[sumKey] !== undefined && metadata[sumKey] !== createHash('sha256').update(data).digest('hex'))
    throw damaged('its sum does not match');
  const tensors = new Map<string, NamedTensor>();
  for (const [name, entry] of Object.entries(entries)) {
    const [start, end] = entry.data_offsets;
    const count = entry.shape.reduce((product: number, side: number) => product * side, 1);
    if (entry.dtype !== 'F32') {
      throw new ModelError(
        `${basename(path)}: ${name} is ${entry.dtype}, only F32 can be read; convert it to float32`,
      );
    }
    if (start < 0 || end > data.length || end - start !== 4 * count) throw damaged(`${name} ends outside`);
    const values = new Float32Array(data.buffer.slice(data.byteOffset + start, data.byteOffset + end));
    tensors.set(name, { name, shape: entry.shape, values });
  }
  const { [sumKey]: _sum, ...rest } = metadata;
  return { tensors, metadata: rest };
}
