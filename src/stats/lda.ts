import { DataError, OptionError } from '../util/errors';
import { choleskyFactor, choleskySolve } from './cholesky';
import { ledoitWolfShrinkage, shrinkCovariance } from './ledoit-wolf';
import { checkLength, checkMatrix, type FloatArray } from './matrix';
import { covarianceOf, type Moments, mergeMoments, momentsOf, scaleOf } from './moments';
import { symmetricEigen } from './symmetric-eigen';

export interface LdaOptions {
  /**
   * How the within-class covariance is formed and inverted.
   * `svd` (default) pools the cells' deviations from their class means and leaves directions of (nearly) no spread out.
   * `lsqr` averages the class covariances by their priors, may shrink them, and takes the least-squares solution of least length.
   * `eigen` is the same without that fallback: it needs an invertible covariance. Its scores equal those of `lsqr`.
   */
  solver?: 'svd' | 'lsqr' | 'eigen';
  /**
   * Pulls the covariance of `lsqr` and `eigen` towards uncorrelated features of equal spread: `auto` by Ledoit and Wolf's rule within
   * each class (features standardised first), or a number 0 … 1. Default `none`.
   */
  shrinkage?: 'none' | 'auto' | number;
  /**
   * Class probabilities before seeing a cell. `empirical` (default, the classes' shares of the training cells), `equal`, or one number
   * per class. They shift all scores of a fit together, which matters when scores of several folds are pooled.
   */
  priors?: 'empirical' | 'equal' | readonly number[];
}

/** A fitted linear discriminant; plain data. */
export interface Lda {
  d: number;
  /** Classes, 2 or more. */
  classes: number;
  /** [r, d] with r = 1 for two classes (class 1 against class 0), else one row per class. */
  weights: Float64Array;
  /** [r] */
  intercept: Float64Array;
  /** [classes] */
  priors: Float64Array;
  /** [classes, d] */
  means: Float64Array;
  /** Shrinkage used in each class, [classes]; zeros for `svd`. */
  shrinkage: Float64Array;
  /** Dimensions in which the within-class covariance has spread; smaller than d for constant or dependent features. */
  rank: number;
}

/**
 * Linear discriminant analysis; scores equal scikit-learn's `decision_function` of the same solver.
 *
 * @param x [n, d] cells
 * @param labels class of each cell: 0/1, booleans, or 0 … K−1
 * @throws DataError when fewer than two classes have cells, or when `eigen` meets a singular covariance; OptionError, ShapeError
 * @example
 * const lda = fitLda(latents, n, 56, isHigh, { solver: 'lsqr', shrinkage: 'auto', priors: 'equal' });
 * const scores = scoreLda(lda, latents, n); // > 0: class 1
 */
export function fitLda(
  x: FloatArray,
  n: number,
  d: number,
  labels: ArrayLike<number | boolean>,
  options: LdaOptions = {},
): Lda {
  checkMatrix('fitLda', x, n, d);
  checkLength('fitLda', 'labels', labels, n);
  const rows = rowsByClass(labels);
  const moments = rows.map((members) => momentsOf(x, d, members));
  const intensities =
    options.shrinkage === 'auto'
      ? rows.map((members, k) => ledoitWolfShrinkage(x, d, scaleOf(moments[k]), members, moments[k]))
      : undefined;
  return fitLdaFromMoments(moments, options, intensities);
}

/**
 * The same from the moments of each class alone, which makes leaving a group out, or relabelling groups, cost no pass over the cells.
 *
 * @param classes moments of class 0, class 1, …
 * @param intensities Ledoit–Wolf shrinkage of each class, needed for `shrinkage: 'auto'`
 */
