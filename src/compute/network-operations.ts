/**
 * The operations a convolutional network is trained with, forward and backward, as plain functions of tensors. Two implementations stand
 * behind this interface: fused native ones on TensorFlow, and portable ones made of tfjs operations for WASM (and as the truth that
 * tests hold the native ones against).
 *
 * All images are NHWC. Operations on images follow the {@link Precision} of their input, and take kernels in the same one; statistics,
 * gradients of weights and everything else are float32. Every returned tensor is the caller's to dispose; no input is disposed.
 */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Parameter } from './parameter';
import type { Precision } from './precision';

/** The shape of every convolution of the network: kernel 4×4, stride 2, one pixel of padding on each side, no bias. */
export const kernelSize = 4;
export const stride = 2;

/** What batch normalisation returns in training. */
export interface BatchNormOutput {
  y: Tensor;
  /** Running mean and (unbiased) variance after this batch. */
  runningMean: Tensor1D;
  runningVariance: Tensor1D;
  /** What {@link NetworkOperations.batchNormGradient} needs; dispose them after it. */
  saved: Tensor[];
}

export interface BatchNormGradients {
  x: Tensor;
  scale: Tensor1D;
  offset: Tensor1D;
}

/** A convolution whose kernel and bias stay as they are. It owns copies of them until `dispose`. */
export interface FixedConv {
  run(x: Tensor4D): Tensor4D;
  dispose(): void;
}

export interface NetworkOperations {
  /** x in another precision; a tensor of its own even when it has that one already. */
  cast(x: Tensor, precision: Precision): Tensor;
  precisionOf(x: Tensor): Precision;
  /** [n, h, w, in] ∗ [4, 4, in, out] → [n, h/2, w/2, out]. */
  conv(x: Tensor4D, kernel: Tensor4D): Tensor4D;
  /**
   * {@link conv} plus a number per output channel, then {@link leakyRelu}, for use: made once, run on many images.
   *
   * @param kernel [4, 4, in, out], float32; stays the caller's
   * @param bias [out], float32; stays the caller's
   * @param slope 1 leaves the sum as it is
   * @param precision of the images
   */
  fixedConv(kernel: Tensor4D, bias: Tensor1D, slope: number, precision: Precision): FixedConv;
  /** x plus a number per channel [c], of x's precision. */
  addBias(x: Tensor, bias: Tensor1D): Tensor;
  /** The transpose of {@link conv}: gradient to its input, and the decoder's full convolution. → [n, height, width, in]. */
  convTranspose(y: Tensor4D, kernel: Tensor4D, height: number, width: number): Tensor4D;
  /** Gradient of {@link conv} to its kernel: x [n, h, w, in], dy [n, h/2, w/2, out] → [4, 4, in, out], float32. */
  convKernelGradient(x: Tensor4D, dy: Tensor4D): Tensor4D;
  /**
   * Batch normalisation over all axes but the last, with the batch's biased variance (training).
   *
   * @param momentum share of the new batch in the running statistics (Torch's convention), which take the unbiased variance
   */
  batchNorm(
    x: Tensor,
    scale: Tensor1D,
    offset: Tensor1D,
    runningMean: Tensor1D,
    runningVariance: Tensor1D,
    epsilon: number,
    momentum: number,
  ): BatchNormOutput;
  batchNormGradient(
    dy: Tensor,
    x: Tensor,
    scale: Tensor1D,
    saved: Tensor[],
    epsilon: number,
  ): BatchNormGradients;
  /** Batch normalisation by running statistics (evaluation). */
  batchNormInference(
    x: Tensor,
    scale: Tensor1D,
    offset: Tensor1D,
    runningMean: Tensor1D,
    runningVariance: Tensor1D,
    epsilon: number,
  ): Tensor;
  /** x where x > 0, else slope · x. */
  leakyRelu(x: Tensor, slope: number): Tensor;
  leakyReluGradient(dy: Tensor, x: Tensor, slope: number): Tensor;
  /** Leaky ReLU with a learnt slope [1]; on a GPU it is not read by the host. */
  prelu(x: Tensor, slope: Tensor1D): Tensor;
  preluGradient(dy: Tensor, x: Tensor, slope: Tensor1D): Tensor;
  /** Σ dy · min(x, 0) → [1], float32. */
  preluSlopeGradient(dy: Tensor, x: Tensor): Tensor1D;
  /** A trainable tensor with its Adam moments, holding `values` in `shape`. */
  parameter(name: string, values: Float32Array, shape: number[]): Parameter;
}
