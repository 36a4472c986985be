import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainScore } from '../../src/interpret/explain-score';
import { seededRandom } from '../../src/util/random';

/** Seven tumors of 60 cells; feature 3 of 6 carries the class, tumors differ in all of them a little. */
function study(effect: number, seed = 1) {
  const random = seededRandom(seed);
  const tumors = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const rows: number[][] = [];
  const groups: string[] = [];
  const labels: boolean[] = [];
  for (const [t, tumor] of tumors.entries()) {
    const offset = Array.from({ length: 6 }, () => 0.15 * random.normal());
    for (let i = 0; i < 60; i++) {
      rows.push(offset.map((value, j) => value + random.normal() + (j === 2 && t < 3 ? effect : 0)));
      groups.push(tumor);
      labels.push(t < 3);
    }
  }
  return {
    latents: Float64Array.from(rows.flat()),
    n: rows.length,
    d: 6,
    groups,
    labels,
    random: seededRandom(9),
  };
}

describe('explainScore', () => {
  it('ranks the planted feature first by every measure, and says that it stands out', async () => {
    const { features, standOut, verdict, smallestP } = await explainScore(study(1.5));
    assert.equal(features[0].feature, 3);
    assert.ok(features[0].correlation > 0.9);
    assert.ok(features[0].correlationInterval[0] > 0.8);
    assert.ok(features[0].onlyAuc > 0.8 && features[0].dropAuc < 0.62);
    assert.ok(features[0].permutationImportance > 0.2);
    assert.ok(features.slice(1).every(({ permutationImportance }) => Math.abs(permutationImportance) < 0.05));
    assert.equal(features[0].signStability, 1);
    assert.equal(smallestP, 1 / 35);
    assert.equal(features[0].p, 1 / 35);
    assert.deepEqual(standOut, [3]);
    assert.match(verdict, /^Feature 3 stands out/);
  });

  it('says that no feature stands out when labels are exchanged between tumors', async () => {
    const data = study(1.5);
    for (const high of [
      ['a', 'd', 'e'],
      ['b', 'f', 'g'],
      ['c', 'd', 'g'],
    ]) {
      const { standOut, verdict } = await explainScore({
        ...data,
        labels: data.groups.map((group) => high.includes(group)),
      });
      assert.deepEqual(standOut, []);
      assert.match(verdict, /^No feature stands out/);
    }
  });

  it('finds something by chance in one of twenty studies at most', async () => {
    let found = 0;
    for (let seed = 10; seed < 50; seed++) {
      if ((await explainScore(study(0, seed))).standOut.length > 0) found++;
    }
    assert.ok(found <= 5, `${found} of 40`); // binomial: more than 5 of 40 at 1/35 has a chance below 1 in 1,000
  });

  it('needs groups of one class', async () => {
    const data = study(1);
    await assert.rejects(
      explainScore({ ...data, labels: data.groups.map((_, i) => i % 2 === 0) }),
      /needs groups of one class each/,
    );
  });
});