export function fitLdaFromMoments(
  classes: readonly Moments[],
  options: LdaOptions = {},
  intensities?: readonly number[],
): Lda {
  const { solver = 'svd', shrinkage = 'none' } = options;
  const d = classes[0]?.d ?? 0;
  const empty = classes.findIndex((part) => part.n === 0);
  if (classes.length < 2 || empty >= 0) {
    const what = empty >= 0 ? `class ${empty} has none` : 'all cells are of one class';
    throw new DataError(
      `fitLda needs cells of at least two classes, but ${what}; add cells or another label`,
    );
  }
  if (solver !== 'svd' && solver !== 'lsqr' && solver !== 'eigen') {
    throw new OptionError(`fitLda: unknown solver "${solver}"; use svd, lsqr or eigen`);
  }
  if (solver === 'svd' && shrinkage !== 'none') {
    throw new OptionError('fitLda: solver svd cannot shrink; use solver lsqr or eigen, or shrinkage none');
  }
  if (typeof shrinkage === 'number' && !(shrinkage >= 0 && shrinkage <= 1)) {
    throw new OptionError(`fitLda: shrinkage must be none, auto or a number from 0 to 1, got ${shrinkage}`);
  }
  const n = classes.reduce((sum, part) => sum + part.n, 0);
  const priors = priorsOf(classes, options.priors ?? 'empirical');
  const amounts = Float64Array.from(classes, (_, k) =>
    shrinkage === 'none' ? 0 : shrinkage === 'auto' ? (intensities?.[k] ?? Number.NaN) : shrinkage,
  );
  if (amounts.some(Number.isNaN)) {
    throw new OptionError('fitLdaFromMoments: shrinkage auto needs the intensity of each class');
  }

  // Only differences between classes matter, so the origin is free. Like scikit-learn, `svd` puts it at the prior-weighted mean of the
  // classes and the others leave it at 0; for more than two classes that is a term common to all scores of a cell.
  const centre = new Float64Array(d);
  if (solver === 'svd' || classes.length === 2) {
    classes.forEach((part, k) => {
      for (let j = 0; j < d; j++) centre[j] += priors[k] * part.mean[j];
    });
  }
  const offsets = classes.map((part) => part.mean.map((value, j) => value - centre[j]));
  const { solved, rank } =
    solver === 'svd'
      ? solvePooled(classes, n, offsets)
      : solveAveraged(classes, priors, shrinkage, amounts, offsets, solver);

  const constants = offsets.map((mean, k) => -0.5 * dot(mean, solved[k]) + Math.log(priors[k]));
  const rowsOut = classes.length === 2 ? 1 : classes.length;
  const weights = new Float64Array(rowsOut * d);
  const intercept = new Float64Array(rowsOut);
  for (let r = 0; r < rowsOut; r++) {
    const row = rowsOut === 1 ? solved[1].map((value, j) => value - solved[0][j]) : solved[r];
    weights.set(row, r * d);
    intercept[r] = (rowsOut === 1 ? constants[1] - constants[0] : constants[r]) - dot(centre, row);
  }
  const means = new Float64Array(classes.length * d);
  classes.forEach((part, k) => {
    means.set(part.mean, k * d);
  });
  return { d, classes: classes.length, weights, intercept, priors, means, shrinkage: amounts, rank };
}

/**
 * Scores of cells: [n] for two classes (positive: class 1), [n, classes] for more.
 *
 * @param x [n, d]
 */
export function scoreLda(
  lda: Pick<Lda, 'd' | 'weights' | 'intercept'>,
  x: FloatArray,
  n: number,
): Float64Array {
  const { d, weights, intercept } = lda;
  checkMatrix('scoreLda', x, n, d);
  const r = intercept.length;
  const scores = new Float64Array(n * r);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < r; k++) {
      let sum = intercept[k];
      for (let j = 0; j < d; j++) sum += weights[k * d + j] * x[i * d + j];
      scores[i * r + k] = sum;
    }
  }
  return scores;
}

