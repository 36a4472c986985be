/**
 * An adversary that tries to tell the day from the codes, while the encoder learns to give it nothing to tell by: in the spirit of
 * domain-adversarial training (Ganin and others, JMLR 2016) and of ARMED, which uses it against day effects. Not in the reference.
 */
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { tf } from '../compute';
import { OptionError } from '../util/errors';
import type { Random } from '../util/random';
import { LeakyRelu, Linear } from './layers';
import { Network } from './network';

/** Width of the hidden layers: enough to find a day in 56 features, small beside a convolution. */
const width = 128;

/** What a training step is told of the days. */
export interface DayBatch {
  /** [n] number of each crop's day, from 0. */
  labels: Int32Array;
  /** Share of each day among the training crops: what the encoder wants the adversary to say of every crop. */
  shares: Float32Array;
  /** Weight of its gradient in the encoder, against the mean cross-entropy per pixel. */
  weight: number;
}

/**
 * Codes [n, latentDims] → a logit per day [n, days]. Not part of the saved model.
 *
 * @throws OptionError when there is nothing to tell apart
 */
export function buildDayAdversary(latentDims: number, days: number, random: Random): Network {
  if (days < 2) throw new OptionError(`train: --forget-day needs crops of at least 2 days, got ${days}`);
  return new Network('day', [
    new Linear(latentDims, width, random),
    new LeakyRelu(),
    new Linear(width, width, random),
    new LeakyRelu(),
    new Linear(width, days, random),
  ]);
}

/**
 * Gathers the adversary's own gradients (cross-entropy against the true day) and returns what its verdict asks of the codes: that it be the
 * days' shares, whatever the crop. That goal can be reached, while a reversed loss has no lower end and blows the codes up.
 *
 * @param codes [n, latentDims]; stay the caller's
 * @returns the adversary's loss as a scalar, and the gradient to the codes times the weight; both the caller's
 */
export function gatherDayGradient(
  adversary: Network,
  codes: Tensor,
  { labels, shares, weight }: DayBatch,
): { loss: Tensor; dCodes: Tensor } {
  const logits = adversary.forward(codes) as Tensor2D; // [n, days]
  const { loss, dOwn, dWish } = tf.tidy(() => {
    const n = labels.length;
    const truth = tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), shares.length), 'float32');
    const told = tf.softmax(logits);
    return {
      loss: tf.neg(tf.mean(tf.sum(tf.mul(truth, tf.logSoftmax(logits)), 1))),
      dOwn: tf.div(tf.sub(told, truth), n),
      dWish: tf.mul(tf.sub(told, tf.tensor2d(shares, [1, shares.length])), weight / n),
    };
  });
  // taken before the activations are freed by the pass for the adversary's own weights
  const dCodes = adversary.backward(dWish, { parameters: false, input: true, keep: true }) as Tensor;
  adversary.backward(dOwn, { parameters: true, input: false });
  tf.dispose([dOwn, dWish]);
  return { loss, dCodes };
}
