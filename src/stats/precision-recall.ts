import { checkScores } from './roc-curve';
import { type SortedScores, sortScores } from './sorted-scores';

/** Precision against recall; row i when cells scoring at least `thresholds[i]` are called positive. */
export interface PrecisionRecall {
  /** Descending, one per distinct score. */
  thresholds: Float64Array;
  precision: Float64Array;
  recall: Float64Array;
  /** Σ (recall step) × precision: the area under the curve without interpolation. */
  averagePrecision: number;
  /** Share of positive cells, the precision of a score without meaning. */
  prevalence: number;
}

/**
 * The precision–recall curve of scores; its interval comes from `clusteredBootstrap` with statistic `averagePrecision`.
 *
 * @param scores higher means more likely positive
 * @param labels true (or 1) for the positive class
 * @throws DataError when a class has no cell or a score is NaN; ShapeError
 */
export function precisionRecall(
  scores: ArrayLike<number>,
  labels: ArrayLike<number | boolean>,
): PrecisionRecall {
  const { positives } = checkScores('precisionRecall', scores, labels);
  const sorted = sortScores(
    scores,
    labels,
    Int32Array.from({ length: scores.length }, (_, i) => i),
  );
  const thresholds: number[] = [];
  const precision: number[] = [];
  const recall: number[] = [];
  let hits = 0;
  for (let k = 0; k < scores.length; k++) {
    hits += sorted.positive[k];
    if (!sorted.endsTie[k]) continue;
    thresholds.push(scores[sorted.unit[k]]);
    precision.push(hits / (k + 1));
    recall.push(hits / positives);
  }
  return {
    thresholds: Float64Array.from(thresholds),
    precision: Float64Array.from(precision),
    recall: Float64Array.from(recall),
    averagePrecision: weightedAveragePrecision(sorted, new Float64Array(scores.length).fill(1)),
    prevalence: positives / scores.length,
  };
}

/** Average precision in which each cell counts with the weight of its unit; NaN when a class has no weight. */
export function weightedAveragePrecision(sorted: SortedScores, weights: Float64Array): number {
  const { unit, positive, endsTie } = sorted;
  let hits = 0;
  let called = 0;
  let tied = 0;
  let area = 0;
  for (let k = 0; k < unit.length; k++) {
    const weight = weights[unit[k]];
    called += weight;
    if (positive[k]) tied += weight;
    if (endsTie[k] && tied > 0) {
      hits += tied;
      area += tied * (hits / called);
      tied = 0;
    }
  }
  return hits > 0 && called > hits ? area / hits : Number.NaN;
}
