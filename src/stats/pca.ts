import { checkMatrix, checkNumber, type FloatArray } from './matrix';
import { momentsOf } from './moments';
import { symmetricEigen } from './symmetric-eigen';

export interface PcaOptions {
  /** Components to keep, largest variance first. Default: all, min(n − 1, d). */
  components?: number;
}

/** Principal components; plain arrays and two functions on new cells. */
export interface Pca {
  /** Features. */
  d: number;
  /** Components kept, k. */
  k: number;
  /** [d] mean of the cells. */
  mean: Float64Array;
  /** [k, d] unit directions; the entry of largest size is positive in each, so that signs do not depend on the platform. */
  components: Float64Array;
  /** [k] variance along each component (divided by n − 1). */
  explainedVariance: Float64Array;
  /** [k] share of the total variance. */
  explainedVarianceRatio: Float64Array;
  /** Coordinates [n, k] of cells [n, d]. */
  transform(x: FloatArray, n: number): Float64Array;
  /** Cells [n, d] from coordinates [n, k]. */
  inverse(coordinates: FloatArray, n: number): Float64Array;
}

/**
 * Exact principal component analysis through the eigenvectors of the covariance matrix, or of the n × n matrix of inner products when
 * there are fewer cells than features. Cost: n × d² + 9 min(n, d)³ operations.
 *
 * @param x [n, d] cells
 * @throws ShapeError, DataError for a wrong length or numbers that are not finite; OptionError for a number of components out of range
 * @example
 * const pca = fitPca(latents, 3500, 56, { components: 2 });
 * const points = pca.transform(latents, 3500); // [3500, 2]
 */
export function fitPca(x: FloatArray, n: number, d: number, options: PcaOptions = {}): Pca {
  checkMatrix('fitPca', x, n, d);
  checkNumber('fitPca', 'the number of cells', n, 2);
  const most = Math.min(n - 1, d);
  const k = options.components ?? most;
  checkNumber('fitPca', 'components', k, 1, Math.min(n, d));
  const { mean, components, variances, total } = d <= n ? fromCovariance(x, d, k) : fromGram(x, n, d, k);
  fixSigns(components, k, d);
  return {
    d,
    k,
    mean,
    components,
    explainedVariance: variances,
    explainedVarianceRatio: variances.map((value) => (total > 0 ? value / total : 0)),
    transform(cells, count) {
      checkMatrix('pca.transform', cells, count, d);
      const result = new Float64Array(count * k);
      const offset = new Float64Array(k);
      for (let c = 0; c < k; c++) {
        for (let j = 0; j < d; j++) offset[c] += components[c * d + j] * mean[j];
      }
      for (let i = 0; i < count; i++) {
        for (let c = 0; c < k; c++) {
          let sum = -offset[c];
          for (let j = 0; j < d; j++) sum += components[c * d + j] * cells[i * d + j];
          result[i * k + c] = sum;
        }
      }
      return result;
    },
    inverse(coordinates, count) {
      checkMatrix('pca.inverse', coordinates, count, k);
      const result = new Float64Array(count * d);
      for (let i = 0; i < count; i++) {
        result.set(mean, i * d);
        for (let c = 0; c < k; c++) {
          for (let j = 0; j < d; j++) result[i * d + j] += coordinates[i * k + c] * components[c * d + j];
        }
      }
      return result;
    },
  };
}

function fromCovariance(x: FloatArray, d: number, k: number) {
  const { n, mean, scatter } = momentsOf(x, d);
  const { values, vectors } = symmetricEigen(scatter, d);
  let total = 0;
  for (let j = 0; j < d; j++) total += scatter[j * d + j] / (n - 1);
  const variances = values.slice(0, k).map((value) => Math.max(0, value) / (n - 1));
  return { mean, components: vectors.slice(0, k * d), variances, total };
}

/** For n < d: the eigenvectors u of X Xᵀ give the components Xᵀu / |Xᵀu| (X centred). */
function fromGram(x: FloatArray, n: number, d: number, k: number) {
  const mean = new Float64Array(d);
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) mean[j] += x[i * d + j] / n;
  const centred = Float64Array.from(x, (value, i) => value - mean[i % d]);
  const gram = new Float64Array(n * n);
  let total = 0;
  for (let p = 0; p < n; p++) {
    for (let q = 0; q <= p; q++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += centred[p * d + j] * centred[q * d + j];
      gram[p * n + q] = sum;
      gram[q * n + p] = sum;
    }
    total += gram[p * n + p] / (n - 1);
  }
  const { values, vectors } = symmetricEigen(gram, n);
  const components = new Float64Array(k * d);
  const variances = new Float64Array(k);
  for (let c = 0; c < k; c++) {
    variances[c] = Math.max(0, values[c]) / (n - 1);
    const row = components.subarray(c * d, (c + 1) * d);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) row[j] += vectors[c * n + i] * centred[i * d + j];
    }
    orthonormalise(components, c, d);
  }
  return { mean, components, variances, total };
}

/** Makes row c a unit vector at right angles to the rows before it; a row without direction becomes zero. */
function orthonormalise(rows: Float64Array, c: number, d: number): void {
  const row = rows.subarray(c * d, (c + 1) * d);
  const before = Math.hypot(...row);
  for (let p = 0; p < c; p++) {
    let along = 0;
    for (let j = 0; j < d; j++) along += row[j] * rows[p * d + j];
    for (let j = 0; j < d; j++) row[j] -= along * rows[p * d + j];
  }
  const length = Math.hypot(...row);
  for (let j = 0; j < d; j++) row[j] = length > 1e-6 * before ? row[j] / length : 0;
}

function fixSigns(components: Float64Array, k: number, d: number): void {
  for (let c = 0; c < k; c++) {
    const row = components.subarray(c * d, (c + 1) * d);
    let largest = 0;
    for (let j = 1; j < d; j++) if (Math.abs(row[j]) > Math.abs(row[largest])) largest = j;
    if (row[largest] < 0) for (let j = 0; j < d; j++) row[j] = -row[j];
  }
}
