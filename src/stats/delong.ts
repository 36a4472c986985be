import { DataError } from '../util/errors';
import { checkNumber } from './matrix';
import { type Interval, normalCdf, normalQuantile } from './normal';
import { midranks } from './ranks';
import { checkScores } from './roc-curve';

export interface DelongOptions {
  /** Coverage of the interval. Default 0.95. */
  level?: number;
  /**
   * `plain` (default): AUC ± z × standard error, cut at 0 and 1, as in the original article; `logit`: the same on the logit of the
   * AUC and mapped back, which covers better near 0 and 1.
   */
  scale?: 'plain' | 'logit';
}

/** An AUC with its standard error and interval. */
export interface AucInterval extends Interval {
  auc: number;
  standardError: number;
}

/**
 * Interval of an AUC by DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988), through midranks (Sun and Xu 2014). It takes cells as
 * independent; where they come in tumors and days, it is too narrow: use `clusteredBootstrap` beside it.
 *
 * @param scores higher means more likely positive
 * @param labels true (or 1) for the positive class
 * @throws DataError when a class has no cell or a score is NaN
 * @example
 * const { auc, low, high } = delong(scores, labels);
 */
export function delong(
  scores: ArrayLike<number>,
  labels: ArrayLike<number | boolean>,
  options: DelongOptions = {},
): AucInterval {
  const { level = 0.95, scale = 'plain' } = options;
  checkNumber('delong', 'level', level, 0, 1);
  const { positive, negative } = placements('delong', scores, labels);
  const auc = mean(positive);
  const variance =
    covariance(positive, positive) / positive.length + covariance(negative, negative) / negative.length;
  const standardError = Math.sqrt(variance);
  const z = normalQuantile((1 + level) / 2);
  if (scale === 'logit' && auc > 0 && auc < 1) {
    const centre = Math.log(auc / (1 - auc));
    const half = (z * standardError) / (auc * (1 - auc));
    const back = (value: number) => 1 / (1 + Math.exp(-value));
    return { auc, standardError, low: back(centre - half), high: back(centre + half), level };
  }
  const half = z * standardError;
  return { auc, standardError, low: Math.max(0, auc - half), high: Math.min(1, auc + half), level };
}

/** Whether two scores of the same cells differ in AUC. */
export interface AucComparison {
  aucA: number;
  aucB: number;
  difference: number;
  standardError: number;
  z: number;
  /** Two-sided. */
  p: number;
}

/**
 * DeLong's test of two scores of the same cells, which takes their correlation into account.
 *
 * @throws DataError when a class has no cell, a score is NaN, or the lengths differ
 */
export function compareAuc(
  scoresA: ArrayLike<number>,
  scoresB: ArrayLike<number>,
  labels: ArrayLike<number | boolean>,
): AucComparison {
  if (scoresA.length !== scoresB.length) {
    throw new DataError(
      `compareAuc needs two scores of the same cells, got ${scoresA.length} and ${scoresB.length}`,
    );
  }
  const a = placements('compareAuc', scoresA, labels);
  const b = placements('compareAuc', scoresB, labels);
  const spread = (side: 'positive' | 'negative') =>
    (covariance(a[side], a[side]) + covariance(b[side], b[side]) - 2 * covariance(a[side], b[side])) /
    a[side].length;
  const aucA = mean(a.positive);
  const aucB = mean(b.positive);
  const standardError = Math.sqrt(Math.max(0, spread('positive') + spread('negative')));
  const difference = aucA - aucB;
  const z = difference === 0 ? 0 : difference / standardError;
  return { aucA, aucB, difference, standardError, z, p: 2 * normalCdf(-Math.abs(z)) };
}

/** For each positive cell the share of negatives it beats, and for each negative the share of positives that beat it (ties half). */
function placements(who: string, scores: ArrayLike<number>, labels: ArrayLike<number | boolean>) {
  const { positives, negatives } = checkScores(who, scores, labels);
  const all = midranks(scores);
  const values: [number[], number[]] = [[], []];
  const ranks: [number[], number[]] = [[], []];
  for (let i = 0; i < scores.length; i++) {
    values[labels[i] ? 1 : 0].push(scores[i]);
    ranks[labels[i] ? 1 : 0].push(all[i]);
  }
  const withinNegative = midranks(values[0]);
  const withinPositive = midranks(values[1]);
  return {
    positive: Float64Array.from(ranks[1], (rank, i) => (rank - withinPositive[i]) / negatives),
    negative: Float64Array.from(ranks[0], (rank, i) => 1 - (rank - withinNegative[i]) / positives),
  };
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Sample covariance; 0 for a single pair. */
function covariance(a: Float64Array, b: Float64Array): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - meanA) * (b[i] - meanB);
  return a.length > 1 ? sum / (a.length - 1) : 0;
}
