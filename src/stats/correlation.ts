import { DataError } from '../util/errors';
import { checkLength } from './matrix';
import { midranks } from './ranks';

/**
 * Pearson's correlation of paired values, −1 to 1; NaN when one side is constant.
 *
 * @throws DataError for fewer than two pairs; ShapeError when the lengths differ
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkLength('pearson', 'the second variable', b, a.length);
  if (a.length < 2) throw new DataError(`pearson needs at least two pairs, got ${a.length}`);
  let meanA = 0;
  let meanB = 0;
  for (let i = 0; i < a.length; i++) {
    meanA += a[i] / a.length;
    meanB += b[i] / a.length;
  }
  let both = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    both += (a[i] - meanA) * (b[i] - meanB);
    squaresA += (a[i] - meanA) ** 2;
    squaresB += (b[i] - meanB) ** 2;
  }
  return both / Math.sqrt(squaresA * squaresB);
}

/** Spearman's rank correlation: Pearson's of the ranks, ties sharing their mean rank. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return pearson(midranks(a), midranks(b));
}
