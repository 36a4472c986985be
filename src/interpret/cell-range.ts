/** Whether a descriptor is still like those of real cells. */
import { choleskyFactor } from '../stats/cholesky';
import { checkMatrix, type FloatArray } from '../stats/matrix';
import { covarianceOf, momentsOf } from '../stats/moments';
import { ShapeError } from '../util/errors';
import { quantile } from '../util/quantile';

/** Where real cells lie: their mean, covariance, and how far out the outermost hundredth of them is. */
export interface CellRange {
  /** Mahalanobis distance of a descriptor [d] from the cells' mean. @throws ShapeError for another length */
  distance(code: ArrayLike<number>): number;
  /** Distance that 99 % of the real cells stay within. */
  limit: number;
}

/**
 * Learns the range of real cells.
 *
 * @param latents [n, d]
 * @example
 * const range = fitCellRange(z, n, 56);
 * range.distance(shifted) > range.limit; // the shift has left what real cells look like
 */
export function fitCellRange(latents: FloatArray, n: number, d: number): CellRange {
  checkMatrix('fitCellRange', latents, n, d);
  const moments = momentsOf(latents, d);
  const covariance = covarianceOf(moments);
  let trace = 0;
  for (let j = 0; j < d; j++) trace += covariance[j * d + j];
  // a millionth of the mean variance lets constant features through
  for (let j = 0; j < d; j++) covariance[j * d + j] += (1e-6 * trace) / d + Number.MIN_VALUE;
  const lower = choleskyFactor(covariance, d);
  const distance = (code: ArrayLike<number>): number => {
    if (code.length !== d) {
      throw new ShapeError(`the range is of cells with ${d} features, got a descriptor of ${code.length}`);
    }
    if (!lower) return 0;
    let sum = 0;
    const y = new Float64Array(d); // lower · y = code − mean
    for (let i = 0; i < d; i++) {
      let value = code[i] - moments.mean[i];
      for (let j = 0; j < i; j++) value -= lower[i * d + j] * y[j];
      y[i] = value / lower[i * d + i];
      sum += y[i] * y[i];
    }
    return Math.sqrt(sum);
  };
  const distances = Float64Array.from({ length: n }, (_, i) =>
    distance(latents.subarray(i * d, (i + 1) * d)),
  ).sort();
  return { distance, limit: quantile(distances, 0.99) };
}
