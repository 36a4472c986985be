/**
 * One adversarial training step, in the reference's order (openLCH; Torch7 `nn` semantics): all gradients are taken at the same point,
 * then each of the two optimizers makes one step.
 */
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { AdamOptions } from '../compute';
import { tf } from '../compute';
import type { Autoencoder } from './autoencoder';
import { binaryCrossEntropy, binaryCrossEntropyGradient } from './losses';

/** Losses of one step: means over the batch, before the step's updates. */
export interface StepLosses {
  /** Cross-entropy per pixel. */
  reconstructionLoss: number;
  /** Cross-entropy of the adversary on prior samples plus that on codes (a coin toss: 2 ln 2 = 1.386). */
  adversaryLoss: number;
  /** Cross-entropy of the adversary's verdict on codes against "from the prior" (a coin toss: 0.693). */
  generatorLoss: number;
}

export interface StepOptions {
  adam: AdamOptions;
  /** Weight of the adversary's gradient in the encoder; 0 leaves the adversary out altogether. */
  adversaryWeight: number;
  /** Number of this step, from 1: Adam's bias correction. */
  step: number;
}

/**
 * Gathers all gradients of one step without updating anything:
 *
 * 1. x̂ = decoder(encoder(x)); cross-entropy against x; backward through the decoder.
 * 2. the adversary on prior samples, against 1; backward into the adversary.
 * 3. the adversary on the codes of 1 (no second encoder pass), against 0; backward into the adversary.
 * 4. the same verdict against 1; backward through the adversary to the codes only.
 * 5. backward through the encoder once, with the sum of both gradients at the codes: backward is linear in it.
 *
 * @param x crops [n, s, s, 1], n ≥ 2; stays the caller's
 * @param prior standard normal samples [n, latentDims]; stays the caller's
 * @returns the three losses as scalars, the caller's to dispose
 */
export function gatherGradients(
  model: Autoencoder,
  x: Tensor4D,
  prior: Tensor2D,
  adversaryWeight: number,
): { reconstruction: Tensor; adversary: Tensor; generator: Tensor } {
  const { encoder, decoder, adversary } = model;
  for (const network of [encoder, decoder, adversary]) network.clearGradients();

  const codes = encoder.forward(x); // [n, d]
  const logits = decoder.forward(codes); // [n, s, s, 1]
  const reconstruction = binaryCrossEntropy(logits, x);
  const dLogits = binaryCrossEntropyGradient(logits, x);
  let dCodes = decoder.backward(dLogits, { parameters: true, input: true }) as Tensor;
  dLogits.dispose();

  let adversaryLoss: Tensor = tf.scalar(0);
  let generator: Tensor = tf.scalar(0);
  if (adversaryWeight > 0) {
    const onPrior = adversary.forward(prior); // [n, 1]
    const priorLoss = binaryCrossEntropy(onPrior, 1);
    backwardAndFree(onPrior, 1, (dy) => adversary.backward(dy, { parameters: true, input: false }));

    const onCodes = adversary.forward(codes);
    const codesLoss = binaryCrossEntropy(onCodes, 0);
    tf.dispose([adversaryLoss, generator]);
    generator = binaryCrossEntropy(onCodes, 1);
    adversaryLoss = tf.add(priorLoss, codesLoss);
    tf.dispose([priorLoss, codesLoss]);
    // taken before the activations are freed by the pass for the adversary's own weights
    const dMinimax = backwardAndFree(
      onCodes,
      1,
      (dy) => adversary.backward(dy, { parameters: false, input: true, keep: true }),
      adversaryWeight,
    ) as Tensor;
    backwardAndFree(onCodes, 0, (dy) => adversary.backward(dy, { parameters: true, input: false }));
    const total = tf.add(dCodes, dMinimax);
    tf.dispose([dCodes, dMinimax]);
    dCodes = total;
  }

  encoder.backward(dCodes, { parameters: true, input: false });
  dCodes.dispose();
  return { reconstruction, adversary: adversaryLoss, generator };
}

function backwardAndFree(
  logits: Tensor,
  target: number,
  backward: (dy: Tensor) => Tensor | null,
  weight = 1,
): Tensor | null {
  const dy = binaryCrossEntropyGradient(logits, target, weight);
  const result = backward(dy);
  dy.dispose();
  return result;
}

/**
 * One training step: {@link gatherGradients}, then one Adam step on encoder and decoder and one on the adversary.
 *
 * @param images crops as [n, s, s, 1] floats 0..1, n ≥ 2
 * @param noise n · latentDims standard normal numbers
 */
export function trainStep(
  model: Autoencoder,
  images: Float32Array,
  noise: Float32Array,
  { adam, adversaryWeight, step }: StepOptions,
): StepLosses {
  const { imageSize, latentDims } = model.architecture;
  const count = images.length / imageSize ** 2;
  return tf.tidy(() => {
    const x = tf.tensor4d(images, [count, imageSize, imageSize, 1]);
    const prior = tf.tensor2d(noise, [count, latentDims]);
    const losses = gatherGradients(model, x, prior, adversaryWeight);
    const networks = [model.encoder, model.decoder, ...(adversaryWeight > 0 ? [model.adversary] : [])];
    for (const network of networks) {
      for (const [, weight] of network.namedWeights()) {
        if (weight.gradient) weight.parameter.applyAdam(weight.gradient, step, adam);
        weight.clearGradient();
      }
    }
    const values = tf.stack([losses.reconstruction, losses.adversary, losses.generator]).dataSync();
    return { reconstructionLoss: values[0], adversaryLoss: values[1], generatorLoss: values[2] };
  });
}
