import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { curveBands } from '../../src/stats/curve-bands';
import { normalCdf, normalQuantile } from '../../src/stats/normal';
import { precisionRecall } from '../../src/stats/precision-recall';
import { rocCurve } from '../../src/stats/roc-curve';
import { InterruptedError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';

/** Independent cells whose positive scores lie one standard deviation higher. */
function cells(n: number, random: ReturnType<typeof seededRandom>) {
  const labels = Array.from({ length: n }, (_, i) => i % 2 === 0);
  return { labels, scores: labels.map((label) => random.normal() + (label ? 1 : 0)) };
}

describe('curveBands', () => {
  it('gives the ROC and precision–recall curves themselves inside the bands, ties included', async () => {
    const random = seededRandom(1);
    const { labels, scores } = cells(200, random);
    const tied = scores.map((score) => Math.round(4 * score) / 4);
    const { roc, precisionRecall: precise } = await curveBands(tied, labels, {
      clusters: [],
      resamples: 200,
      points: 21,
      random,
    });
    const curve = rocCurve(tied, labels);
    for (const { falsePositiveRate, truePositiveRate, lower, upper } of roc) {
      // the curve's straight line between its corners
      const after = curve.falsePositiveRate.findIndex((rate) => rate > falsePositiveRate);
      const [x0, y0, x1, y1] =
        after < 0
          ? [0, 1, 1, 1]
          : [
              curve.falsePositiveRate[after - 1],
              curve.truePositiveRate[after - 1],
              curve.falsePositiveRate[after],
              curve.truePositiveRate[after],
            ];
      const expected = y0 + ((y1 - y0) * (falsePositiveRate - x0)) / (x1 - x0);
      assert.ok(Math.abs(truePositiveRate - expected) < 1e-12);
      assert.ok(lower <= truePositiveRate && truePositiveRate <= upper);
    }
    const whole = precisionRecall(tied, labels);
    for (const { recall, precision } of precise) {
      const at = whole.recall.findIndex((value) => value >= recall - 1e-12);
      assert.equal(precision, whole.precision[at]);
    }
    assert.equal(
      precise.at(-1)!.precision,
      whole.precision[whole.recall.findIndex((value) => value > 1 - 1e-12)],
    );
  });

  it('covers the planted curve at a false positive rate of 0.2 in 92 to 98 % of 300 repeats', async () => {
    const random = seededRandom(4);
    const planted = 1 - normalCdf(normalQuantile(0.8) - 1);
    let covered = 0;
    for (let repeat = 0; repeat < 300; repeat++) {
      const { labels, scores } = cells(160, random);
      const { roc } = await curveBands(scores, labels, { clusters: [], resamples: 120, points: 6, random });
      if (roc[1].lower <= planted && planted <= roc[1].upper) covered++;
    }
    assert.ok(covered >= 276 && covered <= 294, `covered ${covered} of 300`);
  });

  it('is wider where cells come in groups, and can be interrupted', async () => {
    const random = seededRandom(5);
    const groups = Array.from({ length: 400 }, (_, i) => Math.floor(i / 20));
    const shift = Array.from({ length: 20 }, () => random.normal());
    const labels = groups.map((group) => group % 2 === 0);
    const scores = groups.map((group) => shift[group] + random.normal() + (group % 2 === 0 ? 1 : 0));
    const width = async (clusters: number[][]) => {
      const { roc } = await curveBands(scores, labels, { clusters, resamples: 200, points: 6, random });
      return roc[2].upper - roc[2].lower;
    };
    assert.ok((await width([groups])) > 1.5 * (await width([])));
    const signal = AbortSignal.abort();
    await assert.rejects(curveBands(scores, labels, { clusters: [], random, signal }), InterruptedError);
  });
});
