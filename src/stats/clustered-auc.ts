import type { AucInterval } from './delong';
import { checkLength, checkNumber } from './matrix';
import { midranks } from './ranks';
import { checkScores } from './roc-curve';
import { studentQuantile } from './student-t';

/** An AUC whose interval knows that cells of one group belong together. */
export interface ClusteredAuc extends AucInterval {
  /** Groups that hold positive and negative cells. */
  positiveGroups: number;
  negativeGroups: number;
  /** Degrees of freedom of the interval: small where few groups carry the evidence. */
  freedom: number;
}

/**
 * AUC with an interval for cells that come in groups (tumors, days), by Obuchowski's sum of group contributions (Biometrics 53, 1997),
 * on the logit scale with Student's t on as many degrees of freedom as the groups allow (Satterthwaite). With 3 tumors against 4 it
 * is wide, as it must be. The interval is [0, 1] when one class comes from a single group.
 *
 * @param scores higher means more likely positive
 * @param labels true (or 1) for the positive class
 * @param groups the group of each cell
 * @throws DataError when a class has no cell or a score is NaN; ShapeError when lengths differ
 */
export function clusteredAuc(
  scores: ArrayLike<number>,
  labels: ArrayLike<number | boolean>,
  groups: ArrayLike<string | number>,
  level = 0.95,
): ClusteredAuc {
  const { positives, negatives } = checkScores('clusteredAuc', scores, labels);
  checkLength('clusteredAuc', 'groups', groups, scores.length);
  checkNumber('clusteredAuc', 'level', level, 0, 1);

  const all = midranks(scores);
  const own = ownRanks(scores, labels);
  const sums = new Map<string | number, { up: number; m: number; down: number; n: number }>();
  let auc = 0;
  for (let i = 0; i < scores.length; i++) {
    let sum = sums.get(groups[i]);
    if (!sum) {
      sum = { up: 0, m: 0, down: 0, n: 0 };
      sums.set(groups[i], sum);
    }
    if (labels[i]) {
      const share = (all[i] - own[i]) / negatives; // of negatives beaten by this positive
      sum.up += share;
      sum.m++;
      auc += share / positives;
    } else {
      sum.down += 1 - (all[i] - own[i]) / positives; // of positives that beat this negative
      sum.n++;
    }
  }
  let positiveGroups = 0;
  let negativeGroups = 0;
  let up = 0;
  let down = 0;
  let both = 0;
  for (const { up: u, m, down: v, n } of sums.values()) {
    if (m > 0) positiveGroups++;
    if (n > 0) negativeGroups++;
    const a = u - m * auc;
    const b = v - n * auc;
    up += a * a;
    down += b * b;
    both += a * b;
  }
  const a = (positiveGroups / Math.max(positiveGroups - 1, 1) / positives ** 2) * up;
  const b = (negativeGroups / Math.max(negativeGroups - 1, 1) / negatives ** 2) * down;
  const cross = (sums.size / Math.max(sums.size - 1, 1) / (positives * negatives)) * both;
  const mixed = positiveGroups + negativeGroups > sums.size;
  const standardError = Math.sqrt(Math.max(0, a + b + 2 * cross));
  const freedom = mixed
    ? sums.size - 1
    : (a + b) ** 2 / (a ** 2 / Math.max(positiveGroups - 1, 1) + b ** 2 / Math.max(negativeGroups - 1, 1)) ||
      1;
  const result = { auc, standardError, level, positiveGroups, negativeGroups, freedom };
  if (positiveGroups < 2 || negativeGroups < 2) return { ...result, low: 0, high: 1 };
  if (standardError === 0 || auc <= 0 || auc >= 1) return { ...result, low: auc, high: auc };
  const centre = Math.log(auc / (1 - auc));
  const half = (studentQuantile((1 + level) / 2, freedom) * standardError) / (auc * (1 - auc));
  const back = (value: number) => 1 / (1 + Math.exp(-value));
  return { ...result, low: back(centre - half), high: back(centre + half) };
}

/** Rank of each cell within its own class. */
function ownRanks(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): Float64Array {
  const ranks = new Float64Array(scores.length);
  for (const positive of [false, true]) {
    const members: number[] = [];
    for (let i = 0; i < scores.length; i++) if (Boolean(labels[i]) === positive) members.push(i);
    const within = midranks(members.map((i) => scores[i]));
    members.forEach((i, k) => {
      ranks[i] = within[k];
    });
  }
  return ranks;
}
