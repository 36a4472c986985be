import { fitLdaFromMoments, type LdaOptions } from '../stats/lda';
import { ldaPattern } from '../stats/lda-pattern';
import { ledoitWolfShrinkage } from '../stats/ledoit-wolf';
import { fitLogistic } from '../stats/logistic';
import { checkLength, checkMatrix, type FloatArray } from '../stats/matrix';
import {
  covarianceOf,
  type Moments,
  mergeMoments,
  momentsOf,
  scaleOf,
  standardiseMoments,
} from '../stats/moments';
import { DataError, OptionError } from '../util/errors';
import type { Classifier } from './classifier';

/** How a classifier is made; the same options in every fold of a validation. */
export interface ClassifierOptions {
  /** Linear discriminant (default, the paper's) or ridge logistic regression. */
  method?: 'lda' | 'logistic';
  /**
   * Class probabilities before seeing a cell. `equal` (default): a left-out group does not shift its fold's scores. `empirical`:
   * shares of the training cells; biases pooled scores of leave-one-group-out against the group's own class.
   */
  priors?: 'equal' | 'empirical';
  /** Of LDA; see `LdaOptions`. Default `svd`. */
  solver?: LdaOptions['solver'];
  /** Of LDA with `lsqr` or `eigen`. Default `none`. */
  shrinkage?: LdaOptions['shrinkage'];
  /** Ridge penalty of logistic regression on standardised features. Default 1. */
  penalty?: number;
  /** Standardise features by mean and standard deviation of the training cells. Default true. */
  standardise?: boolean;
}

/** A linear score on raw descriptors, with the standardisation it was learnt with. */
export interface LinearFit {
  mean: Float64Array;
  scale: Float64Array;
  /** [d] for standardised features. */
  weights: Float64Array;
  intercept: number;
  priors: [number, number];
}

/**
 * Trains a classifier of positive against negative cells on all cells given.
 *
 * @param x [n, d] descriptors
 * @param labels true (or 1) for positive cells
 * @param names of the classes [negative, positive], kept in the classifier
 * @throws DataError when a class has no cell or a descriptor is not finite; ShapeError, OptionError
 * @example
 * const classifier = fitClassifier(latents, n, 56, isHigh, { priors: 'equal' }, ['low', 'high']);
 */
export function fitClassifier(
  x: FloatArray,
  n: number,
  d: number,
  labels: ArrayLike<number | boolean>,
  options: ClassifierOptions = {},
  names: readonly [string, string] = ['negative', 'positive'],
): Classifier {
  checkMatrix('fitClassifier', x, n, d);
  checkLength('fitClassifier', 'labels', labels, n);
  const rows: [number[], number[]] = [[], []];
  for (let i = 0; i < n; i++) rows[labels[i] ? 1 : 0].push(i);
  if (rows[0].length === 0 || rows[1].length === 0) {
    throw new DataError(
      `fitClassifier needs cells of both classes, got ${rows[1].length} "${names[1]}" and ${rows[0].length} "${names[0]}"; check the label and the positive value`,
    );
  }
  const moments: [Moments, Moments] = [momentsOf(x, d, rows[0]), momentsOf(x, d, rows[1])];
  const fit = fitLinear(x, d, () => rows, moments, options);

  const all = mergeMoments(moments);
  const covariance = covarianceOf(all);
  const raw = fit.weights.map((weight, j) => weight / fit.scale[j]);
  const { pattern, scoreSd } = ldaPattern(covariance, raw);
  let scoreMean = fit.intercept;
  for (let j = 0; j < d; j++) scoreMean += raw[j] * (all.mean[j] - fit.mean[j]);
  return {
    format: 'lch-classifier',
    version: 1,
    method: options.method ?? 'lda',
    features: d,
    classes: [names[0], names[1]],
    mean: Array.from(fit.mean),
    scale: Array.from(fit.scale),
    weights: Array.from(fit.weights),
    intercept: fit.intercept,
    pattern: Array.from(pattern),
    scoreMean,
    scoreSd,
    featureSd: Array.from({ length: d }, (_, j) => Math.sqrt(covariance[j * d + j])),
    priors: fit.priors,
    cells: [rows[0].length, rows[1].length],
    options: { ...options },
  };
}

/**
 * The fit itself, on checked input. Where the moments suffice (LDA without Ledoit–Wolf) the cells are not touched, so a fold of a
 * validation costs a merge of moments and one solution.
 *
 * @param rowsOf negative and positive training cells; only asked for where moments do not suffice
 * @param moments of the same
 */
export function fitLinear(
  x: FloatArray,
  d: number,
  rowsOf: () => readonly [ArrayLike<number>, ArrayLike<number>],
  moments: readonly [Moments, Moments],
  options: ClassifierOptions,
): LinearFit {
  const { method = 'lda', priors = 'equal', standardise = true } = options;
  if (priors !== 'equal' && priors !== 'empirical') {
    throw new OptionError(`classify: priors must be equal or empirical, got "${String(priors)}"`);
  }
  const all = mergeMoments(moments);
  const mean = standardise ? all.mean : new Float64Array(d);
  const scale = standardise ? scaleOf(all) : new Float64Array(d).fill(1);
  const share = moments[1].n / all.n;
  const used: [number, number] = priors === 'equal' ? [0.5, 0.5] : [1 - share, share];

  if (method === 'lda') {
    const { solver, shrinkage } = options;
    const rows = shrinkage === 'auto' ? rowsOf() : null;
    const intensities = rows
      ? moments.map((part, k) => ledoitWolfShrinkage(x, d, scaleOf(part), rows[k], part))
      : undefined;
    const standardised = moments.map((part) => standardiseMoments(part, mean, scale));
    const lda = fitLdaFromMoments(standardised, { solver, shrinkage, priors: used }, intensities);
    return { mean, scale, weights: lda.weights, intercept: lda.intercept[0], priors: used };
  }
  if (method !== 'logistic') {
    throw new OptionError(`classify: unknown method "${String(method)}"; use lda or logistic`);
  }
  const rows = rowsOf();
  const n = rows[0].length + rows[1].length;
  const cells = new Float64Array(n * d);
  const labels = new Uint8Array(n);
  let at = 0;
  for (const k of [0, 1]) {
    for (let i = 0; i < rows[k].length; i++, at++) {
      labels[at] = k;
      const from = rows[k][i] * d;
      for (let j = 0; j < d; j++) cells[at * d + j] = (x[from + j] - mean[j]) / scale[j];
    }
  }
  const classWeight = priors === 'equal' ? 'balanced' : 'none';
  const fit = fitLogistic(cells, n, d, labels, { penalty: options.penalty, classWeight });
  return { mean, scale, weights: fit.weights, intercept: fit.intercept[0], priors: used };
}
