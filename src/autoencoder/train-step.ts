/**
 * One adversarial training step, in the reference's order (openLCH; Torch7 `nn` semantics): all gradients are taken at the same point,
 * then each of the two optimizers makes one step.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { AdamOptions } from '../compute';
import { tf } from '../compute';
import type { Autoencoder } from './autoencoder';
import { type DayBatch, gatherDayGradient } from './day-adversary';
import {
  binaryCrossEntropy,
  binaryCrossEntropyGradient,
  type SharpnessWeights,
  sharpnessTerms,
} from './losses';
import type { Network } from './network';
import { type PrincipalPull, principalPull } from './principal-start';
import { lossNames, type StepLosses } from './step-losses';

/** What may be added to the reference's step; everything is off unless named. */
export interface StepExtras extends SharpnessWeights {
  /** Added to the codes on their way to the decoder, n · latentDims numbers. */
  codeNoise?: Float32Array;
  /** The adversary that must not tell the day, and what it is asked about. */
  day?: DayBatch & { network: Network };
  /** Where the codes are drawn to at the start of a training. */
  principal?: PrincipalPull;
}

export interface StepOptions {
  adam: AdamOptions;
  /** Weight of the adversary's gradient in the encoder; 0 leaves the adversary out altogether. */
  adversaryWeight: number;
  /** Number of this step, from 1: Adam's bias correction. */
  step: number;
  /** Step size of the adversaries. Default: that of `adam`. */
  adversaryLearningRate?: number;
  /** Longest gradient of an optimizer, see {@link clipFactor}. Default 0: off. */
  clipNorm?: number;
  extras?: StepExtras;
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
 * Extras: noise joins the codes between encoder and decoder only; sharpness terms add to the gradient at the logits; the day's adversary
 * learns from its own gradient and gives the codes another, see {@link gatherDayGradient}; {@link principalPull} draws the codes.
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
  { codeNoise, day, principal, ...sharpness }: StepExtras = {},
): {
  reconstruction: Tensor;
  adversary: Tensor;
  generator: Tensor;
  sharpness?: Tensor;
  day?: Tensor;
  principal?: Tensor;
} {
  const { encoder, decoder, adversary } = model;
  for (const network of [encoder, decoder, adversary]) network.clearGradients();

  const codes = encoder.forward(x); // [n, d]
  const shaken = codeNoise ? tf.add(codes, tf.tensor2d(codeNoise, prior.shape)) : codes; // lives until backward
  const logits = decoder.forward(shaken) as Tensor4D; // [n, s, s, 1]
  const reconstruction = binaryCrossEntropy(logits, x);
  let dLogits = binaryCrossEntropyGradient(logits, x);
  const sharp = sharpnessTerms(logits, x, sharpness);
  if (sharp) dLogits = sumOf(dLogits, sharp.grad);
  let dCodes = decoder.backward(dLogits, { parameters: true, input: true }) as Tensor;
  dLogits.dispose();
  const extra: { sharpness?: Tensor; day?: Tensor; principal?: Tensor } = sharp
    ? { sharpness: sharp.value }
    : {};
  if (day) {
    day.network.clearGradients();
    const told = gatherDayGradient(day.network, codes, day);
    extra.day = told.loss;
    dCodes = sumOf(dCodes, told.dCodes);
  }
  if (principal) {
    const pull = principalPull(x, codes, principal);
    extra.principal = pull.loss;
    dCodes = sumOf(dCodes, pull.dCodes);
  }

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
    dCodes = sumOf(dCodes, dMinimax);
  }

  encoder.backward(dCodes, { parameters: true, input: false });
  dCodes.dispose();
  return { reconstruction, adversary: adversaryLoss, generator, ...extra };
}

/** Frees both. */
function sumOf(a: Tensor, b: Tensor): Tensor {
  const sum = tf.add(a, b);
  tf.dispose([a, b]);
  return sum;
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

/** Losses of a step that are still on the device. */
export interface PendingLosses {
  /** Waits for the step and gives its losses; frees them. To be called once, or {@link dispose}. */
  read(): StepLosses;
  dispose(): void;
}

/**
 * One training step: {@link gatherGradients}, then one Adam step on encoder and decoder and one on each adversary.
 *
 * @param images crops as [n, s, s, 1] floats 0..1, n ≥ 2
 * @param noise n · latentDims standard normal numbers
 * @returns the losses before the updates; until they are read, the host need not wait for the device
 */
export function startStep(
  model: Autoencoder,
  images: Float32Array,
  noise: Float32Array,
  { adam, adversaryWeight, step, adversaryLearningRate, clipNorm = 0, extras = {} }: StepOptions,
): PendingLosses {
  const { imageSize, latentDims } = model.architecture;
  const count = images.length / imageSize ** 2;
  let names: (keyof StepLosses)[] = [];
  const values = tf.tidy(() => {
    const x = tf.tensor4d(images, [count, imageSize, imageSize, 1]);
    const prior = tf.tensor2d(noise, [count, latentDims]);
    const losses = gatherGradients(model, x, prior, adversaryWeight, extras);
    const adversaryAdam = { ...adam, learningRate: adversaryLearningRate ?? adam.learningRate };
    update([model.encoder, model.decoder], step, adam, clipNorm);
    if (adversaryWeight > 0) update([model.adversary], step, adversaryAdam, clipNorm);
    if (extras.day) update([extras.day.network], step, adversaryAdam, clipNorm);
    const told: Partial<Record<keyof StepLosses, Tensor>> = {
      reconstructionLoss: losses.reconstruction,
      adversaryLoss: losses.adversary,
      generatorLoss: losses.generator,
      sharpnessLoss: losses.sharpness,
      dayLoss: losses.day,
      principalLoss: losses.principal,
    };
    names = lossNames.filter((name) => told[name]);
    return tf.keep(tf.stack(names.flatMap((name) => told[name] ?? []))) as Tensor1D;
  });
  return {
    read() {
      const numbers = values.dataSync<'float32'>();
      values.dispose();
      const losses: StepLosses = { reconstructionLoss: 0, adversaryLoss: 0, generatorLoss: 0 };
      names.forEach((name, i) => {
        losses[name] = numbers[i];
      });
      return losses;
    },
    dispose: () => values.dispose(),
  };
}

/** {@link startStep}, and waits for its losses. */
export function trainStep(
  model: Autoencoder,
  images: Float32Array,
  noise: Float32Array,
  options: StepOptions,
): StepLosses {
  return startStep(model, images, noise, options).read();
}

/** One Adam step of one optimizer. To be called in a tidy. */
function update(networks: readonly Network[], step: number, adam: AdamOptions, clipNorm: number): void {
  const weights = networks.flatMap((network) => network.namedWeights().map(([, weight]) => weight));
  const gradients = weights.flatMap(({ gradient }) => (gradient ? [gradient] : []));
  const factor = clipNorm > 0 ? clipFactor(gradients, clipNorm) : null;
  for (const weight of weights) {
    if (weight.gradient) {
      const gradient = factor ? tf.mul(weight.gradient, factor) : weight.gradient;
      weight.parameter.applyAdam(gradient, step, adam);
    }
    weight.clearGradient();
  }
}

/** What gradients are multiplied by so that, taken as one vector, they are at most `clipNorm` long. To be called in a tidy. */
export function clipFactor(gradients: readonly Tensor[], clipNorm: number): Tensor {
  const squares = tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient))));
  return tf.minimum(1, tf.div(clipNorm, tf.sqrt(squares)));
}
