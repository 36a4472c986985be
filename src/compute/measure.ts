/** How fast the backend in use computes, for `lch doctor` and the benchmarks. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from './native-binding';
import { NativeRunner } from './native-runner';
import { networkOperations } from './operations';

/** Billions of floating-point operations per second (a multiplication and an addition count as two). */
export interface Speed {
  /** float32 product of two 1024×1024 matrices. */
  matmul: number;
  /** The same in bfloat16; null on WASM. */
  matmulBfloat16: number | null;
  /** float32 convolution forward: 8 crops, 128×128×64 → 64×64×128, the second layer of `paper`. */
  conv: number;
}

/**
 * Measures matrix product and convolution; the fastest of several runs counts, since other work on the machine only slows. Takes
 * about four seconds on TensorFlow. `await loadBackend()` first.
 */
export function measureSpeed(): Speed {
  tf.engine().startScope();
  try {
    const native = nativeBackend();
    const runner = native && new NativeRunner(native);
    const a = tf.randomNormal([1024, 1024], 0, 1, 'float32', 1);
    const half = runner?.cast(a, 'bfloat16');
    const product = 2 * 1024 ** 3;
    const x = tf.randomNormal([8, 128, 128, 64], 0, 1, 'float32', 2) as Tensor4D;
    const kernel = tf.randomNormal([4, 4, 64, 128], 0, 1, 'float32', 3) as Tensor4D;
    const operations = networkOperations();
    return {
      matmul: gigaflops(product, () => tf.matMul(a, a)),
      matmulBfloat16:
        runner && half
          ? gigaflops(product, () => runner.cast(runner.matrixProduct(half, half, false, false), 'float32'))
          : null,
      conv: gigaflops(2 * 8 * 64 * 64 * 16 * 64 * 128, () => operations.conv(x, kernel)),
    };
  } finally {
    tf.engine().endScope();
  }
}

/** Runs `compute` once to warm up, then until a second has passed (at least three times); the best run counts. */
function gigaflops(operations: number, compute: () => tf.Tensor): number {
  let best = Number.POSITIVE_INFINITY;
  let runs = 0;
  const end = performance.now() + 1000;
  while (runs < 4 || performance.now() < end) {
    const startedAt = performance.now();
    tf.tidy(() => {
      compute().dataSync(); // reading waits for the result
    });
    const seconds = (performance.now() - startedAt) / 1000;
    if (runs++ > 0) best = Math.min(best, seconds);
    if (runs >= 2 && seconds > 5) break; // a slow backend need not run four times
  }
  return operations / best / 1e9;
}
