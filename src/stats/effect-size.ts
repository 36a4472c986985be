import { DataError } from '../util/errors';
import { aucOfSorted } from './roc-curve';

/** How far two samples are apart, whatever their sizes. */
export interface EffectSize {
  /** Difference of means in pooled standard deviations. */
  cohensD: number;
  /** The same with the small-sample correction of Hedges. */
  hedgesG: number;
  /** Chance that a value of `a` lies above one of `b`, minus the reverse: 2 × AUC − 1, from −1 to 1. */
  cliffsDelta: number;
}

/**
 * Effect sizes of `a` against `b` (positive where `a` is larger).
 *
 * @throws DataError when a sample has fewer than two values
 */
export function effectSize(a: ArrayLike<number>, b: ArrayLike<number>): EffectSize {
  if (a.length < 2 || b.length < 2) {
    throw new DataError(`effectSize needs at least two values on each side, got ${a.length} and ${b.length}`);
  }
  const [meanA, squaresA] = meanAndSquares(a);
  const [meanB, squaresB] = meanAndSquares(b);
  const freedom = a.length + b.length - 2;
  const pooled = Math.sqrt((squaresA + squaresB) / freedom);
  const difference = meanA - meanB;
  const cohensD = difference === 0 ? 0 : difference / pooled;
  const share = aucOfSorted(Float64Array.from(a).sort(), Float64Array.from(b).sort());
  return { cohensD, hedgesG: cohensD * (1 - 3 / (4 * freedom - 1)), cliffsDelta: 2 * share - 1 };
}

/** Mean, and sum of squared distances from it. */
function meanAndSquares(values: ArrayLike<number>): [number, number] {
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += values[i] / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return [mean, squares];
}
