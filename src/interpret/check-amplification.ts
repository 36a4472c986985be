/** Proof that an amplification shows what was planted, for cells whose truth is known. */
import type { Autoencoder } from '../autoencoder/autoencoder';
import type { Classifier } from '../classify/classifier';
import { spearman } from '../stats/correlation';
import type { Progress } from '../util/progress';
import { median } from '../util/quantile';
import { amplifyCells } from './amplify-cells';
import type { Hallmarks } from './hallmarks';
import { type HallmarkChange, hallmarkChanges, measureImages } from './hallmarks-against-shift';
import { type NuisanceChange, nuisanceAgainstShift } from './nuisance-against-shift';

export interface CheckAmplificationOptions {
  /** Default −3 … 3. */
  shifts?: readonly number[];
  /** A single feature, from 1, in place of the classifier's pattern. */
  feature?: number;
  /** [n] tumor of each cell: the unit of evidence of the nuisance's intervals. Default: every cell for itself. */
  groups?: ArrayLike<string | number>;
  progress?: Progress;
  signal?: AbortSignal;
}

export interface AmplificationCheck {
  changes: HallmarkChange[];
  /** What should stay as it is, beside the hallmarks. */
  nuisance: NuisanceChange[];
  /** Median over cells of Spearman's rank correlation between the shift and the score of the image, encoded again. */
  scoreRho: number;
  /**
   * [n · shifts] hallmarks of all decoded images, cell by cell. Those of several checks one after the other go into `hallmarkChanges` and `nuisanceAgainstShift`
   * for cells that were judged by different classifiers.
   */
  measured: Hallmarks[];
}

/**
 * Amplifies cells, measures hallmarks and nuisance in the decoded images, and scores those again.
 *
 * @param latents [n, d] descriptors of cells that the classifier was not trained on
 * @throws ShapeError when model, classifier, descriptors or groups do not fit together; OptionError for a feature that does not exist
 */
export async function checkAmplification(
  model: Autoencoder,
  latents: Float32Array,
  classifier: Classifier,
  { shifts = [-3, -2, -1, 0, 1, 2, 3], groups, ...options }: CheckAmplificationOptions = {},
): Promise<AmplificationCheck> {
  const amplified = await amplifyCells(model, latents, classifier, { shifts, ...options });
  const measured = await measureImages(amplified.images, model.architecture.imageSize, options.signal);
  const cells = amplified.scores.length / shifts.length;
  const rhos = Array.from({ length: cells }, (_, cell) =>
    spearman(shifts, amplified.scores.subarray(cell * shifts.length, (cell + 1) * shifts.length)),
  );
  return {
    changes: hallmarkChanges(measured, shifts),
    nuisance: nuisanceAgainstShift(measured, shifts, { groups }),
    scoreRho: median(rhos),
    measured,
  };
}
