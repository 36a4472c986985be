/**
 * The lower triangular L with L Lᵀ = `matrix`, or null when the matrix is not clearly positive definite.
 *
 * @param matrix [d, d] symmetric; left as it is
 * @param smallest a pivot (squared diagonal entry of L) at or below it counts as zero
 */
export function choleskyFactor(matrix: Float64Array, d: number, smallest = 0): Float64Array | null {
  const lower = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j];
      for (let k = 0; k < j; k++) sum -= lower[i * d + k] * lower[j * d + k];
      if (i === j) {
        if (!(sum > smallest)) return null;
        lower[i * d + i] = Math.sqrt(sum);
      } else lower[i * d + j] = sum / lower[j * d + j];
    }
  }
  return lower;
}

/** The solution of L Lᵀ x = `right`, for the factor L of {@link choleskyFactor}; `right` is left as it is. */
export function choleskySolve(lower: Float64Array, d: number, right: Float64Array): Float64Array {
  const x = Float64Array.from(right);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i * d + k] * x[k];
    x[i] /= lower[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++) x[i] -= lower[k * d + i] * x[k];
    x[i] /= lower[i * d + i];
  }
  return x;
}
