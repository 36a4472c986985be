/** The losses, with their gradients written out. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../compute';

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
