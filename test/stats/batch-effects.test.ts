import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { centerBatches } from '../../src/stats/center-batches';
import { harmonise } from '../../src/stats/harmony';
import { permanova, varianceExplained } from '../../src/stats/variance-explained';
import { DataError, OptionError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';

/** Cells of 20 days and 2 categories (crossed); standard deviations of the effects as given, 1 between cells. */
function cells(daySd: number, categorySd: number, seed = 1) {
  const random = seededRandom(seed);
  const d = 10;
  const n = 2000;
  const dayShift = Float64Array.from({ length: 20 * d }, () => daySd * random.normal());
  const categoryShift = Float64Array.from({ length: d }, (_, j) => categorySd * (j % 2 === 0 ? 2 : -2));
  const day = Array.from({ length: n }, (_, i) => i % 20);
  const category = Array.from({ length: n }, () => (random.uniform() < 0.5 ? 'high' : 'low'));
  const x = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      x[i * d + j] =
        random.normal() + dayShift[day[i] * d + j] + (category[i] === 'high' ? categoryShift[j] : 0);
    }
  }
  return { x, n, d, day, category };
}

describe('varianceExplained', () => {
  it('finds planted variance components, and R² of a factor without effect is what chance gives', () => {
    const { x, n, d, day, category } = cells(1, 0);
    const { factors, residualFraction } = varianceExplained(x, n, d, { day, category });
    const [byDay, byCategory] = factors;
    assert.ok(Math.abs(byDay.fraction - 0.5) < 0.08, `day ${byDay.fraction}`); // 1 / (1 + 1)
    assert.ok(byDay.r2 > 0.4 && byDay.r2 < 0.6);
    assert.ok(byCategory.r2 < 0.003 && Math.abs(byCategory.adjustedR2) < 0.002);
    assert.ok(byCategory.fraction < 0.005);
    assert.ok(Math.abs(factors[0].fraction + factors[1].fraction + residualFraction - 1) < 1e-12);
  });

  it('does not give a category the variance of the days that it was imaged on', () => {
    const { x, n, d, day } = cells(1, 0, 2);
    const category = day.map((value) => (value < 10 ? 'a' : 'b')); // whole days
    const [, byCategory] = varianceExplained(x, n, d, { day, category }).factors;
    assert.ok(byCategory.r2 > 0.01); // all that goes along with it
    assert.ok(byCategory.fraction < 0.06); // its own
  });

  it('names factors that sort cells alike, a factor of one level, and cells without spread', () => {
    const { x, n, d, day } = cells(1, 0);
    assert.throws(
      () => varianceExplained(x, n, d, { day, tumor: day.map(String) }),
      /sort the cells in the same way/,
    );
    assert.throws(() => varianceExplained(x, n, d, { day: day.map(() => 1) }), OptionError);
    assert.throws(() => varianceExplained(new Float64Array(n * d), n, d, { day }), DataError);
  });
});

describe('permanova', () => {
  it('exchanges whole days: days that differ do not make their category significant', () => {
    const { x, n, d, day } = cells(1, 0, 3);
    const category = day.map((value) => value % 2);
    const { p } = permanova(x, n, d, category, day, { permutations: 199, random: seededRandom(1) });
    assert.ok(p > 0.05, `p = ${p}`);
    const shifted = x.map((value, i) => value + 3 * category[Math.floor(i / d)]);
    const found = permanova(shifted, n, d, category, day, { permutations: 199, random: seededRandom(1) });
    assert.equal(found.p, 1 / 200);
  });
});

describe('centerBatches', () => {
  it('gives the reference cells of every day the same mean and spread, and moves the others along', () => {
    const { x, n, d, day, category } = cells(2, 1);
    const reference = category.map((name) => name === 'low');
    const corrected = centerBatches(x, n, d, day, { reference });
    for (const wanted of [0, 7]) {
      const own = [...corrected.keys()].filter(
        (at) => at % d === 3 && day[(at - 3) / d] === wanted && reference[(at - 3) / d],
      );
      const mean = own.reduce((sum, at) => sum + corrected[at], 0) / own.length;
      const all = [...x.keys()].filter((at) => at % d === 3 && reference[(at - 3) / d]);
      const target = all.reduce((sum, at) => sum + x[at], 0) / all.length;
      assert.ok(Math.abs(mean - target) < 1e-9);
    }
    const { factors } = varianceExplained(corrected, n, d, { day, category });
    assert.ok(factors[0].fraction < 0.02 && factors[1].fraction > 0.3);
    const none = category.map((_, i) => day[i] > 0);
    assert.throws(() => centerBatches(x, n, d, day, { reference: none }), /got 0 in "0"/);
  });
});

describe('harmonise', () => {
  it('takes the days’ shifts out and leaves most of the difference between categories', async () => {
    const { x, n, d, day, category } = cells(1, 0.8, 5);
    const before = varianceExplained(x, n, d, { day, category }).factors;
    const corrected = await harmonise(x, n, d, day, { random: seededRandom(1), rounds: 5 });
    const after = varianceExplained(corrected, n, d, { day, category }).factors;
    assert.ok(after[0].r2 < 0.35 * before[0].r2, `day ${before[0].r2} to ${after[0].r2}`);
    assert.ok(after[1].r2 > before[1].r2, `category ${before[1].r2} to ${after[1].r2}`);
  });
});
