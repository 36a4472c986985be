import assert from 'node:assert/strict';
import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../../src/compute';
import type { Random } from '../../src/util/random';

/** A tensor of normal numbers around `mean`. */
export function randomTensor(random: Random, shape: number[], mean = 0, sd = 1): Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => mean + sd * random.normal()),
    shape,
  );
}

/** Fails unless all elements agree within `tolerance`; says by how much and where they do not. */
export function assertClose(
  actual: Tensor | ArrayLike<number>,
  expected: Tensor | ArrayLike<number>,
  tolerance: number,
  what = 'values',
): void {
  const a = values(actual);
  const b = values(expected);
  assert.equal(a.length, b.length, `${what}: ${a.length} and ${b.length} elements`);
  let worst = -1;
  let at = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (difference > worst || Number.isNaN(difference)) {
      worst = difference;
      at = i;
      if (Number.isNaN(difference)) break;
    }
  }
  assert.ok(
    worst <= tolerance,
    `${what} differ by ${worst} at ${at}: ${a[at]}, expected ${b[at]} ± ${tolerance}`,
  );
}

function values(data: Tensor | ArrayLike<number>): ArrayLike<number> {
  return 'dataSync' in data ? data.dataSync() : data;
}
