import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainMatrixProduct } from '../../src/latent/matrix-product';
import { tensorMatrixProduct } from '../../src/latent/tensor-product';
import { seededRandom } from '../../src/util/random';

describe('matrix products', () => {
  it('agree between plain TypeScript, the tensor backend and the definition, for sizes that do not fill a block', async () => {
    const random = seededRandom(1);
    const tensor = await tensorMatrixProduct();
    for (const [rowsA, rowsB, d] of [
      [1, 1, 1],
      [5, 3, 4],
      [8, 6, 7],
      [9, 11, 56],
    ]) {
      const a = Float32Array.from({ length: rowsA * d }, () => random.normal());
      const b = Float32Array.from({ length: rowsB * d }, () => random.normal());
      const plain = plainMatrixProduct(a, rowsA, b, rowsB, d);
      const onBackend = await tensor(a, rowsA, b, rowsB, d);
      for (let p = 0; p < rowsA; p++) {
        for (let q = 0; q < rowsB; q++) {
          let sum = 0;
          for (let j = 0; j < d; j++) sum += a[p * d + j] * b[q * d + j];
          assert.ok(Math.abs(plain[p * rowsB + q] - sum) < 1e-4);
          assert.ok(Math.abs(onBackend[p * rowsB + q] - sum) < 1e-4);
        }
      }
    }
  });
});
