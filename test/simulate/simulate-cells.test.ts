import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { type ByGroupResult, classifyByGroup } from '../../src/classify/leave-one-group-out';
import { parseCropName } from '../../src/data/crop-name';
import type { SimulatedCell } from '../../src/simulate/population';
import { type Simulation, simulateCells } from '../../src/simulate/simulate-cells';
import { cellsTable } from '../../src/simulate/write-simulation';

const hallmarks = ['pseudopod_extension', 'light_scattering'] as const;
const nuisance = ['area', 'elongation', 'granularity', 'focus'] as const;

/** LDA with equal priors on planted factors, each tumor scored by a classifier of the others. */
async function efficiencyByTumor(
  cells: readonly SimulatedCell[],
  factors: readonly (keyof SimulatedCell)[],
): Promise<ByGroupResult> {
  return classifyByGroup({
    latents: Float64Array.from(cells.flatMap((cell) => factors.map((factor) => Number(cell[factor])))),
    n: cells.length,
    d: factors.length,
    labels: cells.map((cell) => cell.metastatic_efficiency === 'high'),
    groups: cells.map((cell) => cell.tumor),
  });
}

const pdxOf = (simulation: Simulation) => simulation.cells.filter(({ category }) => category === 'PDX');

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

describe('simulateCells', () => {
  it('gives the same bytes on every Node and processor: table and crops have the sums written here', () => {
    const hash = createHash('sha256');
    for (const size of [64, 100, 256]) {
      const simulation = simulateCells({ cells: 40, size, seed: 7 });
      hash.update(cellsTable(simulation.cells));
      for (let i = 0; i < 40; i += 4) hash.update(simulation.renderCrop(i)).update(simulation.renderMask(i));
    }
    // changes with every change of what is drawn; then write the new sum and run scripts/fill-manifest-sums.mjs
    assert.equal(hash.digest('hex').slice(0, 16), 'ce88da0e5094fa23');
  });

  it('draws a crop the same whatever was drawn before, and another for another seed', () => {
    const [one, two] = [1, 1].map(() => simulateCells({ cells: 20, size: 64, seed: 3 }));
    const late = [19, 4, 11].map((index) => one.renderCrop(index));
    assert.deepEqual(two.renderCrop(4), late[1]);
    assert.deepEqual(one.renderCrop(19), late[0]);
    assert.notDeepEqual(simulateCells({ cells: 20, size: 64, seed: 4 }).renderCrop(4), late[1]);
  });

  it('true factors tell the efficiency of a single cell of an unseen tumor at AUC 0.83 to 0.90', async () => {
    for (const seed of [1, 7]) {
      const cells = pdxOf(simulateCells({ cells: 5000, size: 64, seed }));
      for (const factors of [hallmarks, [...hallmarks, ...nuisance]]) {
        const { auc } = await efficiencyByTumor(cells, factors);
        assert.ok(auc.value >= 0.83 && auc.value <= 0.9, `AUC ${auc.value} [${auc.ci95}], seed ${seed}`);
      }
    }
  });

  it('without the two hallmarks nothing planted tells efficiency: AUC at most 0.57', async () => {
    for (const seed of [1, 7, 11]) {
      const { auc } = await efficiencyByTumor(
        pdxOf(simulateCells({ cells: 5000, size: 64, seed })),
        nuisance,
      );
      assert.ok(auc.value <= 0.57, `AUC ${auc.value}, seed ${seed}`);
    }
  });

  it('with separation 0 the hallmarks tell nothing either, and with 2.5 nearly all', async () => {
    const at = (separation: number) =>
      efficiencyByTumor(pdxOf(simulateCells({ cells: 5000, size: 64, seed: 7, separation })), hallmarks);
    assert.ok((await at(0)).auc.value <= 0.57);
    assert.ok((await at(2.5)).auc.value > 0.95);
  });

  it('mean intensity tells the day far above chance', () => {
    const simulation = simulateCells({ cells: 1200, size: 32, seed: 7 });
    const days = [...new Set(simulation.cells.map(({ date }) => date))];
    const means = simulation.cells.map((_, i) => mean(simulation.renderCrop(i)));
    // the nearest day's mean, learnt from even tracks and asked of odd ones
    const tracks = [...new Set(simulation.cells.map(({ track }) => track))];
    const parity = new Map(tracks.map((track, i) => [track, i % 2]));
    const isTest = simulation.cells.map(({ track }) => parity.get(track) === 1);
    const centres = days.map((day) =>
      mean(means.filter((_, i) => !isTest[i] && simulation.cells[i].date === day)),
    );
    let [right, asked] = [0, 0];
    simulation.cells.forEach(({ date }, i) => {
      if (!isTest[i]) return;
      const distances = centres.map((centre) => Math.abs(centre - means[i]));
      asked++;
      if (days[distances.indexOf(Math.min(...distances))] === date) right++;
    });
    const chance = 1 / days.length;
    assert.ok(right / asked > 2 * chance, `${right} of ${asked} days right, chance ${chance}`);
  });

  it('planted hallmarks show in the pixels: process length in the mask, light scattering in speckle inside the cell', () => {
    const simulation = simulateCells({ cells: 400, size: 64, seed: 5 });
    const [reach, speckle]: [number[], number[]] = [[], []];
    simulation.cells.forEach(({ area, elongation }, index) => {
      const [crop, mask] = [simulation.renderCrop(index), simulation.renderMask(index)];
      let [farthest, rough, inside] = [0, 0, 0];
      const half = 0.6 * Math.sqrt(area / Math.PI / elongation);
      for (let y = 1; y < 63; y++) {
        for (let x = 1; x < 63; x++) {
          const at = y * 64 + x;
          if (!mask[at]) continue;
          const distance = Math.hypot(x - 31.5, y - 31.5);
          farthest = Math.max(farthest, distance);
          if (distance > half) continue;
          rough += Math.abs(4 * crop[at] - crop[at - 1] - crop[at + 1] - crop[at - 64] - crop[at + 64]);
          inside++;
        }
      }
      reach.push(farthest / Math.sqrt(area / Math.PI));
      speckle.push(rough / inside);
    });
    const sharp = simulation.cells.map(({ focus }) => focus < 0.5);
    const kept = <T>(values: readonly T[]) => values.filter((_, i) => sharp[i]);
    const planted = (factor: (typeof hallmarks)[number]) => simulation.cells.map((cell) => cell[factor]);
    const process = correlation(reach, planted('pseudopod_extension'));
    const scattering = correlation(kept(speckle), kept(planted('light_scattering')));
    assert.ok(process > 0.7, `process length: ${process}`);
    assert.ok(scattering > 0.5, `light scattering: ${scattering}`);
  });

  it('frames of a track are one cell: same day and place, alike in the hallmarks; a few switch state', () => {
    const { cells } = simulateCells({ cells: 4000, size: 64, seed: 7, framesPerTrack: 8 });
    const tracks = new Map<string, SimulatedCell[]>();
    for (const cell of cells) tracks.set(cell.track, [...(tracks.get(cell.track) ?? []), cell]);
    assert.equal(tracks.size, 500);
    let switched = 0;
    const [first, second]: [number[], number[]] = [[], []];
    for (const frames of tracks.values()) {
      assert.equal(new Set(frames.map(({ date, series, x, y }) => [date, series, x, y].join())).size, 1);
      assert.ok(frames.every(({ frame }, i) => i === 0 || frame > frames[i - 1].frame));
      if (new Set(frames.map(({ state }) => state)).size > 1) switched++;
      first.push(frames[0].light_scattering);
      second.push(frames[1].light_scattering);
    }
    assert.ok(correlation(first, second) > 0.8);
    assert.ok(switched > 10 && switched < 60, `${switched} of 500 switched`);
  });

  it('names files by the study’s scheme, each once, and names hold what the table says', () => {
    const { cells } = simulateCells({ cells: 5000, size: 64, seed: 2 });
    assert.equal(new Set(cells.map(({ path }) => path)).size, 5000);
    for (const cell of cells) {
      const parsed = parseCropName(cell.path);
      assert.ok(parsed, cell.path);
      const { cell_type: cellType, date, series, x, y, start, end, frame } = cell;
      assert.deepEqual(parsed, { cellType, date, series, x, y, start, end, frame });
      assert.ok(frame <= end - start);
    }
  });

  it('has seven PDX tumors on several days each, several tumors a day, lines, clones and melanocytes', () => {
    const { cells } = simulateCells({ cells: 4000, size: 64, seed: 2 });
    const pdx = cells.filter(({ category }) => category === 'PDX');
    const efficiency = (name: string) => pdx.find(({ tumor }) => tumor === name)?.metastatic_efficiency;
    assert.deepEqual(['m405', 'm481', 'm634', 'm498', 'm528', 'm597', 'm610'].map(efficiency), [
      'high',
      'high',
      'high',
      'low',
      'low',
      'low',
      'low',
    ]);
    assert.deepEqual([...new Set(cells.map(({ category }) => category))].sort(), [
      'PDX',
      'cell line',
      'clone',
      'melanocyte',
    ]);
    for (const tumor of new Set(pdx.map((cell) => cell.tumor))) {
      assert.ok(new Set(pdx.filter((cell) => cell.tumor === tumor).map(({ date }) => date)).size >= 3);
    }
    for (const date of new Set(pdx.map((cell) => cell.date))) {
      assert.ok(new Set(pdx.filter((cell) => cell.date === date).map(({ tumor }) => tumor)).size >= 2, date);
    }
    // a first part of the table is as mixed as the whole
    assert.equal(new Set(cells.slice(0, 200).map(({ tumor }) => tumor)).size >= 12, true);
  });

  it('refuses what cannot be drawn in one line', () => {
    assert.throws(
      () => simulateCells({ cells: 0, size: 64, seed: 1 }),
      /whole number of cells from 1 on, got 0/,
    );
    assert.throws(() => simulateCells({ cells: 1, size: 8, seed: 1 }), /from 16 to 1024 pixels, got 8/);
    assert.throws(
      () => simulateCells({ cells: 1, size: 64, seed: 1, separation: -1 }),
      /separation from 0 on/,
    );
    assert.throws(() => simulateCells({ cells: 1, size: 64, seed: 1, framesPerTrack: 0 }), /framesPerTrack/);
    assert.throws(() => simulateCells({ cells: 1, size: 64, seed: 1 }).renderCrop(1), /there is no crop 1/);
  });
});
