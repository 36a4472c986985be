import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { segmentCell } from '../../src/interpret/segment-cell';
import { simulateCells } from '../../src/simulate/simulate-cells';
import { ShapeError } from '../../src/util/errors';
import { cleanCrop, noisyCrop } from '../helpers/clean-crops';

/** Twice the shared area over the sum of both. */
function dice(a: Uint8Array, b: Uint8Array): number {
  let shared = 0;
  let both = 0;
  a.forEach((value, i) => {
    shared += value & b[i];
    both += value + b[i];
  });
  return (2 * shared) / both;
}

describe('segmentCell', () => {
  for (const [size, cells, least] of [
    [64, 120, 0.94],
    [128, 40, 0.93],
    [256, 12, 0.9],
  ]) {
    it(`finds drawn cells of ${size} pixels: Dice at least ${least} in the mean and 0.7 in each`, (test) => {
      const simulation = simulateCells({ cells: 1000, size, seed: 11 });
      for (const [kind, crop] of [
        ['clean', cleanCrop],
        ['noisy', noisyCrop],
      ] as const) {
        const values = Array.from({ length: cells }, (_, i) =>
          dice(segmentCell(crop(simulation, i * 8), size).mask, simulation.renderMask(i * 8)),
        );
        const mean = values.reduce((sum, value) => sum + value, 0) / cells;
        const worst = Math.min(...values);
        test.diagnostic(
          `Dice, ${kind} crops of ${size} pixels: mean ${mean.toFixed(3)}, worst ${worst.toFixed(3)}`,
        );
        assert.ok(mean >= least, `${kind}: mean ${mean}`);
        assert.ok(worst >= 0.7, `${kind}: worst ${worst}`);
      }
    });
  }

  it('finds a drawn disc in the middle, not the brighter one at the edge, and does not care for the lamp', () => {
    const draw = (gain: number) =>
      Float32Array.from({ length: 4096 }, (_, i) => {
        const [x, y] = [i % 64, Math.floor(i / 64)];
        const ring = (distance: number, radius: number) => Math.exp(-0.5 * ((distance - radius) / 0.9) ** 2);
        const middle = 0.4 * ring(Math.hypot(x - 31.5, y - 31.5), 9);
        return gain * (0.05 + 0.004 * ((i * 7919) % 5) + middle + 0.6 * ring(Math.hypot(x - 60, y - 5), 8));
      });
    const { mask } = segmentCell(draw(1), 64);
    const area = mask.reduce((sum, value) => sum + value, 0);
    // from the rim's crest to the foot of its outer flank
    assert.ok(area > Math.PI * 9 ** 2 && area < Math.PI * 12 ** 2, `area ${area}`);
    assert.deepEqual(segmentCell(draw(0.6), 64).mask, mask);
  });

  it('finds nothing in an empty crop, and in a black one', () => {
    assert.ok(!segmentCell(new Float32Array(4096), 64).mask.includes(1));
    const noise = Float32Array.from({ length: 4096 }, (_, i) => 0.05 + 0.01 * Math.sin(i * 12.9898) ** 2);
    assert.ok(!segmentCell(noise, 64).mask.includes(1));
  });

  it('needs a square crop of the stated size', () => {
    assert.throws(() => segmentCell(new Float32Array(10), 64), ShapeError);
  });
});
