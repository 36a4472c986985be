import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkNoLeak } from '../../../src/data/splits/check-no-leak';
import type { Fold } from '../../../src/data/splits/fold';
import { groupRows, groupRowsByAll, type Unit } from '../../../src/data/splits/group-rows';
import {
  groupedKFold,
  holdOut,
  leaveOneGroupOut,
  nestedFolds,
  type SplitOptions,
} from '../../../src/data/splits/split-rows';
import { loadArquero } from '../../../src/util/arquero';
import { UserError } from '../../../src/util/errors';
import { seededRandom } from '../../../src/util/random';

/** Random experiments: tumors imaged on days, positions per day, tracks per position, frames per track. */
const cells = fc.array(
  fc.record({
    tumor: fc.constantFrom('m405', 'm481', 'm498', 'm528', 'm610'),
    date: fc.constantFrom('150312', '150413', '150415', '150603'),
    series: fc.constantFrom('s01', 's02', 's03'),
    track: fc.constantFrom('1', '2', '3', '4'),
  }),
  { minLength: 1, maxLength: 60 },
);
type Cell = { tumor: string; date: string; series: string; track: string };
const unitLists: Unit[][] = [['tumor'], ['day'], ['series'], ['track'], ['tumor', 'track'], ['tumor', 'day']];

function column(rows: readonly Cell[], name: keyof Cell): string[] {
  return rows.map((row) => row[name]);
}

/** undefined when the table does not allow such a split, which must be said by a typed error. */
function attempt<T>(split: () => T): T | undefined {
  try {
    return split();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, /needs at least \d groups/);
    return undefined;
  }
}

function assertTestedOnce(folds: readonly Fold[], rows: readonly number[]): void {
  const tested = folds.flatMap((fold) => Array.from(fold.test)).sort((a, b) => a - b);
  assert.deepEqual(tested, [...rows]);
  for (const fold of folds) {
    assert.ok(fold.test.length > 0 && fold.train.length > 0, fold.name);
    assert.deepEqual(
      [...fold.train, ...fold.test].sort((a, b) => a - b),
      [...rows],
    );
  }
}

describe('splits of 1,000 random tables', () => {
  it('never leak, test every cell exactly once, and repeat with the seed', async () => {
    const { table } = await loadArquero();
    const make = (rows: readonly Cell[]) =>
      table({
        tumor: column(rows, 'tumor'),
        date: column(rows, 'date'),
        series: column(rows, 'series'),
        track: column(rows, 'track'),
      });
    let possible = 0;
    fc.assert(
      fc.property(
        cells,
        fc.constantFrom(...unitLists),
        fc.integer({ min: 2, max: 5 }),
        fc.constantFrom(undefined, 'tumor'),
        fc.integer(),
        (rows, by, folds, stratify, seed) => {
          const crops = make(rows);
          const all = rows.map((_, i) => i);
          const options: SplitOptions = { by, stratify };
          const kFold = () => groupedKFold(crops, { ...options, folds, random: seededRandom(seed) });
          const parted = attempt(kFold);
          if (parted) {
            possible++;
            assertTestedOnce(parted, all);
            for (const fold of parted) checkNoLeak(crops, fold, by);
            assert.deepEqual(parted, kFold());
          }
          const left = attempt(() => leaveOneGroupOut(crops, { by }));
          if (left) {
            assertTestedOnce(left, all);
            for (const fold of left) checkNoLeak(crops, fold, by);
          }
          const held = attempt(() =>
            holdOut(crops, { ...options, testShare: 0.3, random: seededRandom(seed) }),
          );
          if (held) {
            assert.ok(held.test.length > 0 && held.train.length > 0);
            checkNoLeak(crops, held, by);
          }
          const nested = attempt(() =>
            nestedFolds(crops, { ...options, outer: 'leave-one-out', inner: 2, random: seededRandom(seed) }),
          );
          if (nested) {
            assertTestedOnce(nested, all);
            for (const fold of nested) {
              assertTestedOnce(fold.inner, Array.from(fold.train));
              for (const inner of fold.inner) checkNoLeak(crops, inner, by);
            }
          }
        },
      ),
      { numRuns: 1000, seed: 4 },
    );
    assert.ok(possible > 500, `only ${possible} of 1,000 tables could be split`);
  });
});

