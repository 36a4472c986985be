/** Proof that an amplification shows what was planted, for cells whose truth is known. */
import type { Autoencoder } from '../autoencoder/autoencoder';
import type { Classifier } from '../classify/classifier';
import { spearman } from '../stats/correlation';
import type { Progress } from '../util/progress';
import { median } from '../util/quantile';
import { amplifyCells } from './amplify-cells';
import { type HallmarkChange, hallmarksAgainstShift } from './hallmarks-against-shift';

export interface CheckAmplificationOptions {
  /** Default −3 … 3. */
  shifts?: readonly number[];
  /** A single feature, from 1, in place of the classifier's pattern. */
  feature?: number;
  progress?: Progress;
  signal?: AbortSignal;
}

export interface AmplificationCheck {
  changes: HallmarkChange[];
  /** Median over cells of Spearman's rank correlation between the shift and the score of the image, encoded again. */
  scoreRho: number;
}

/**
 * Amplifies cells, measures the hallmarks in the decoded images, and scores those again.
 *
 * @param latents [n, d] descriptors of cells that the classifier was not trained on
 */
export async function checkAmplification(
  model: Autoencoder,
  latents: Float32Array,
  classifier: Classifier,
  { shifts = [-3, -2, -1, 0, 1, 2, 3], ...options }: CheckAmplificationOptions = {},
): Promise<AmplificationCheck> {
  const amplified = await amplifyCells(model, latents, classifier, { shifts, ...options });
  const changes = await hallmarksAgainstShift(amplified, model.architecture.imageSize, options);
  const cells = amplified.scores.length / shifts.length;
  const rhos = Array.from({ length: cells }, (_, cell) =>
    spearman(shifts, amplified.scores.subarray(cell * shifts.length, (cell + 1) * shifts.length)),
  );
  return { changes, scoreRho: median(rhos) };
}
