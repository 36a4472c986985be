import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fourierSize, planFourier } from '../../src/simulate/fourier';
import { seededRandom } from '../../src/util/random';

describe('planFourier', () => {
  it('gives the sums of the definition, rows and columns swapped, for sizes with factors 4, 3 and 2', () => {
    for (const n of [8, 12, 18]) {
      const random = seededRandom(n);
      const re = Float64Array.from({ length: n * n }, () => random.normal());
      const im = Float64Array.from({ length: n * n }, () => random.normal());
      const field = { re: re.slice(), im: im.slice() };
      planFourier(n).forward(field);
      for (const [u, v] of [
        [0, 0],
        [1, 0],
        [0, 3],
        [2, n - 1],
      ]) {
        let [sumRe, sumIm] = [0, 0];
        for (let y = 0; y < n; y++) {
          for (let x = 0; x < n; x++) {
            const angle = (-2 * Math.PI * (u * x + v * y)) / n;
            sumRe += re[y * n + x] * Math.cos(angle) - im[y * n + x] * Math.sin(angle);
            sumIm += re[y * n + x] * Math.sin(angle) + im[y * n + x] * Math.cos(angle);
          }
        }
        assert.ok(Math.abs(field.re[u * n + v] - sumRe) < 1e-6, `${n}: ${u}, ${v}`);
        assert.ok(Math.abs(field.im[u * n + v] - sumIm) < 1e-6, `${n}: ${u}, ${v}`);
      }
    }
  });

  it('there and back is the same field', () => {
    const n = 72;
    const random = seededRandom(1);
    const re = Float64Array.from({ length: n * n }, () => random.normal());
    const im = Float64Array.from({ length: n * n }, () => random.normal());
    const field = { re: re.slice(), im: im.slice() };
    const plan = planFourier(n);
    plan.forward(field);
    plan.inverse(field);
    for (let i = 0; i < n * n; i++) {
      assert.ok(Math.abs(field.re[i] - re[i]) < 1e-7);
      assert.ok(Math.abs(field.im[i] - im[i]) < 1e-7);
    }
  });

  it('refuses sizes with other prime factors, and fourierSize finds none of them', () => {
    assert.throws(() => planFourier(20), /twos and threes, got 20/);
    assert.deepEqual([17, 71, 100, 282].map(fourierSize), [24, 72, 108, 288]);
  });
});
