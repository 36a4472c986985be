/** Eigenvalues, largest first, and their unit eigenvectors: row k of `vectors` belongs to `values[k]`. */
export interface Eigen {
  values: Float64Array;
  /** [d, d], one eigenvector per row. */
  vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix: Householder reflections to tridiagonal form, then the implicit QL iteration
 * (Golub and Van Loan, Matrix Computations, 4th edition, sections 8.3.1 and 8.3.3). Cost: about 9 d³ operations.
 *
 * @param matrix [d, d]; left as it is
 */
export function symmetricEigen(matrix: Float64Array, d: number): Eigen {
  const { diagonal, beside, rotations } = tridiagonalise(Float64Array.from(matrix), d);
  diagonaliseTridiagonal(diagonal, beside, rotations, d);
  const order = Array.from({ length: d }, (_, k) => k).sort((p, q) => diagonal[q] - diagonal[p]);
  const values = new Float64Array(d);
  const vectors = new Float64Array(d * d);
  order.forEach((from, k) => {
    values[k] = diagonal[from];
    vectors.set(rotations.subarray(from * d, (from + 1) * d), k * d);
  });
  return { values, vectors };
}

/** A = Qᵀ T Q with T tridiagonal. `rotations` is Q: its rows become the eigenvectors. Overwrites `a`. */
function tridiagonalise(a: Float64Array, d: number) {
  const reflectors: Float64Array[] = [];
  const product = new Float64Array(d);
  for (let k = 0; k < d - 2; k++) {
    // the reflection I − 2 v vᵀ that sends column k below the diagonal onto its first entry
    const v = new Float64Array(d);
    let norm = 0;
    for (let i = k + 1; i < d; i++) {
      v[i] = a[i * d + k];
      norm = Math.hypot(norm, v[i]);
    }
    v[k + 1] += v[k + 1] >= 0 ? norm : -norm; // the sign that avoids cancellation
    let length = 0;
    for (let i = k + 1; i < d; i++) length = Math.hypot(length, v[i]);
    reflectors.push(v);
    if (length === 0) continue;
    for (let i = k + 1; i < d; i++) v[i] /= length;

    let along = 0;
    for (let i = k; i < d; i++) {
      let sum = 0;
      for (let j = k + 1; j < d; j++) sum += a[i * d + j] * v[j];
      product[i] = sum;
      along += v[i] * sum;
    }
    for (let i = k; i < d; i++) product[i] -= along * v[i];
    for (let i = k; i < d; i++) {
      for (let j = k; j < d; j++) a[i * d + j] -= 2 * (v[i] * product[j] + product[i] * v[j]);
    }
  }
  const diagonal = Float64Array.from({ length: d }, (_, i) => a[i * d + i]);
  const beside = Float64Array.from({ length: d }, (_, i) => (i + 1 < d ? a[(i + 1) * d + i] : 0));

  // Q = (H₀ H₁ … )ᵀ, from the last reflection inwards so that only the trailing block is touched
  const rotations = new Float64Array(d * d);
  for (let i = 0; i < d; i++) rotations[i * d + i] = 1;
  for (let k = d - 3; k >= 0; k--) {
    const v = reflectors[k];
    for (let i = k + 1; i < d; i++) {
      let sum = 0;
      for (let j = k + 1; j < d; j++) sum += rotations[i * d + j] * v[j];
      for (let j = k + 1; j < d; j++) rotations[i * d + j] -= 2 * sum * v[j];
    }
  }
  return { diagonal, beside, rotations };
}

/** Turns `diagonal` into eigenvalues and the rows of `rotations` into eigenvectors. */
function diagonaliseTridiagonal(
  diagonal: Float64Array,
  beside: Float64Array,
  rotations: Float64Array,
  d: number,
): void {
  for (let first = 0; first < d; first++) {
    for (let iteration = 0; iteration < 60; iteration++) {
      let last = first;
      while (last < d - 1) {
        const size = Math.abs(diagonal[last]) + Math.abs(diagonal[last + 1]);
        if (Math.abs(beside[last]) <= Number.EPSILON * size) break;
        last++;
      }
      if (last === first) break;

      // Wilkinson's shift: the eigenvalue of the leading 2 × 2 block that lies nearest to its first entry
      const half = (diagonal[first + 1] - diagonal[first]) / (2 * beside[first]);
      const root = Math.hypot(half, 1);
      let bulge = diagonal[last] - diagonal[first] + beside[first] / (half + (half >= 0 ? root : -root));
      let sine = 1;
      let cosine = 1;
      let carried = 0;
      let split = false;
      for (let i = last - 1; i >= first; i--) {
        const f = sine * beside[i];
        const b = cosine * beside[i];
        const r = Math.hypot(f, bulge);
        beside[i + 1] = r;
        if (r === 0) {
          diagonal[i + 1] -= carried;
          beside[last] = 0;
          split = true;
          break;
        }
        sine = f / r;
        cosine = bulge / r;
        const g = diagonal[i + 1] - carried;
        const t = (diagonal[i] - g) * sine + 2 * cosine * b;
        carried = sine * t;
        diagonal[i + 1] = g + carried;
        bulge = cosine * t - b;
        const upper = i * d;
        const lower = upper + d;
        for (let j = 0; j < d; j++) {
          const high = rotations[upper + j];
          const low = rotations[lower + j];
          rotations[lower + j] = sine * high + cosine * low;
          rotations[upper + j] = cosine * high - sine * low;
        }
      }
      if (split) continue;
      diagonal[first] -= carried;
      beside[first] = bulge;
      beside[last] = 0;
    }
  }
}
