import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// Numbers that Torch7 itself wrote (torch7 814ea4a, nn 8726825, optim a5ceed7) for a small network of the reference's architecture, on
// drawn pictures.
const folder = join(__dirname, '../../../test/fixtures/golden');

interface GoldenTensor {
  name: string;
  shape: number[];
  file: string;
  byteOffset: number;
  count: number;
}

interface GoldenIndex {
  imageSize: number;
  nLatentDims: number;
  channels: number[];
  adversaryWidths: [number, number, number];
  learningRate: number;
  scalars: Record<string, number>;
  tensors: GoldenTensor[];
}

export const goldenIndex: GoldenIndex = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8'));
const byName = new Map(goldenIndex.tensors.map((tensor) => [tensor.name, tensor]));

export function goldenBytes(file: string): Buffer {
  return readFileSync(join(folder, file));
}

export function golden(name: string): { values: Float32Array; shape: number[] } {
  const tensor = byName.get(name);
  if (!tensor) throw new Error(`no golden tensor ${name}`);
  const bytes = goldenBytes(tensor.file);
  const values = new Float32Array(tensor.count);
  for (let i = 0; i < tensor.count; i++) values[i] = bytes.readFloatLE(tensor.byteOffset + 4 * i);
  return { values, shape: tensor.shape };
}

/** All golden tensors whose names start so, without that start. */
export function goldenNames(start: string): string[] {
  return goldenIndex.tensors
    .filter(({ name }) => name.startsWith(start))
    .map(({ name }) => name.slice(start.length));
}

/** A Torch7 tensor in our layout: convolutions (a, b, h, w) → [h, w, b, a], linear weights transposed, images NCHW → NHWC. */
export function inOurLayout({ values, shape }: { values: Float32Array; shape: number[] }): Float32Array {
  if (shape.length === 2) return permute(values, shape, [1, 0]);
  if (shape.length === 4) return permute(values, shape, [2, 3, 1, 0]);
  return values;
}

/** Axes reordered: axis i of the result is axis order[i] of the input. */
export function permute(values: Float32Array, shape: number[], order: number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  const target = order.map((axis) => shape[axis]);
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let rest = i;
    let from = 0;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      from += (rest % target[axis]) * strides[order[axis]];
      rest = Math.floor(rest / target[axis]);
    }
    result[i] = values[from];
  }
  return result;
}
