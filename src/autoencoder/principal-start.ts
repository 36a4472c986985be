/**
 * A start from principal components: for the first epochs the codes are drawn to the crops' whitened principal components, which is as much as a
 * linear encoder can tell. By the reconstruction alone the fine components come last, as they change few pixels, and the adversary
 * outweighs them. Not in the reference.
 */
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { tf } from '../compute';
import { symmetricEigen } from '../stats/symmetric-eigen';
import { normals, type Random } from '../util/random';
import type { CropSource } from './crop-source';
import type { TrainingSettings } from './training-settings';

/** Crops that the components are taken from: at most so many, and so many pixels in all (64 MiB). */
const mostCrops = 4096;
const mostPixels = 2 ** 24;
/** Directions beside those wanted, and rounds: the last wanted one is then right to about (λ of the first unwanted ÷ its own λ)^rounds. */
const spare = 8;
const rounds = 8;

/** A linear encoder: descriptors = (pixels − mean) · axes, each of mean 0 and variance 1 over the crops it was made from. */
export interface PrincipalEncoder {
  /** [pixels] */
  mean: Tensor1D;
  /** [pixels, latentDims]; nought for components that the crops do not have. */
  axes: Tensor2D;
}

/**
 * The leading principal components of a source's crops, by subspace iteration (Halko, Martinsson and Tropp, SIAM Review 2011). Equal for
 * equal seeds on a machine. Cost: rounds × 4 × crops × pixels × latentDims operations: a second for 4,000 crops of 64×64.
 *
 * @param random chooses the crops, where there are too many, and the first directions
 * @returns tensors, the caller's to dispose
 */
export async function principalEncoder(
  crops: CropSource,
  latentDims: number,
  random: Random,
): Promise<PrincipalEncoder> {
  const pixels = crops.size ** 2;
  const count = Math.min(crops.count, mostCrops, Math.max(2, Math.floor(mostPixels / pixels)));
  const chosen = random.fork('crops').permutation(crops.count).slice(0, count).sort();
  const images = await crops.read(chosen);
  const directions = Math.min(latentDims + spare, pixels);
  const start = normals(random.fork('directions'), pixels * directions);
  return tf.tidy(() => {
    const x = tf.tensor2d(images, [count, pixels]);
    const mean = tf.mean(x, 0) as Tensor1D;
    const centred = tf.sub(x, mean) as Tensor2D;
    let basis = orthonormal(tf.tensor2d(start, [pixels, directions]));
    for (let round = 0; round < rounds; round++) {
      const next = tf.tidy(() =>
        orthonormal(tf.matMul<Tensor2D>(centred, tf.matMul<Tensor2D>(centred, basis), true)),
      );
      basis.dispose();
      basis = next;
    }
    const within = tf.matMul<Tensor2D>(centred, basis); // [count, directions]
    const { values, turn } = principalTurn(within);
    const wanted = Math.min(latentDims, directions);
    const scale = Float32Array.from({ length: wanted }, (_, k) =>
      values[k] > 1e-6 * values[0] ? Math.sqrt(count / values[k]) : 0,
    );
    const axes = tf.mul(tf.matMul(basis, tf.slice(turn, [0, 0], [directions, wanted])), scale);
    const padded = tf.pad(axes as Tensor2D, [
      [0, 0],
      [0, latentDims - wanted],
    ]);
    return { mean: tf.keep(mean), axes: tf.keep(padded) };
  });
}

/** Squared lengths along the principal axes of the rows of `x` [n, d], largest first, and those axes as columns [d, d]. */
function principalTurn(x: Tensor2D): { values: Float64Array; turn: Tensor2D } {
  const d = x.shape[1];
  const products = Float64Array.from(tf.matMul(x, x, true).dataSync());
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) products[j * d + i] = products[i * d + j];
  const { values, vectors } = symmetricEigen(products, d);
  return { values, turn: tf.transpose(tf.tensor2d(Float32Array.from(vectors), [d, d])) };
}

/** The same directions at right angles to each other, unit columns; nought for a direction that depends on the others. */
function orthonormal(columns: Tensor2D): Tensor2D {
  return tf.tidy(() => {
    const { values, turn } = principalTurn(columns);
    const scale = Float32Array.from(values, (value) => (value > 1e-6 * values[0] ? 1 / Math.sqrt(value) : 0));
    return tf.mul(tf.matMul(columns, turn), scale) as Tensor2D;
  });
}

/** What a training step is told of it. */
export interface PrincipalPull extends PrincipalEncoder {
  /** Weight of the mean squared distance between codes and components, against the mean cross-entropy per pixel. */
  weight: number;
}

/**
 * @param x crops [n, s, s, 1] and their codes [n, latentDims]; stay the caller's
 * @returns mean squared distance between codes and components (without the weight), and its gradient to the codes times the weight; both the
 *   caller's
 */
export function principalPull(
  x: Tensor,
  codes: Tensor,
  { mean, axes, weight }: PrincipalPull,
): { loss: Tensor; dCodes: Tensor } {
  return tf.tidy(() => {
    const flat = tf.reshape(x, [x.shape[0], mean.size]) as Tensor2D;
    const away = tf.sub(codes, tf.matMul(tf.sub(flat, mean) as Tensor2D, axes));
    return { loss: tf.mean(tf.square(away)), dCodes: tf.mul(away, (2 * weight) / codes.size) };
  });
}

/**
 * Weight of the pull to principal components along training: falls evenly from `principalWeight` to nothing over `principalEpochs`.
 *
 * @param step from 1
 */
export function principalWeightAt(
  {
    principalWeight = 0,
    principalEpochs = 10,
  }: Pick<TrainingSettings, 'principalWeight' | 'principalEpochs'>,
  step: number,
  batchesPerEpoch: number,
): number {
  return principalWeight * Math.max(0, 1 - (step - 1) / (principalEpochs * batchesPerEpoch));
}
