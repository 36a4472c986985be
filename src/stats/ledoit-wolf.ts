import type { FloatArray } from './matrix';
import { type Moments, momentsOf } from './moments';

/**
 * How far the covariance matrix should shrink towards a multiple of the identity: 0 (not at all) to 1, chosen from the data so that
 * the expected squared error is smallest (Ledoit and Wolf, J. Multivariate Analysis 88, 2004).
 *
 * @param x [n, d] cells; one feature, or one cell, gives 0
 * @param scale divides each feature first, such as its standard deviation; default 1
 * @param rows which cells; all of them when left out
 * @param moments of these cells before scaling, where they are known already
 */
export function ledoitWolfShrinkage(
  x: FloatArray,
  d: number,
  scale?: Float64Array,
  rows?: ArrayLike<number>,
  moments: Moments = momentsOf(x, d, rows),
): number {
  const { n, mean, scatter } = moments;
  if (d === 1 || n < 2) return 0;
  const s = (j: number) => (scale ? scale[j] : 1);
  let trace = 0; // of the covariance
  let squares = 0; // Σ of its squared entries
  for (let i = 0; i < d; i++) {
    trace += scatter[i * d + i] / (n * s(i) * s(i));
    for (let j = 0; j < d; j++) squares += (scatter[i * d + j] / (n * s(i) * s(j))) ** 2;
  }
  let fourth = 0; // Σ over cells of |x − mean|⁴
  for (let i = 0; i < n; i++) {
    const from = (rows ? rows[i] : i) * d;
    let length = 0;
    for (let j = 0; j < d; j++) length += ((x[from + j] - mean[j]) / s(j)) ** 2;
    fourth += length * length;
  }
  const mu = trace / d;
  const beta = (fourth / n - squares) / (d * n); // error of the sample covariance
  const delta = (squares - 2 * mu * trace + d * mu * mu) / d; // its distance from mu × identity
  const error = Math.min(beta, delta);
  return error > 0 ? error / delta : 0;
}

/** (1 − `amount`) × covariance + `amount` × (mean variance) × identity. */
export function shrinkCovariance(covariance: Float64Array, d: number, amount: number): Float64Array {
  let mu = 0;
  for (let i = 0; i < d; i++) mu += covariance[i * d + i] / d;
  const shrunk = covariance.map((value) => value * (1 - amount));
  for (let i = 0; i < d; i++) shrunk[i * d + i] += amount * mu;
  return shrunk;
}
