import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Hallmarks, measureHallmarks } from '../../src/interpret/hallmarks';
import type { SegmentedCell } from '../../src/interpret/segment-cell';
import type { SimulatedCell } from '../../src/simulate/population';
import { simulateCells } from '../../src/simulate/simulate-cells';
import { spearman } from '../../src/stats/correlation';

/** A cell given by its shape alone. */
function shaped(inside: (x: number, y: number) => boolean): Hallmarks {
  const mask = Uint8Array.from({ length: 128 * 128 }, (_, i) =>
    inside((i % 128) - 63.5, Math.floor(i / 128) - 63.5) ? 1 : 0,
  );
  const cell: SegmentedCell = { mask, background: 0, noise: 0.01, rimContrast: 0.5 };
  return measureHallmarks(
    Float32Array.from(mask, (value) => 0.2 * value),
    128,
    cell,
  );
}

function near(actual: number, wanted: number, tolerance: number): void {
  assert.ok(Math.abs(actual - wanted) <= tolerance, `${actual} is not ${wanted} ± ${tolerance}`);
}

describe('measureHallmarks', () => {
  it('of a disc: area πr², perimeter 2πr, solid, round, without processes', () => {
    const disc = shaped((x, y) => Math.hypot(x, y) <= 30);
    near(disc.area, Math.PI * 900, 15);
    near(disc.perimeter, 60 * Math.PI, 3);
    near(disc.solidity, 1, 0.03);
    near(disc.eccentricity, 0, 0.05);
    near(disc.pseudopod_extension, 0, 0.07);
    assert.equal(disc.pseudopod_count, 0);
  });

  it('of an ellipse: the eccentricity of its axes', () => {
    near(shaped((x, y) => Math.hypot(x / 40, y / 24) <= 1).eccentricity, 0.8, 0.01);
  });

  it('of a disc with two arms: the longer arm in radii of the disc, and both counted', () => {
    const armed = shaped(
      (x, y) =>
        Math.hypot(x, y) <= 20 ||
        (Math.abs(y) <= 3 && x >= -32 && x <= 50) ||
        (Math.abs(x) <= 2 && y < 0 && y > -5),
    );
    near(armed.pseudopod_extension, 30 / 20, 0.15);
    assert.equal(armed.pseudopod_count, 2);
    assert.ok(armed.solidity < 0.75);
  });

  it('of a crop without a cell are all NaN', () => {
    assert.ok(Object.values(measureHallmarks(new Float32Array(4096), 64)).every(Number.isNaN));
  });

  it('do not change with the brightness of the lamp', () => {
    const simulation = simulateCells({ cells: 40, size: 64, seed: 5 });
    const crop = Float32Array.from(simulation.renderCrop(3), (value) => value / 255);
    const bright = measureHallmarks(crop, 64);
    const dim = measureHallmarks(
      crop.map((value) => 0.7 * value),
      64,
    );
    for (const name of ['area', 'pseudopod_extension'] as const) {
      near(dim[name] / bright[name], 1, 1e-3);
    }
  });

  describe('of drawn cells follow what was planted (Spearman, 300 cells, noise and defocus included)', () => {
    const simulation = simulateCells({ cells: 2000, size: 64, seed: 11 });
    const indices = Array.from({ length: 300 }, (_, i) => i * 6);
    const measured = indices.map((index) =>
      measureHallmarks(
        Float32Array.from(simulation.renderCrop(index), (value) => value / 255),
        64,
      ),
    );
    const pairs: [keyof Hallmarks, keyof SimulatedCell, number][] = [
      ['area', 'area', 0.9],
      ['pseudopod_extension', 'pseudopod_extension', 0.9],
      ['light_scattering', 'light_scattering', 0.75],
      ['focus', 'focus', 0.9],
      // elongation is the body's alone, while the measure sees the processes too
      ['eccentricity', 'elongation', 0.4],
    ];
    for (const [measure, factor, least] of pairs) {
      it(`${measure} follows ${factor}: at least ${least}`, () => {
        const rho = spearman(
          measured.map((row) => row[measure]),
          indices.map((index) => simulation.cells[index][factor] as number),
        );
        assert.ok(rho >= least, `rho ${rho}`);
      });
    }
  });
});
