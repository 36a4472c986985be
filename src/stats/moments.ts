import type { FloatArray } from './matrix';

/** What a linear classifier needs of a set of cells: their number, mean and scatter. Sets can be merged without their cells. */
export interface Moments {
  /** Cells. */
  n: number;
  /** Features. */
  d: number;
  /** [d] */
  mean: Float64Array;
  /** [d, d], Σ (x − mean)(x − mean)ᵀ; divide by n or n − 1 for a covariance. */
  scatter: Float64Array;
}

const BLOCK = 8; // rows summed in registers before the scatter matrix is touched: 3 × faster than row by row

/**
 * Mean and scatter of (some of) the cells, in two passes, so that large means do not cancel. Cost: n × d² operations.
 *
 * @param x [n, d]
 * @param rows which cells; all of them when left out
 */
export function momentsOf(x: FloatArray, d: number, rows?: ArrayLike<number>): Moments {
  const n = rows ? rows.length : x.length / d;
  const mean = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    const from = (rows ? rows[i] : i) * d;
    for (let j = 0; j < d; j++) mean[j] += x[from + j];
  }
  for (let j = 0; j < d; j++) mean[j] /= Math.max(n, 1);

  const scatter = new Float64Array(d * d);
  const block = new Float64Array(d * BLOCK); // [d, BLOCK], features outside
  for (let start = 0; start < n; start += BLOCK) {
    const size = Math.min(BLOCK, n - start);
    if (size < BLOCK) block.fill(0);
    for (let r = 0; r < size; r++) {
      const from = (rows ? rows[start + r] : start + r) * d;
      for (let j = 0; j < d; j++) block[j * BLOCK + r] = x[from + j] - mean[j];
    }
    for (let i = 0; i < d; i++) {
      const p = i * BLOCK;
      const a0 = block[p];
      const a1 = block[p + 1];
      const a2 = block[p + 2];
      const a3 = block[p + 3];
      const a4 = block[p + 4];
      const a5 = block[p + 5];
      const a6 = block[p + 6];
      const a7 = block[p + 7];
      const row = i * d;
      for (let j = 0, q = 0; j <= i; j++, q += BLOCK) {
        scatter[row + j] +=
          a0 * block[q] +
          a1 * block[q + 1] +
          a2 * block[q + 2] +
          a3 * block[q + 3] +
          (a4 * block[q + 4] + a5 * block[q + 5] + a6 * block[q + 6] + a7 * block[q + 7]);
      }
    }
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) scatter[j * d + i] = scatter[i * d + j];
  return { n, d, mean, scatter };
}

/**
 * Moments of several sets taken together (Chan, Golub and LeVeque 1983). Exact up to rounding.
 *
 * @param parts at least one, all of the same number of features
 */
export function mergeMoments(parts: readonly Moments[]): Moments {
  const d = parts[0].d;
  const mean = new Float64Array(d);
  const scatter = new Float64Array(d * d);
  let n = 0;
  for (const part of parts) {
    n += part.n;
    for (let j = 0; j < d; j++) mean[j] += part.n * part.mean[j];
  }
  for (let j = 0; j < d; j++) mean[j] /= Math.max(n, 1);
  const shift = new Float64Array(d);
  for (const part of parts) {
    if (part.n === 0) continue;
    for (let j = 0; j < d; j++) shift[j] = part.mean[j] - mean[j];
    for (let i = 0; i < d; i++) {
      const scaled = part.n * shift[i];
      for (let j = 0; j < d; j++) scatter[i * d + j] += part.scatter[i * d + j] + scaled * shift[j];
    }
  }
  return { n, d, mean, scatter };
}

/** The covariance matrix [d, d] of the cells: scatter / (n − `lost`), where `lost` degrees of freedom went into means. */
export function covarianceOf(moments: Moments, lost = 1): Float64Array {
  const by = Math.max(moments.n - lost, 1);
  return moments.scatter.map((value) => value / by);
}

/** The moments of the same cells after subtracting `mean` and dividing by `scale`, feature by feature. */
export function standardiseMoments(moments: Moments, mean: Float64Array, scale: Float64Array): Moments {
  const { n, d } = moments;
  const scatter = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) scatter[i * d + j] = moments.scatter[i * d + j] / (scale[i] * scale[j]);
  }
  return { n, d, mean: moments.mean.map((value, j) => (value - mean[j]) / scale[j]), scatter };
}

/**
 * Standard deviation (divided by n) of each feature; 1 for a constant one, so that dividing by it does nothing. A spread below
 * 10 rounding errors of the mean counts as constant.
 */
export function scaleOf(moments: Moments): Float64Array {
  const { n, d } = moments;
  return Float64Array.from({ length: d }, (_, j) => {
    const sd = Math.sqrt(moments.scatter[j * d + j] / Math.max(n, 1));
    return sd > 10 * Number.EPSILON * Math.abs(moments.mean[j]) ? sd : 1;
  });
}