describe('stratified folds', () => {
  it('have every class in nearly the same share', async () => {
    const { table } = await loadArquero();
    const random = seededRandom(3);
    const track: string[] = [];
    const tumor: string[] = [];
    for (let t = 0; t < 300; t++) {
      const name = ['m405', 'm481', 'm481', 'm498', 'm498', 'm498'][t % 6];
      for (let frame = 0; frame < 1 + random.integer(20); frame++) {
        track.push(String(t));
        tumor.push(name);
      }
    }
    const folds = groupedKFold(table({ track, tumor }), { by: 'track', stratify: 'tumor', folds: 5, random });
    for (const name of ['m405', 'm481', 'm498']) {
      const total = tumor.filter((value) => value === name).length;
      for (const { test } of folds) {
        const share = Array.from(test).filter((row) => tumor[row] === name).length / total;
        assert.ok(Math.abs(share - 0.2) < 0.02, `${name}: ${share}`);
      }
    }
    const { test } = holdOut(table({ track, tumor }), { by: 'track', testShare: 0.1, random });
    assert.ok(Math.abs(test.length / track.length - 0.1) < 0.02, `${test.length / track.length}`);
  });
});

describe('groupRows', () => {
  it('takes the same series number on another day for another series', async () => {
    const { table } = await loadArquero();
    const crops = table({ date: ['140606', '140606', '140617'], series: ['s07', 's07', 's07'] });
    assert.deepEqual(groupRows(crops, 'series').names, ['140606 s07', '140617 s07']);
  });

  it('tells tracks by what file names say when there is no column track', async () => {
    const { table } = await loadArquero();
    const crops = table({
      date: ['150312', '150312', '150312'],
      cell_type: ['m610', 'm610', 'm610'],
      series: ['s19', 's19', 's19'],
      x: [1999, 1999, 2000],
      y: [675, 675, 675],
      start: [60, 60, 60],
      end: [184, 184, 184],
      frame: [80, 120, 80],
    });
    assert.deepEqual(Array.from(groupRows(crops, 'track').of), [0, 0, 1]);
  });

  it('joins what days and tumors have in common', async () => {
    const { table } = await loadArquero();
    const crops = table({ tumor: ['a', 'a', 'b', 'c'], date: ['1', '2', '2', '3'] });
    const { names, of } = groupRowsByAll(crops, ['tumor', 'day']);
    assert.deepEqual(
      [names, Array.from(of)],
      [
        ['a+b', 'c'],
        [0, 0, 0, 1],
      ],
    );
  });

  it('names a column that is missing, and a row without a value', async () => {
    const { table } = await loadArquero();
    assert.throws(
      () => groupRows(table({ tumour: ['a'] }), 'tumor'),
      /^DataError: groupRows: the table has no column tumor to group by tumor; nearest is tumour/,
    );
    assert.throws(
      () => groupRows(table({ tumor: ['a', ''] }), 'tumor'),
      /row 2 has no tumor, so its tumor is not known/,
    );
  });
});

describe('checkNoLeak', () => {
  it('names the track, series or day that stands on both sides', async () => {
    const { table } = await loadArquero();
    const crops = table({
      date: ['150312', '150312', '150413'],
      series: ['s01', 's02', 's01'],
      track: ['7', '7', '7'],
    });
    const fold = { name: 'x', train: Int32Array.of(0, 2), test: Int32Array.of(1) };
    checkNoLeak(crops, fold, ['track', 'series']);
    assert.throws(
      () => checkNoLeak(crops, fold, ['track', 'day']),
      /^DataError: checkNoLeak: day 150312 stands on both sides of fold x \(training row 1, test row 2\); split by day/,
    );
    assert.throws(
      () => checkNoLeak(crops, { ...fold, test: Int32Array.of(2) }, []),
      /row 3 is in training and in test/,
    );
  });
});
