import { DataError } from '../util/errors';
import { checkLength } from './matrix';
import { ascendingOrder } from './ranks';

/** A receiver operating characteristic; row i holds the rates when cells scoring at least `thresholds[i]` are called positive. */
export interface RocCurve {
  /** From (0, 0) on; the first threshold is Infinity. Cells of equal score enter together. */
  thresholds: Float64Array;
  falsePositiveRate: Float64Array;
  truePositiveRate: Float64Array;
  /** Area under the curve: the chance that a positive cell scores above a negative one, ties counting half. */
  auc: number;
  positives: number;
  negatives: number;
}

/**
 * The ROC curve of scores against true labels, with one point per distinct score.
 *
 * @param scores higher means more likely positive
 * @param labels true (or 1) for the positive class
 * @throws DataError when a class has no cell or a score is NaN; ShapeError when the lengths differ
 * @example
 * rocCurve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).auc; // 0.75
 */
export function rocCurve(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): RocCurve {
  const { positives, negatives } = checkScores('rocCurve', scores, labels);
  const order = ascendingOrder(scores);
  const thresholds: number[] = [Infinity];
  const falsePositiveRate: number[] = [0];
  const truePositiveRate: number[] = [0];
  let falsePositives = 0;
  let truePositives = 0;
  let pairsAbove = 0; // twice the number of (positive, negative) pairs in the right order, ties as one
  for (let i = order.length - 1; i >= 0; ) {
    const score = scores[order[i]];
    const before = truePositives;
    let tied = 0;
    for (; i >= 0 && scores[order[i]] === score; i--) {
      if (labels[order[i]]) truePositives++;
      else tied++;
    }
    pairsAbove += tied * (before + truePositives);
    falsePositives += tied;
    thresholds.push(score);
    falsePositiveRate.push(falsePositives / negatives);
    truePositiveRate.push(truePositives / positives);
  }
  return {
    thresholds: Float64Array.from(thresholds),
    falsePositiveRate: Float64Array.from(falsePositiveRate),
    truePositiveRate: Float64Array.from(truePositiveRate),
    auc: pairsAbove / (2 * positives * negatives),
    positives,
    negatives,
  };
}

/** The area under the ROC curve alone; same arguments, errors and treatment of ties as {@link rocCurve}. */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number | boolean>): number {
  const { positives, negatives } = checkScores('auc', scores, labels);
  const up = new Float64Array(positives);
  const down = new Float64Array(negatives);
  let p = 0;
  let q = 0;
  for (let i = 0; i < scores.length; i++) {
    if (labels[i]) up[p++] = scores[i];
    else down[q++] = scores[i];
  }
  return aucOfSorted(up.sort(), down.sort());
}

/** AUC from the ascending scores of both classes: one merge, which loops over resamples and pairs of groups rely on. */
export function aucOfSorted(positive: Float64Array, negative: Float64Array): number {
  let below = 0; // negatives below the current positive score
  let upTo = 0; // negatives not above it
  let pairs = 0;
  for (let i = 0; i < positive.length; i++) {
    const score = positive[i];
    while (below < negative.length && negative[below] < score) below++;
    if (upTo < below) upTo = below;
    while (upTo < negative.length && negative[upTo] <= score) upTo++;
    pairs += below + upTo;
  }
  return pairs / (2 * positive.length * negative.length);
}

/** Checks scores against labels and counts the classes. */
export function checkScores(who: string, scores: ArrayLike<number>, labels: ArrayLike<number | boolean>) {
  checkLength(who, 'labels', labels, scores.length);
  let positives = 0;
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) {
      throw new DataError(`${who}: score of cell ${i + 1} is NaN; leave cells without a score out first`);
    }
    if (labels[i]) positives++;
  }
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) {
    throw new DataError(
      `${who} needs cells of both classes, got ${positives} positive and ${negatives} negative; check the label and the positive value`,
    );
  }
  return { positives, negatives };
}

/**
 * A curve's points as rows for a picture: corners only, and of long curves as many as a picture shows.
 *
 * @param most points at most. Default 400
 */
export function rocPoints(
  { falsePositiveRate: x, truePositiveRate: y }: RocCurve,
  most = 400,
): { falsePositiveRate: number; truePositiveRate: number }[] {
  const last = x.length - 1;
  const corners = Array.from(x.keys()).filter(
    (i) =>
      i === 0 ||
      i === last ||
      (x[i] - x[i - 1]) * (y[i + 1] - y[i]) !== (x[i + 1] - x[i]) * (y[i] - y[i - 1]),
  );
  const step = Math.max(1, (corners.length - 1) / (most - 1));
  const kept = new Set<number>();
  for (let at = 0; Math.round(at) < corners.length - 1; at += step) kept.add(corners[Math.round(at)]);
  kept.add(last);
  return Array.from(kept, (i) => ({ falsePositiveRate: x[i], truePositiveRate: y[i] }));
}
