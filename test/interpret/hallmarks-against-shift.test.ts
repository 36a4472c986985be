import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hallmarksAgainstShift, signTest } from '../../src/interpret/hallmarks-against-shift';

/** A disc with one arm, brighter inside with the shift, longer arm too. */
function picture(cell: number, shift: number): Float32Array {
  const arm = 14 + (cell % 4) + 4 * shift;
  return Float32Array.from({ length: 64 * 64 }, (_, i) => {
    const [x, y] = [(i % 64) - 28, Math.floor(i / 64) - 32];
    const r = Math.hypot(x, y);
    const glow = 0.3 + 0.08 * shift + 0.01 * (cell % 3);
    if (r <= 9) return r > 7 ? 0.8 : glow;
    return Math.abs(y) <= 2.5 && x > 0 && x < arm ? 0.8 : 0.1 + 0.002 * ((i * 7919) % 5);
  });
}

describe('hallmarks against the shift', () => {
  const shifts = [2, -2, 0, 1, -1]; // in no order
  const images = new Float32Array(12 * shifts.length * 4096);
  for (let cell = 0; cell < 12; cell++) {
    shifts.forEach((shift, s) => {
      images.set(picture(cell, shift), (cell * shifts.length + s) * 4096);
    });
  }

  it('tell what rises, by how much, and with which certainty', async () => {
    const changes = await hallmarksAgainstShift({ images, shifts }, 64);
    const of = (name: string) => changes.find(({ hallmark }) => hallmark === name)!;
    for (const name of ['pseudopod_extension', 'light_scattering']) {
      assert.equal(of(name).cells, 12);
      assert.equal(of(name).risingShare, 1);
      assert.ok(of(name).medianRho > 0.89 && of(name).changeInSd > 2, name);
      assert.ok(of(name).p < 0.01);
    }
  });
});

describe('the sign test', () => {
  it('is that of coin tosses', () => {
    assert.ok(Math.abs(signTest(10, 0) - 2 / 1024) < 1e-12);
    assert.ok(Math.abs(signTest(8, 2) - (2 * 56) / 1024) < 1e-12);
    assert.equal(signTest(5, 5), 1);
    assert.equal(signTest(0, 0), 1);
  });
});
