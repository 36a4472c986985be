/**
 * A linear classifier of cells as it is stored in classifier.json: standardisation, weights, and what is needed to read and use its
 * score elsewhere (transfer to other cells, amplification).
 */

import { checkMatrix, type FloatArray } from '../stats/matrix';
import { DataError, ShapeError } from '../util/errors';

export interface Classifier {
  format: 'lch-classifier';
  version: 1;
  method: 'lda' | 'logistic';
  /** Number of features, d. */
  features: number;
  /** Names of the classes: [negative, positive]. */
  classes: [string, string];
  /** [d] subtracted from a descriptor … */
  mean: number[];
  /** … then divided by [d]. */
  scale: number[];
  /** [d] for standardised features. */
  weights: number[];
  intercept: number;
  /** [d] shift of a descriptor, in its own units, that raises the score by one of its standard deviations along the cells' covariance. */
  pattern: number[];
  /** Mean and standard deviation of the score over the training cells. */
  scoreMean: number;
  scoreSd: number;
  /** [d] standard deviation of each feature over the training cells, in its own units (0 for a constant one). */
  featureSd: number[];
  /** Class probabilities [negative, positive] that the intercept supposes. */
  priors: [number, number];
  /** Training cells per class [negative, positive]. */
  cells: [number, number];
  /** How it was made, as given. */
  options: Record<string, unknown>;
}

/**
 * Scores of cells; above 0 means the positive class.
 *
 * @param latents [n, d] descriptors
 * @throws ShapeError when d is not the classifier's number of features
 * @example
 * const scores = scoreCells(classifier, latents, 72);
 */
export function scoreCells(classifier: Classifier, latents: FloatArray, n: number): Float64Array {
  const d = classifier.features;
  if (latents.length !== n * d) {
    throw new ShapeError(
      `scoreCells needs descriptors of ${d} features for ${n} cells, got ${latents.length} numbers; use the model that the classifier was trained with`,
    );
  }
  checkMatrix('scoreCells', latents, n, d);
  const { weights, intercept } = rawWeights(classifier);
  const scores = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = intercept;
    for (let j = 0; j < d; j++) sum += weights[j] * latents[i * d + j];
    scores[i] = sum;
  }
  return scores;
}

/** The same score as weights [d] on descriptors in their own units, and an intercept. */
export function rawWeights(classifier: Classifier): { weights: Float64Array; intercept: number } {
  const { mean, scale, weights } = classifier;
  const raw = Float64Array.from(weights, (weight, j) => weight / scale[j]);
  let intercept = classifier.intercept;
  for (let j = 0; j < raw.length; j++) intercept -= raw[j] * mean[j];
  return { weights: raw, intercept };
}

/**
 * Reads a classifier from what `JSON.parse` gave for classifier.json.
 *
 * @param where names the file in the message
 * @throws DataError when it is not such a classifier or parts of it are missing
 */
export function parseClassifier(value: unknown, where: string): Classifier {
  const c = value as Partial<Classifier> | null;
  const lists = c && [c.mean, c.scale, c.weights, c.pattern, c.featureSd];
  const whole =
    c?.format === 'lch-classifier' &&
    c.version === 1 &&
    Number.isInteger(c.features) &&
    Number.isFinite(c.intercept) &&
    lists?.every((list) => Array.isArray(list) && list.length === c.features && list.every(Number.isFinite));
  if (!whole) {
    throw new DataError(
      `${where} is not a classifier of this version; make one with lch classify (it writes classifier.json)`,
    );
  }
  return c as Classifier;
}
