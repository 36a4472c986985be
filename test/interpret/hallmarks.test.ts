import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Hallmarks, measureHallmarks } from '../../src/interpret/hallmarks';
import { nuisanceAgainstShift } from '../../src/interpret/nuisance-against-shift';
import type { SegmentedCell } from '../../src/interpret/segment-cell';
import type { PlantedFactors } from '../../src/simulate/population';
import { simulateCells } from '../../src/simulate/simulate-cells';
import { spearman } from '../../src/stats/correlation';
import { cleanCrop, cropWith, noisyCrop } from '../helpers/clean-crops';

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

  it('of the body do not take in a larger cell that a process touches', () => {
    const alone = shaped((x, y) => Math.hypot(x, y / 1.2) <= 18);
    const touched = shaped(
      (x, y) =>
        Math.hypot(x, y / 1.2) <= 18 || (Math.abs(y) <= 3 && x > 0 && x < 40) || Math.hypot(x - 55, y) <= 24,
    );
    near(alone.body_area, Math.PI * 18 ** 2 * 1.2, 40);
    near(alone.body_elongation, 1.2, 0.05);
    near(touched.body_area, alone.body_area, 25);
    near(touched.body_elongation, alone.body_elongation, 0.05);
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

  describe('of drawn cells follow what was planted (Spearman, 300 cells)', () => {
    const simulation = simulateCells({ cells: 2400, size: 64, seed: 21 });
    const indices = Array.from({ length: 300 }, (_, i) => i * 8);
    const kinds = { clean: cleanCrop, noisy: noisyCrop };
    const measured = new Map(
      Object.entries(kinds).map(([kind, crop]) => [
        kind,
        indices.map((index) => measureHallmarks(crop(simulation, index), 64)),
      ]),
    );
    const planted = (factor: keyof PlantedFactors) =>
      indices.map((index) => simulation.cells[index][factor] as number);
    const rho = (kind: string, measure: keyof Hallmarks, factor: keyof PlantedFactors) =>
      spearman(
        measured.get(kind)!.map((row) => row[measure]),
        planted(factor),
      );
    const pairs: [keyof Hallmarks, keyof PlantedFactors, clean: number, noisy: number][] = [
      ['area', 'area', 0.94, 0.94],
      ['pseudopod_extension', 'pseudopod_extension', 0.9, 0.9],
      ['light_scattering', 'light_scattering', 0.8, 0.75],
      ['focus', 'focus', Number.NaN, 0.93], // all in focus on clean crops
      ['granularity', 'granularity', 0.4, 0.35],
      ['body_area', 'area', 0.96, 0.96],
      ['body_elongation', 'elongation', 0.75, 0.75],
      // elongation is the body's alone, while this measure sees the processes too
      ['eccentricity', 'elongation', 0.4, 0.4],
    ];
    for (const [measure, factor, ...least] of pairs) {
      it(`${measure} follows ${factor}`, (test) => {
        ['clean', 'noisy'].forEach((kind, k) => {
          if (Number.isNaN(least[k])) return;
          const value = rho(kind, measure, factor);
          test.diagnostic(`${measure} and planted ${factor}, ${kind} crops: ${value.toFixed(2)}`);
          assert.ok(value >= least[k], `${kind}: rho ${value}`);
        });
      });
    }

    it('nuisance measures follow neither hallmark more than the planted factors themselves do by chance', (test) => {
      for (const [measure, own] of [
        ['body_area', 'area'],
        ['body_elongation', 'elongation'],
        ['focus', 'focus'],
        ['background', null],
      ] as const) {
        for (const hallmark of ['pseudopod_extension', 'light_scattering'] as const) {
          const value = rho('noisy', measure, hallmark);
          const chance = own ? spearman(planted(own), planted(hallmark)) : 0;
          test.diagnostic(
            `${measure} and planted ${hallmark}: ${value.toFixed(2)} (${own} itself: ${chance.toFixed(2)})`,
          );
          assert.ok(Math.abs(value - chance) < 0.15, `${measure}, ${hallmark}: ${value}, ${chance}`);
        }
      }
    });
  });

  describe('of the same cells with longer pseudopods and more scattered light, nothing else changed', () => {
    const simulation = simulateCells({ cells: 1200, size: 64, seed: 22 });
    const indices = Array.from({ length: 40 }, (_, i) => i * 30);
    const shifts = [-2, -1, 0, 1, 2];
    /** Each cell on a day of its own, as cells of a study are. */
    const day = (cell: number) => ({ gain: 1, offset: 0.03 + 0.005 * (cell % 9), blur: 0.15, texture: 1 });
    const measure = (nuisance: (cell: number, shift: number) => Partial<PlantedFactors>) =>
      indices.flatMap((index, cell) =>
        shifts.map((shift) =>
          measureHallmarks(
            cropWith(
              simulation,
              index,
              {
                pseudopod_extension: Math.max(0.05, 0.95 + 0.4 * shift),
                light_scattering: 0.45 + 0.16 * shift,
                ...nuisance(cell, shift),
              },
              day(cell),
            ),
            64,
          ),
        ),
      );
    /** Hallmarks at no shift differ between cells, too: their spread over the planted population. */
    const spread = { pseudopod_extension: 0.4, light_scattering: 0.06 };

    it('every nuisance measure stands still: its whole interval within a fifth of the hallmarks', (test) => {
      for (const row of nuisanceAgainstShift(
        measure(() => ({})),
        shifts,
        { spread },
      )) {
        test.diagnostic(`${row.measure}: ${row.share.toFixed(3)} of the hallmarks' movement`);
        assert.equal(row.verdict, 'still', `${row.measure} ${row.share} ${row.interval}`);
      }
    });

    for (const [factor, name] of [
      ['area', 'body_area'],
      ['elongation', 'body_elongation'],
      ['focus', 'focus'],
    ] as const) {
      it(`${name} moves where ${factor} is shifted along`, () => {
        const along = measure((cell, shift) => {
          const own = simulation.cells[indices[cell]][factor];
          const step = { area: 80, elongation: 0.15, focus: 0.2 }[factor] * (shift + 2);
          return { [factor]: own + step };
        });
        const row = nuisanceAgainstShift(along, shifts, { spread }).find(({ measure: of }) => of === name)!;
        assert.equal(row.verdict, 'moves', `${row.share} ${row.interval}`);
      });
    }
  });
});
