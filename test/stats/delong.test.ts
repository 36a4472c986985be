import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareAuc, delong } from '../../src/stats/delong';
import { normalQuantile } from '../../src/stats/normal';
import { seededRandom } from '../../src/util/random';

/**
 * The ovarian-cancer data of DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988) as listed in the SAS/STAT documentation of PROC
 * LOGISTIC (example "Comparing Receiver Operating Characteristic Curves"): albumin, total protein, total score, outcome.
 */
const rows = `3.0 5.8 10 0 3.2 6.3 5 1 3.9 6.8 3 1 2.8 4.8 6 0 3.2 5.8 3 1 0.9 4.0 5 0 2.5 5.7 8 0 1.6 5.6 5 1 3.8 5.7 5 1 3.7 6.7 6 1
3.2 5.4 4 1 3.8 6.6 6 1 4.1 6.6 5 1 3.6 5.7 5 1 4.3 7.0 4 1 3.6 6.7 4 0 2.3 4.4 6 1 4.2 7.6 4 0 4.0 6.6 6 0 3.5 5.8 6 1
3.8 6.8 7 1 3.0 4.7 8 0 4.5 7.4 5 1 3.7 7.4 5 1 3.1 6.6 6 1 4.1 8.2 6 1 4.3 7.0 5 1 4.3 6.5 4 1 3.2 5.1 5 1 2.6 4.7 6 1
3.3 6.8 6 0 1.7 4.0 7 0 3.7 6.1 5 1 3.3 6.3 7 1 4.2 7.7 6 1 3.5 6.2 5 1 2.9 5.7 9 0 2.1 4.8 7 1 2.8 6.2 8 0 4.0 7.0 7 1
3.3 5.7 6 1 3.7 6.9 5 1 3.6 6.6 5 1`;
const numbers = rows.split(/\s+/).map(Number);
const column = (j: number) => numbers.filter((_, i) => i % 4 === j);
const outcome = column(3);

const albumin = column(0);
const protein = column(1);
const kgScore = column(2).map((value) => 10 - value);

describe('delong', () => {
  it('repeats the published worked example: AUC, standard error and interval as printed there', () => {
    const line = (scores: number[]) => {
      const { auc, standardError, low, high } = delong(scores, outcome);
      return [auc, standardError, low, high].map((value) => value.toFixed(4)).join(' ');
    };
    assert.equal(line(albumin), '0.7366 0.0927 0.5549 0.9182');
    assert.equal(line(protein), '0.6478 0.1000 0.4518 0.8439');
    assert.equal(line(kgScore), '0.7258 0.1028 0.5243 0.9273');
  });

  it('on the logit scale stays within 0 and 1', () => {
    const { low, high, auc } = delong([1, 2, 3, 4, 5, 6], [0, 0, 1, 0, 1, 1], { scale: 'logit' });
    assert.ok(0 < low && low < auc && auc < high && high < 1);
  });

  it('covers a planted AUC of 0.75 in 92 to 98 % of 300 repeats', () => {
    const random = seededRandom(11);
    const shift = Math.SQRT2 * normalQuantile(0.75); // AUC = Φ(shift / √2)
    let covered = 0;
    for (let repeat = 0; repeat < 300; repeat++) {
      const labels = Array.from({ length: 200 }, (_, i) => i % 2);
      const { low, high } = delong(
        labels.map((label) => random.normal() + shift * label),
        labels,
      );
      if (low <= 0.75 && 0.75 <= high) covered++;
    }
    assert.ok(covered >= 276 && covered <= 294, `covered ${covered} of 300`);
  });
});

describe('compareAuc', () => {
  it('repeats the published comparison of albumin and total protein with the K-G score', () => {
    const line = (scores: number[]) => {
      const { difference, standardError } = compareAuc(scores, kgScore, outcome);
      return [difference, standardError].map((value) => value.toFixed(4)).join(' ');
    };
    assert.equal(line(albumin), '0.0108 0.0953');
    assert.equal(line(protein), '-0.0780 0.1046');
  });

  it('of a score with itself is no difference', () => {
    assert.deepEqual(compareAuc(albumin, albumin, outcome).p, 1);
  });
});
