/**
 * In-silico amplification: shift cells in latent space towards what the classifier sees, decode, and look. By default the shift goes
 * along the classifier's pattern Σw, the direction in which cells differ when the score differs (Haufe et al., NeuroImage 2014); the
 * paper shifts one feature.
 */
import type { Autoencoder } from '../autoencoder/autoencoder';
import { type Classifier, scoreCells } from '../classify/classifier';
import { decodeDescriptors, encodeCells, type PassOptions } from '../latent/encode-cells';
import { OptionError, ShapeError } from '../util/errors';
import { defaultProgress } from '../util/progress';

export interface AmplifyOptions extends PassOptions {
  /** In standard deviations: of the score along the pattern, or of the feature over the classifier's training cells. */
  shifts: readonly number[];
  /** Number of a single feature, from 1 as in the paper; without it the classifier's pattern. */
  feature?: number;
}

/** All cells at all shifts, cell by cell, each from the first shift to the last. */
export interface Amplification {
  shifts: readonly number[];
  /** [n · shifts, s, s, 1] decoded images 0..1. */
  images: Float32Array;
  /** [n · shifts] score of the decoded image, encoded again: what the classifier makes of the picture. */
  scores: Float64Array;
  /** [n · shifts] score of the shifted descriptor, before decoding. */
  latentScores: Float64Array;
}

/**
 * Amplifies every given cell. Cost: n × shifts decoder and encoder passes.
 *
 * @param latents [n, d] descriptors of the cells
 * @throws ShapeError when model, classifier and descriptors differ in features; OptionError for a feature that does not exist
 * @example
 * const { images } = await amplifyCells(model, z.subarray(0, 56), classifier, { shifts: [-3, 0, 3] });
 */
export async function amplifyCells(
  model: Autoencoder,
  latents: Float32Array,
  classifier: Classifier,
  options: AmplifyOptions,
): Promise<Amplification> {
  const d = model.architecture.latentDims;
  if (classifier.features !== d) {
    throw new ShapeError(
      `amplify needs a classifier of the model's ${d} features, got one of ${classifier.features}; run lch classify on descriptors of this model`,
    );
  }
  if (latents.length % d !== 0) {
    throw new ShapeError(
      `amplify needs descriptors of ${d} features, got ${latents.length} numbers; encode with this model`,
    );
  }
  const direction = amplificationDirection(classifier, options.feature);
  const { shifts, progress = defaultProgress, signal } = options;
  const n = latents.length / d;
  const shifted = new Float32Array(n * shifts.length * d);
  for (let i = 0; i < n; i++) {
    shifts.forEach((shift, s) => {
      for (let j = 0; j < d; j++) {
        shifted[(i * shifts.length + s) * d + j] = latents[i * d + j] + shift * direction[j];
      }
    });
  }
  const images = await decodeDescriptors(model, shifted, { progress, signal });
  const again = await encodeCells(model, images, { progress, signal });
  return {
    shifts,
    images,
    scores: scoreCells(classifier, again, n * shifts.length),
    latentScores: scoreCells(classifier, shifted, n * shifts.length),
  };
}

/** [d] shift of a descriptor for one standard deviation. @throws OptionError */
export function amplificationDirection(classifier: Classifier, feature?: number): Float64Array {
  if (feature === undefined) return Float64Array.from(classifier.pattern);
  if (!Number.isInteger(feature) || feature < 1 || feature > classifier.features) {
    throw new OptionError(
      `amplify: --feature needs a whole number from 1 to ${classifier.features}, got ${feature}`,
    );
  }
  const direction = new Float64Array(classifier.features);
  direction[feature - 1] = classifier.featureSd[feature - 1];
  return direction;
}
