/** The losses, with their gradients written out. */
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { tf } from '../compute';
import { structuralDissimilarity } from './structural-similarity';

/**
 * Binary cross-entropy of `sigmoid(logits)` against `target`, averaged over all elements: max(l, 0) − l·t + log(1 + e^−|l|). Equal to
 * Torch7's BCECriterion behind a sigmoid up to its 1e-12 guard. The result is the caller's.
 */
export function binaryCrossEntropy(logits: Tensor, target: Tensor | number): Scalar {
  return tf.tidy(() => {
    const softened = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
    return tf.mean(tf.add(tf.sub(tf.relu(logits), tf.mul(logits, target)), softened)) as Scalar;
  });
}

/** Its gradient to the logits, (sigmoid(l) − t) / count, times `weight`. The result is the caller's. */
export function binaryCrossEntropyGradient(logits: Tensor, target: Tensor | number, weight = 1): Tensor {
  return tf.tidy(() => tf.mul(tf.sub(tf.sigmoid(logits), target), weight / logits.size));
}

/** Terms that may stand beside the cross-entropy; both compare sigmoid(logits) with the crops. */
export interface SharpnessWeights {
  /** Of the mean squared error per pixel. */
  squaredErrorWeight?: number;
  /** Of the mean absolute error per pixel. */
  l1Weight?: number;
  /** Of 1 − multi-scale structural similarity. */
  ssimWeight?: number;
}

/**
 * The weighted sum of the terms that are on, and its gradient to the logits; null when none is on. Both tensors are the caller's.
 *
 * @param logits [n, s, s, 1]
 * @param target 0..1, of the same shape
 */
export function sharpnessTerms(
  logits: Tensor4D,
  target: Tensor4D,
  { squaredErrorWeight = 0, l1Weight = 0, ssimWeight = 0 }: SharpnessWeights,
): { value: Tensor; grad: Tensor } | null {
  if (squaredErrorWeight === 0 && l1Weight === 0 && ssimWeight === 0) return null;
  const [n, side] = logits.shape;
  return tf.valueAndGrad((l: Tensor4D): Scalar => {
    const prediction = tf.sigmoid(l);
    let sum: Tensor = tf.scalar(0);
    if (squaredErrorWeight > 0)
      sum = tf.mul(tf.mean(tf.squaredDifference(prediction, target)), squaredErrorWeight);
    if (l1Weight > 0) sum = tf.add(sum, tf.mul(tf.mean(tf.abs(tf.sub(prediction, target))), l1Weight));
    if (ssimWeight > 0) {
      const unlike = structuralDissimilarity(
        tf.reshape(prediction, [n, side, side]),
        tf.reshape(target, [n, side, side]),
      );
      sum = tf.add(sum, tf.mul(unlike, ssimWeight));
    }
    return sum as Scalar;
  })(logits);
}
