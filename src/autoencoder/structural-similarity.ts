/**
 * Multi-scale structural similarity of grey pictures (Wang, Simoncelli and Bovik, 2003): how alike brightness, contrast and structure are
 * within windows, at several sizes of the picture.
 */
import type { Scalar, Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { tf } from '../compute';

/** The paper's weights of the scales, finest first. */
const scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
/** Standard deviation and side of the window in pixels. */
const windowSd = 1.5;
const windowSide = 11;
/** (0.01)² and (0.03)² of the range 0..1. */
const c1 = 1e-4;
const c2 = 9e-4;

/**
 * 1 − MS-SSIM of predictions and targets, mean over the pictures; in 0..1, 0 for equal ones. As many of the five scales are used as leave
 * a side of at least a window. Windows are cut and renormalised at the border.
 *
 * Cost: about 20 products of [n·side, side] with [side, side].
 *
 * @param prediction [n, side, side], 0..1
 * @returns a scalar that tfjs can differentiate; call it in a tidy
 */
export function structuralDissimilarity(prediction: Tensor3D, target: Tensor3D): Scalar {
  const side = prediction.shape[1];
  const scales = Math.max(
    1,
    scaleWeights.filter((_, scale) => side % 2 ** scale === 0 && side / 2 ** scale >= windowSide).length,
  );
  const total = scaleWeights.slice(0, scales).reduce((sum, weight) => sum + weight, 0);
  let [x, y]: Tensor[] = [prediction, target];
  let similarity: Tensor | null = null; // [n]
  for (let scale = 0; scale < scales; scale++) {
    const size = side / 2 ** scale;
    const blur = windowMatrix(size);
    const mean = (image: Tensor) => transform(image, blur);
    const [mx, my] = [mean(x), mean(y)];
    const varianceX = tf.sub(mean(tf.square(x)), tf.square(mx));
    const varianceY = tf.sub(mean(tf.square(y)), tf.square(my));
    const covariance = tf.sub(mean(tf.mul(x, y)), tf.mul(mx, my));
    let map = tf.div(tf.add(tf.mul(covariance, 2), c2), tf.add(tf.add(varianceX, varianceY), c2));
    if (scale === scales - 1) {
      const brightness = tf.div(
        tf.add(tf.mul(tf.mul(mx, my), 2), c1),
        tf.add(tf.add(tf.square(mx), tf.square(my)), c1),
      );
      map = tf.mul(map, brightness);
    }
    // a power needs a number above 0; pictures that are each other's negative stay at the floor
    const level = tf.pow(tf.maximum(tf.mean(map, [1, 2]), 1e-3), scaleWeights[scale] / total);
    similarity = similarity ? tf.mul(similarity, level) : level;
    if (scale < scales - 1) {
      const halve = halvingMatrix(size);
      [x, y] = [transform(x, halve), transform(y, halve)];
    }
  }
  return tf.sub(1, tf.mean(similarity as Tensor)) as Scalar;
}

/** matrix · image · matrixᵀ for every image: rows, then columns. */
function transform(images: Tensor, matrix: Tensor): Tensor {
  const [n, height, width] = images.shape;
  const across = tf.matMul(tf.reshape(images, [n * height, width]), matrix, false, true);
  const out = matrix.shape[0];
  const turned = tf.transpose(tf.reshape(across, [n, height, out]), [0, 2, 1]); // [n, out, height]
  const down = tf.matMul(tf.reshape(turned, [n * out, height]), matrix, false, true);
  return tf.transpose(tf.reshape(down, [n, out, out]), [0, 2, 1]);
}

/** [size, size]: each row a Gaussian window around its pixel, of sum 1. */
function windowMatrix(size: number): Tensor {
  const values = new Float32Array(size * size);
  const reach = windowSide >> 1;
  for (let row = 0; row < size; row++) {
    let sum = 0;
    for (let pass = 0; pass < 2; pass++) {
      for (let at = Math.max(0, row - reach); at <= Math.min(size - 1, row + reach); at++) {
        const weight = Math.exp(-((at - row) ** 2) / (2 * windowSd ** 2));
        if (pass === 0) sum += weight;
        else values[row * size + at] = weight / sum;
      }
    }
  }
  return tf.tensor2d(values, [size, size]);
}

/** [size/2, size]: means of neighbouring pairs. */
function halvingMatrix(size: number): Tensor {
  const values = new Float32Array((size / 2) * size);
  for (let row = 0; row < size / 2; row++) values.fill(0.5, row * size + 2 * row, row * size + 2 * row + 2);
  return tf.tensor2d(values, [size / 2, size]);
}
