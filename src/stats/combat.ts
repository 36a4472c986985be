import { DataError, OptionError } from '../util/errors';
import { choleskyFactor, choleskySolve } from './cholesky';
import { checkLength, checkMatrix, type FloatArray } from './matrix';

export interface CombatOptions {
  /**
   * What the correction must keep, by name: a number per cell, or a name per cell for categories. Leave out the label that is to be
   * predicted: keeping it lets the correction see the held-out group's class.
   */
  covariates?: Record<string, ArrayLike<number> | ArrayLike<string>>;
  /** Shift batches only, leave their spread. Default false. */
  meanOnly?: boolean;
}

/** A fitted correction. */
export interface Combat {
  /** [n, d] corrected descriptors of the cells it was fitted on. */
  adjusted: Float64Array;
  batches: string[];
  /** [batches, d] shift of each batch after shrinkage, in pooled standard deviations. */
  shift: Float64Array;
  /** [batches, d] variance of each batch after shrinkage, relative to the pooled one. */
  variance: Float64Array;
  /**
   * Corrects the cells [m, d] of one further batch by their own shift and spread, against the reference learnt above; nothing of the
   * other batches changes. For a left-out day, so that no training step sees it. Not available with covariates.
   */
  adjustNewBatch(x: FloatArray, m: number): Float64Array;
}

/**
 * ComBat (Johnson, Li and Rabinovic, Biostatistics 8, 2007): removes each batch's shift and spread per feature, both shrunk towards what
 * the batch does to all features (parametric empirical Bayes), so that small batches are not over-corrected.
 *
 * @param x [n, d] descriptors
 * @param batches the day (or series) of each cell
 * @throws DataError for a single batch, a batch with one cell, fewer than two features, or covariates that the batches determine;
 *   ShapeError
 */
export function fitCombat(
  x: FloatArray,
  n: number,
  d: number,
  batches: ArrayLike<string | number>,
  options: CombatOptions = {},
): Combat {
  checkMatrix('fitCombat', x, n, d);
  checkLength('fitCombat', 'batches', batches, n);
  if (d < 2)
    throw new DataError('fitCombat needs at least two features: it learns how a batch acts on all of them');
  const { names, member, rows } = membersOf(batches, n);
  if (names.length < 2) throw new DataError(`fitCombat needs at least two batches, got only "${names[0]}"`);
  const lonely = rows.findIndex((list) => list.length < 2);
  if (lonely >= 0) {
    throw new DataError(
      `fitCombat: batch "${names[lonely]}" has a single cell; join it with another or leave it out`,
    );
  }

  const covariates = designColumns(options.covariates ?? {}, n);
  const { standing, pooled } = regress(x, n, d, member, rows, covariates);
  const standardised = Float64Array.from(x, (value, i) => (value - standing[i]) / Math.sqrt(pooled[i % d]));
  const shift = new Float64Array(names.length * d);
  const variance = new Float64Array(names.length * d);
  rows.forEach((list, b) => {
    const estimate = shrinkBatch(standardised, d, list, options.meanOnly ?? false);
    shift.set(estimate.shift, b * d);
    variance.set(estimate.variance, b * d);
  });
  const adjusted = Float64Array.from(standardised, (value, i) => {
    const at = member[Math.floor(i / d)] * d + (i % d);
    return ((value - shift[at]) / Math.sqrt(variance[at])) * Math.sqrt(pooled[i % d]) + standing[i];
  });
  return {
    adjusted,
    batches: names,
    shift,
    variance,
    adjustNewBatch(cells, m) {
      if (covariates.length > 0) {
        throw new OptionError('adjustNewBatch works without covariates only; fit without them');
      }
      checkMatrix('adjustNewBatch', cells, m, d);
      if (m < 2) throw new DataError('adjustNewBatch needs at least two cells of the new batch, got one');
      const grand = standing.subarray(0, d); // without covariates the same for every cell
      const z = Float64Array.from(cells, (value, i) => (value - grand[i % d]) / Math.sqrt(pooled[i % d]));
      const all = Array.from({ length: m }, (_, i) => i);
      const estimate = shrinkBatch(z, d, all, options.meanOnly ?? false);
      return z.map((value, i) => {
        const j = i % d;
        return (
          ((value - estimate.shift[j]) / Math.sqrt(estimate.variance[j])) * Math.sqrt(pooled[j]) + grand[j]
        );
      });
    },
  };
}

/** Cells of each batch, batches in order of first appearance. */
function membersOf(batches: ArrayLike<string | number>, n: number) {
  const numbers = new Map<string, number>();
  const rows: number[][] = [];
  const member = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const name = String(batches[i]);
    let b = numbers.get(name);
    if (b === undefined) {
      b = numbers.size;
      numbers.set(name, b);
      rows.push([]);
    }
    member[i] = b;
    rows[b].push(i);
  }
  return { names: [...numbers.keys()], member, rows };
}