/** Σ_within⁻¹ m of each class mean m, Σ pooled over cells and divided by n (as scikit-learn does since 1.9; before, n − K). */
function solvePooled(classes: readonly Moments[], n: number, offsets: Float64Array[]) {
  const d = classes[0].d;
  const within = new Float64Array(d * d);
  for (const part of classes) for (let i = 0; i < d * d; i++) within[i] += part.scatter[i];
  const scale = scaleOf({ n, d, mean: mergeMoments(classes).mean, scatter: within });
  const correlation = within.map((value, i) => value / (n * scale[Math.floor(i / d)] * scale[i % d]));
  const scaled = offsets.map((mean) => mean.map((value, j) => value / scale[j]));
  const lower = choleskyFactor(correlation, d, 1e-5); // such pivots mean that no direction is left out below
  if (lower) {
    const solved = scaled.map((mean) => choleskySolve(lower, d, mean).map((value, j) => value / scale[j]));
    return { solved, rank: d };
  }
  // directions whose spread is below 1e-4 of a feature's own carry rounding errors only (scikit-learn's tolerance)
  const { values, vectors } = symmetricEigen(correlation, d);
  const rank = values.filter((value) => Math.sqrt(Math.max(0, value)) > 1e-4).length;
  const solved = scaled.map((mean) => {
    const result = new Float64Array(d);
    for (let k = 0; k < rank; k++) {
      const axis = vectors.subarray(k * d, (k + 1) * d);
      const along = dot(axis, mean) / values[k];
      for (let j = 0; j < d; j++) result[j] += (along * axis[j]) / scale[j];
    }
    return result;
  });
  return { solved, rank };
}

/** The same with the prior-weighted mean of the (shrunk) class covariances. */
function solveAveraged(
  classes: readonly Moments[],
  priors: Float64Array,
  shrinkage: 'none' | 'auto' | number,
  amounts: Float64Array,
  offsets: Float64Array[],
  solver: 'lsqr' | 'eigen',
) {
  const d = classes[0].d;
  const within = new Float64Array(d * d);
  classes.forEach((part, k) => {
    let covariance = covarianceOf(part, 0);
    if (shrinkage === 'auto') {
      // Ledoit and Wolf's target has equal variances, so features are standardised before and scaled back after
      const scale = scaleOf(part);
      const by = (i: number) => scale[Math.floor(i / d)] * scale[i % d];
      covariance = covariance.map((value, i) => value / by(i));
      covariance = shrinkCovariance(covariance, d, amounts[k]).map((value, i) => value * by(i));
    } else if (shrinkage !== 'none') covariance = shrinkCovariance(covariance, d, amounts[k]);
    for (let i = 0; i < d * d; i++) within[i] += priors[k] * covariance[i];
  });
  let largest = 0;
  for (let i = 0; i < d; i++) largest = Math.max(largest, within[i * d + i]);
  const lower = choleskyFactor(within, d, d * Number.EPSILON * largest);
  if (lower) return { solved: offsets.map((mean) => choleskySolve(lower, d, mean)), rank: d };
  if (solver === 'eigen') {
    throw new DataError(
      'fitLda: solver eigen needs an invertible covariance, but some features are constant or depend on others; add shrinkage, or use solver svd',
    );
  }
  const { values, vectors } = symmetricEigen(within, d);
  const rank = values.filter((value) => value > d * Number.EPSILON * values[0]).length;
  const solved = offsets.map((mean) => {
    const result = new Float64Array(d);
    for (let k = 0; k < rank; k++) {
      const axis = vectors.subarray(k * d, (k + 1) * d);
      const along = dot(axis, mean) / values[k];
      for (let j = 0; j < d; j++) result[j] += along * axis[j];
    }
    return result;
  });
  return { solved, rank };
}

function priorsOf(
  classes: readonly Moments[],
  priors: 'empirical' | 'equal' | readonly number[],
): Float64Array {
  if (priors === 'equal') return new Float64Array(classes.length).fill(1 / classes.length);
  const raw = priors === 'empirical' ? classes.map((part) => part.n) : priors;
  const total = raw.reduce((sum, value) => sum + value, 0);
  if (raw.length !== classes.length || raw.some((value) => !(value > 0)) || !Number.isFinite(total)) {
    throw new OptionError(
      `fitLda: priors must be empirical, equal or ${classes.length} positive numbers, got ${String(priors)}`,
    );
  }
  return Float64Array.from(raw, (value) => value / total);
}

/** Row numbers of class 0, class 1, … */
function rowsByClass(labels: ArrayLike<number | boolean>): number[][] {
  const rows: number[][] = [];
  for (let i = 0; i < labels.length; i++) {
    const label = Number(labels[i]);
    if (!Number.isInteger(label) || label < 0 || label > 10_000) {
      throw new OptionError(`fitLda: label of cell ${i + 1} is ${labels[i]}; use 0, 1, … as class numbers`);
    }
    while (rows.length <= label) rows.push([]);
    rows[label].push(i);
  }
  return rows;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}
