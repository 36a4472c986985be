import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { choose, permuteUnits } from '../../src/stats/permutation';
import { OptionError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';

/** Difference of the means of both classes. */
const difference = (values: number[]) => (labels: readonly boolean[]) => {
  const mean = (wanted: boolean) => {
    const own = values.filter((_, i) => labels[i] === wanted);
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  };
  return mean(true) - mean(false);
};

describe('permuteUnits', () => {
  it('goes through all 35 labelings of 7 tumors with 3 high ones, so p cannot fall below 1/35', async () => {
    const labels = [true, true, true, false, false, false, false];
    const result = await permuteUnits(labels, difference([9, 8, 7, 3, 2, 1, 0]), { random: seededRandom(1) });
    assert.equal(result.labelings, choose(7, 3));
    assert.equal(result.labelings, 35);
    assert.equal(result.exact, true);
    assert.equal(result.n, 35);
    assert.equal(result.p, 1 / 35);
    assert.equal(result.smallestP, 1 / 35);
    assert.equal(result.null.length, 34);
  });

  it('counts ties as at least as large', async () => {
    const result = await permuteUnits([true, false, false], difference([1, 1, 1]), {
      random: seededRandom(1),
    });
    assert.equal(result.p, 1);
  });

  it('samples labelings when there are too many, and its p has that resolution', async () => {
    const random = seededRandom(2);
    const labels = Array.from({ length: 40 }, (_, i) => i < 20);
    const values = labels.map((label) => random.normal() + (label ? 3 : 0));
    const result = await permuteUnits(labels, difference(values), { permutations: 200, random });
    assert.equal(result.exact, false);
    assert.equal(result.p, 1 / 201);
  });

  it('is uniform when labels mean nothing: 400 p values pass a Kolmogorov–Smirnov test', async () => {
    const random = seededRandom(3);
    const labels = Array.from({ length: 14 }, (_, i) => i < 7);
    const p: number[] = [];
    for (let repeat = 0; repeat < 400; repeat++) {
      const values = labels.map(() => random.normal());
      p.push((await permuteUnits(labels, difference(values), { permutations: 99, random })).p);
    }
    p.sort((a, b) => a - b);
    // p takes the values 0.01, 0.02, … 1; at those the distribution function must be p itself
    let gap = 0;
    for (let step = 1; step <= 100; step++) {
      const share = p.filter((value) => value <= step / 100 + 1e-9).length / p.length;
      gap = Math.max(gap, Math.abs(share - step / 100));
    }
    assert.ok(gap < 1.63 / Math.sqrt(400), `largest gap ${gap}`); // 1 % level
  });

  it('refuses less than one permutation', async () => {
    const options = { permutations: 0, random: seededRandom(1) };
    await assert.rejects(permuteUnits([true, false], difference([1, 2]), options), OptionError);
  });
});