/** Covariates as columns of numbers; categories become 0/1 columns without the first. */
function designColumns(covariates: NonNullable<CombatOptions['covariates']>, n: number): Float64Array[] {
  return Object.entries(covariates).flatMap(([name, values]) => {
    checkLength('fitCombat', `covariate ${name}`, values, n);
    if (typeof values[0] === 'number') return [Float64Array.from(values as ArrayLike<number>)];
    const levels = [...new Set(Array.from(values as ArrayLike<string>))].sort().slice(1);
    return levels.map((level) => Float64Array.from({ length: n }, (_, i) => (values[i] === level ? 1 : 0)));
  });
}

/**
 * Least squares of every feature on batch means and covariates.
 *
 * @returns `standing` [n, d]: grand mean plus covariate effects of each cell; `pooled` [d]: variance of what remains beside batches
 */
function regress(
  x: FloatArray,
  n: number,
  d: number,
  member: Int32Array,
  rows: number[][],
  covariates: Float64Array[],
) {
  const b = rows.length;
  const q = b + covariates.length;
  const entry = (i: number, c: number) => (c < b ? (member[i] === c ? 1 : 0) : covariates[c - b][i]);
  const normal = new Float64Array(q * q);
  const right = new Float64Array(d * q);
  for (let i = 0; i < n; i++) {
    const active = [member[i], ...covariates.map((_, k) => b + k)];
    for (const p of active) {
      const value = entry(i, p);
      for (const r of active) normal[p * q + r] += value * entry(i, r);
      for (let j = 0; j < d; j++) right[j * q + p] += value * x[i * d + j];
    }
  }
  const lower = choleskyFactor(normal, q, 1e-9);
  if (!lower) {
    throw new DataError(
      'fitCombat: the batches determine a covariate (such as a cell type imaged on one day only), so the two cannot be told apart; drop it',
    );
  }
  const grand = new Float64Array(d);
  const effects = new Float64Array(covariates.length * d);
  const residual = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const beta = choleskySolve(lower, q, right.subarray(j * q, (j + 1) * q));
    for (let k = 0; k < b; k++) grand[j] += (rows[k].length / n) * beta[k];
    for (let k = 0; k < covariates.length; k++) effects[k * d + j] = beta[b + k];
    for (let i = 0; i < n; i++) {
      let fitted = beta[member[i]];
      for (let k = 0; k < covariates.length; k++) fitted += beta[b + k] * covariates[k][i];
      residual[j] += (x[i * d + j] - fitted) ** 2 / n;
    }
  }
  const pooled = residual.map((value) => (value > 0 ? value : 1)); // a constant feature has nothing to correct
  const standing = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) {
      standing[i * d + j] = grand[j];
      for (let k = 0; k < covariates.length; k++)
        standing[i * d + j] += covariates[k][i] * effects[k * d + j];
    }
  }
  return { standing, pooled };
}

/** Empirical Bayes estimates of one batch from its standardised cells: posterior shift and variance of every feature, [d] each. */
function shrinkBatch(z: Float64Array, d: number, rows: number[], meanOnly: boolean) {
  const n = rows.length;
  const mean = new Float64Array(d);
  const spread = new Float64Array(d);
  for (const i of rows) for (let j = 0; j < d; j++) mean[j] += z[i * d + j] / n;
  for (const i of rows) for (let j = 0; j < d; j++) spread[j] += (z[i * d + j] - mean[j]) ** 2 / (n - 1);
  if (meanOnly) spread.fill(1);

  // priors over features: shifts are normal, variances inverse gamma; both by the method of moments
  const priorMean = average(mean);
  const priorVariance = sampleVariance(mean, priorMean);
  const meanSpread = average(spread);
  const spreadVariance = sampleVariance(spread, meanSpread);
  const shape = (2 * spreadVariance + meanSpread ** 2) / spreadVariance;
  const rate = (meanSpread * spreadVariance + meanSpread ** 3) / spreadVariance;

  const shift = new Float64Array(d);
  const variance = new Float64Array(d);
  const posterior = (j: number, cells: number, delta: number) =>
    priorVariance === 0
      ? priorMean
      : (priorVariance * cells * mean[j] + delta * priorMean) / (priorVariance * cells + delta);
  for (let j = 0; j < d; j++) {
    if (meanOnly) {
      shift[j] = posterior(j, 1, 1); // as the R and Python implementations do: a batch counts as one observation
      variance[j] = 1;
      continue;
    }
    if (!Number.isFinite(shape)) {
      variance[j] = spread[j] || 1; // all features spread alike: nothing to shrink towards
      shift[j] = posterior(j, n, variance[j]);
      continue;
    }
    // the two posterior means depend on each other; a few rounds settle them
    let delta = spread[j];
    let gamma = mean[j];
    for (let round = 0; round < 1000; round++) {
      const nextGamma = posterior(j, n, delta);
      let squares = (n - 1) * spread[j] + n * (mean[j] - nextGamma) ** 2;
      squares = (0.5 * squares + rate) / (n / 2 + shape - 1);
      const change = Math.max(
        Math.abs(nextGamma - gamma) / Math.abs(gamma || 1),
        Math.abs(squares - delta) / (delta || 1),
      );
      gamma = nextGamma;
      delta = squares;
      if (change <= 1e-12) break;
    }
    shift[j] = gamma;
    variance[j] = delta;
  }
  return { shift, variance };
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sampleVariance(values: Float64Array, mean: number): number {
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}
