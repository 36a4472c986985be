/**
 * The network's layers, forward and backward, as Torch7's modules have them: `forward` is updateOutput, `backward` is updateGradInput
 * and accGradParameters. Backward is written out instead of taped, so that one encoder pass can serve the reconstruction and the
 * adversary, and every intermediate is freed as soon as it has been used.
 *
 * Images are NHWC; flat features keep that order (height, width, channel). Convolutions may compute in bfloat16; the images between them
 * are then bfloat16 too, and batch norm and PReLU follow them. One-channel images, flat features and all weights are float32.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  type FixedConv,
  kernelSize,
  networkOperations,
  type Parameter,
  type Precision,
  tf,
} from '../compute';
import { normals, type Random } from '../util/random';

/** Batch norm constants of Torch7 (`momentum` is the new batch's share). */
export const batchNormEpsilon = 1e-5;
const batchNormMomentum = 0.1;
/** Slope that a PReLU starts with (Torch7). */
const initialSlope = 0.25;
/** Slope of the adversary's leaky ReLUs. */
const adversarySlope = 0.2;
/** Standard deviation of the starting weights of convolutions and of batch-norm scales around 1 (openLCH). */
const initialSd = 0.02;

/** A parameter and the gradient gathered for it so far. */
export class Weight {
  private sum: Tensor | null = null;

  constructor(readonly parameter: Parameter) {}

  /** The gradient of the last backward passes; null when there was none. */
  get gradient(): Tensor | null {
    return this.sum;
  }

  /** Adds `gradient` and takes it over. */
  accumulate(gradient: Tensor): void {
    if (this.sum) {
      const total = tf.add(this.sum, gradient);
      tf.dispose([this.sum, gradient]);
      this.sum = tf.keep(total);
    } else {
      this.sum = tf.keep(gradient);
    }
  }

  clearGradient(): void {
    this.sum?.dispose();
    this.sum = null;
  }

  /** Calls `use` with the current value, and frees it. */
  with<T>(use: (value: Tensor) => T, precision: Precision = 'float32'): T {
    const value = this.parameter.read(precision);
    try {
      return use(value);
    } finally {
      value.dispose();
    }
  }
}

/** What a backward pass is asked for. */
export interface BackwardOptions {
  /** Gather gradients of the layer's own parameters. */
  parameters: boolean;
  /** Return the gradient to the layer's input (the first layer of a network is often not asked). */
  input: boolean;
}

export interface Layer {
  /** Trainable weights, by Torch7's field name ("weight", "bias"). */
  readonly weights: Readonly<Record<string, Weight>>;
  /** Other state that a saved model needs, by Torch7's field name ("running_mean", "running_var"). */
  readonly buffers: Readonly<Record<string, Buffer1D>>;
  /** Returns a new tensor; `x` stays the caller's. In training it may keep what backward needs. */
  forward(x: Tensor, training: boolean): Tensor;
  /** Gradient to the input `x` of the last training forward pass (null when not asked for). `dy` and `x` stay the caller's. */
  backward(dy: Tensor, x: Tensor, options: BackwardOptions): Tensor | null;
  /** Frees what the last training forward pass kept. */
  release(): void;
  dispose(): void;
}

/** A vector that is kept between passes and replaced as a whole. */
export class Buffer1D {
  private tensor: Tensor1D;

  constructor(values: Float32Array) {
    this.tensor = tf.keep(tf.tensor1d(values));
  }

  get value(): Tensor1D {
    return this.tensor;
  }

  /** Counts the changes. */
  version = 0;

  /** Takes `next` over. */
  replace(next: Tensor1D): void {
    this.version++;
    this.tensor.dispose();
    this.tensor = tf.keep(next);
  }

  assign(values: Float32Array): void {
    this.replace(tf.tensor1d(values));
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

abstract class BaseLayer implements Layer {
  readonly weights: Readonly<Record<string, Weight>> = {};
  readonly buffers: Readonly<Record<string, Buffer1D>> = {};
  abstract forward(x: Tensor, training: boolean): Tensor;
  abstract backward(dy: Tensor, x: Tensor, options: BackwardOptions): Tensor | null;
  release(): void {}
  dispose(): void {
    this.release();
    for (const weight of Object.values(this.weights)) {
      weight.clearGradient();
      weight.parameter.dispose();
    }
    for (const buffer of Object.values(this.buffers)) buffer.dispose();
  }
}

/** Calls `use` with x in another precision, and frees that. */
function inPrecision<T>(x: Tensor, precision: Precision, use: (x: Tensor4D) => T): T {
  const cast = networkOperations().cast(x, precision);
  try {
    return use(cast as Tensor4D);
  } finally {
    cast.dispose();
  }
}

/** A layer whose weights are a 4×4 kernel. */
export abstract class KernelLayer extends BaseLayer {
  override readonly weights: { weight: Weight };
  /** What it computes in. */
  precision: Precision = 'float32';

  /** @param shape [4, 4, a, b] */
  constructor(name: string, shape: number[], random: Random) {
    super();
    const values = normals(random, tf.util.sizeFromShape(shape), { sd: initialSd });
    this.weights = { weight: new Weight(networkOperations().parameter(name, values, shape)) };
  }

  /** What the layer does to an image, with any kernel of its shape; both of one precision. */
  protected abstract apply(x: Tensor4D, kernel: Tensor4D): Tensor4D;

  /** The same for use, in this layer's precision, plus a number per output channel and leaky ReLU of the sum (slope 1: the sum itself). */
  abstract fixed(kernel: Tensor4D, bias: Tensor1D, slope: number): FixedConv;

  /** The kernel with each output channel multiplied by a factor [outputs]. */
  abstract scaledKernel(kernel: Tensor4D, factor: Tensor1D): Tensor4D;

  /** Calls `use` with x and the kernel in this layer's precision. → its result in `precision` */
  protected compute(x: Tensor, precision: Precision, use: (x: Tensor4D, kernel: Tensor4D) => Tensor): Tensor {
    const result = inPrecision(x, this.precision, (image) =>
      this.weights.weight.with((kernel) => use(image, kernel as Tensor4D), this.precision),
    );
    return inPrecision(result, precision, (cast) => {
      result.dispose();
      return cast.clone();
    });
  }

  /** Gathers the kernel's gradient from the image on its wider side and the one on its narrower side. */
  protected gather(wide: Tensor, narrow: Tensor): void {
    inPrecision(wide, this.precision, (x) =>
      inPrecision(narrow, this.precision, (dy) =>
        this.weights.weight.accumulate(networkOperations().convKernelGradient(x, dy)),
      ),
    );
  }
}

/** Convolution 4×4, stride 2, padding 1, no bias: halves the side. */
export class Convolution extends KernelLayer {
  constructor(inputs: number, outputs: number, random: Random) {
    super('convolution', [kernelSize, kernelSize, inputs, outputs], random);
  }

  protected apply(x: Tensor4D, kernel: Tensor4D): Tensor4D {
    return networkOperations().conv(x, kernel);
  }

  fixed(kernel: Tensor4D, bias: Tensor1D, slope: number): FixedConv {
    return networkOperations().fixedConv(kernel, bias, slope, this.precision);
  }

  scaledKernel(kernel: Tensor4D, factor: Tensor1D): Tensor4D {
    return tf.mul(kernel, factor);
  }

  forward(x: Tensor): Tensor {
    return this.compute(x, this.precision, (image, kernel) => this.apply(image, kernel));
  }

  backward(dy: Tensor, x: Tensor, { parameters, input }: BackwardOptions): Tensor | null {
    const operations = networkOperations();
    if (parameters) this.gather(x, dy);
    if (!input) return null;
    const [, height, width] = x.shape as number[];
    return this.compute(dy, operations.precisionOf(x), (image, kernel) =>
      operations.convTranspose(image, kernel, height, width),
    );
  }
}

/** Full (transposed) convolution 4×4, stride 2, padding 1, no bias: doubles the side. */
export class FullConvolution extends KernelLayer {
  constructor(
    inputs: number,
    private readonly outputs: number,
    random: Random,
  ) {
    super('full convolution', [kernelSize, kernelSize, outputs, inputs], random);
  }

  protected apply(x: Tensor4D, kernel: Tensor4D): Tensor4D {
    const [, height, width] = x.shape;
    return networkOperations().convTranspose(x, kernel, 2 * height, 2 * width);
  }

  fixed(kernel: Tensor4D, bias: Tensor1D, slope: number): FixedConv {
    const operations = networkOperations();
    const cast = (tensor: Tensor) => tf.keep(operations.cast(tensor, this.precision));
    const [ownKernel, ownBias] = [cast(kernel) as Tensor4D, cast(bias) as Tensor1D];
    return {
      run: (x) =>
        tf.tidy(() => {
          const sum = operations.addBias(this.apply(x, ownKernel), ownBias);
          return (slope === 1 ? sum : operations.leakyRelu(sum, slope)) as Tensor4D;
        }),
      dispose: () => tf.dispose([ownKernel, ownBias]),
    };
  }

  scaledKernel(kernel: Tensor4D, factor: Tensor1D): Tensor4D {
    return tf.mul(kernel, tf.reshape(factor, [1, 1, this.outputs, 1]));
  }

  forward(x: Tensor): Tensor {
    return this.compute(x, this.outputs === 1 ? 'float32' : this.precision, (image, kernel) =>
      this.apply(image, kernel),
    );
  }

  backward(dy: Tensor, x: Tensor, { parameters, input }: BackwardOptions): Tensor | null {
    const operations = networkOperations();
    if (parameters) this.gather(dy, x); // the transpose swaps the roles of input and output
    if (!input) return null;
    return this.compute(dy, operations.precisionOf(x), (image, kernel) => operations.conv(image, kernel));
  }
}

/** Batch normalisation over all axes but the last. */
export class BatchNorm extends BaseLayer {
  override readonly weights: { weight: Weight; bias: Weight };
  override readonly buffers: { running_mean: Buffer1D; running_var: Buffer1D };
  private saved: Tensor[] = [];

  constructor(features: number, random: Random) {
    super();
    const operations = networkOperations();
    const scale = normals(random, features, { mean: 1, sd: initialSd });
    this.weights = {
      weight: new Weight(operations.parameter('batch norm scale', scale, [features])),
      bias: new Weight(operations.parameter('batch norm offset', new Float32Array(features), [features])),
    };
    this.buffers = {
      running_mean: new Buffer1D(new Float32Array(features)),
      running_var: new Buffer1D(new Float32Array(features).fill(1)),
    };
  }

  forward(x: Tensor, training: boolean): Tensor {
    const operations = networkOperations();
    const { weight, bias } = this.weights;
    const { running_mean: mean, running_var: variance } = this.buffers;
    return weight.with((scale) =>
      bias.with((offset) => {
        const parts = [scale as Tensor1D, offset as Tensor1D, mean.value, variance.value] as const;
        if (!training) return operations.batchNormInference(x, ...parts, batchNormEpsilon);
        this.release();
        const output = operations.batchNorm(x, ...parts, batchNormEpsilon, batchNormMomentum);
        mean.replace(output.runningMean);
        variance.replace(output.runningVariance);
        this.saved = output.saved.map((tensor) => tf.keep(tensor));
        return output.y;
      }),
    );
  }

  /** The layer in evaluation mode as y = factor · x + shift, both [features]; to be called in a tidy. */
  asLine(): { factor: Tensor1D; shift: Tensor1D } {
    const { weight, bias } = this.weights;
    const { running_mean: mean, running_var: variance } = this.buffers;
    const factor = tf.mul(weight.parameter.read(), tf.rsqrt(tf.add(variance.value, batchNormEpsilon)));
    return { factor: factor as Tensor1D, shift: tf.sub(bias.parameter.read(), tf.mul(mean.value, factor)) };
  }

  backward(dy: Tensor, x: Tensor, { parameters, input }: BackwardOptions): Tensor | null {
    const { weight, bias } = this.weights;
    const gradients = weight.with((scale) =>
      networkOperations().batchNormGradient(dy, x, scale as Tensor1D, this.saved, batchNormEpsilon),
    );
    if (parameters) {
      weight.accumulate(gradients.scale);
      bias.accumulate(gradients.offset);
    } else {
      tf.dispose([gradients.scale, gradients.offset]);
    }
    if (input) return gradients.x;
    gradients.x.dispose();
    return null;
  }

  override release(): void {
    tf.dispose(this.saved);
    this.saved = [];
  }
}

/** PReLU with one slope, shared by all channels and learnt (Torch7's `nn.PReLU()`). */
export class PRelu extends BaseLayer {
  override readonly weights: { weight: Weight };

  constructor() {
    super();
    const parameter = networkOperations().parameter('slope', Float32Array.of(initialSlope), [1]);
    this.weights = { weight: new Weight(parameter) };
  }

  forward(x: Tensor): Tensor {
    return this.weights.weight.with((slope) => networkOperations().prelu(x, slope as Tensor1D));
  }

  /** The slope as a number; on a GPU this waits for it. */
  slope(): number {
    return this.weights.weight.with((slope) => slope.dataSync()[0]);
  }

  backward(dy: Tensor, x: Tensor, { parameters, input }: BackwardOptions): Tensor | null {
    const { weight } = this.weights;
    if (parameters) weight.accumulate(networkOperations().preluSlopeGradient(dy, x));
    if (!input) return null;
    return weight.with((slope) => networkOperations().preluGradient(dy, x, slope as Tensor1D));
  }
}

/** Leaky ReLU with the fixed slope 0.2 (adversary). */
export class LeakyRelu extends BaseLayer {
  forward(x: Tensor): Tensor {
    return networkOperations().leakyRelu(x, adversarySlope);
  }

  backward(dy: Tensor, x: Tensor, { input }: BackwardOptions): Tensor | null {
    return input ? networkOperations().leakyReluGradient(dy, x, adversarySlope) : null;
  }
}

/** Fully connected layer with bias: [n, inputs] → [n, outputs]. The weight is stored as [inputs, outputs]. */
export class Linear extends BaseLayer {
  override readonly weights: { weight: Weight; bias: Weight };

  constructor(inputs: number, outputs: number, random: Random) {
    super();
    const operations = networkOperations();
    const bound = 1 / Math.sqrt(inputs); // Torch7's own initialisation
    const uniform = (count: number) => {
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = bound * (2 * random.uniform() - 1);
      return values;
    };
    this.weights = {
      weight: new Weight(operations.parameter('linear weight', uniform(inputs * outputs), [inputs, outputs])),
      bias: new Weight(operations.parameter('linear bias', uniform(outputs), [outputs])),
    };
  }

  forward(x: Tensor): Tensor {
    const { weight, bias } = this.weights;
    return tf.tidy(() =>
      tf.add(tf.matMul(x as Tensor2D, weight.parameter.read() as Tensor2D), bias.parameter.read()),
    );
  }

  backward(dy: Tensor, x: Tensor, { parameters, input }: BackwardOptions): Tensor | null {
    const { weight, bias } = this.weights;
    if (parameters) {
      weight.accumulate(tf.matMul(x as Tensor2D, dy as Tensor2D, true, false));
      bias.accumulate(tf.sum(dy, 0));
    }
    return input ? weight.with((w) => tf.matMul(dy as Tensor2D, w as Tensor2D, false, true)) : null;
  }
}

/** [n, side, side, channels] → [n, side·side·channels], in that order. */
export class Flatten extends BaseLayer {
  forward(x: Tensor): Tensor {
    return inPrecision(x, 'float32', (image) => tf.reshape(image, [x.shape[0], x.size / x.shape[0]]));
  }

  backward(dy: Tensor, x: Tensor, { input }: BackwardOptions): Tensor | null {
    if (!input) return null;
    return tf.tidy(() =>
      networkOperations().cast(tf.reshape(dy, x.shape), networkOperations().precisionOf(x)),
    );
  }
}

/** [n, side·side·channels] → [n, side, side, channels]. */
export class Unflatten extends BaseLayer {
  constructor(
    private readonly side: number,
    private readonly channels: number,
  ) {
    super();
  }

  forward(x: Tensor): Tensor {
    return tf.reshape(x, [x.shape[0], this.side, this.side, this.channels]);
  }

  backward(dy: Tensor, x: Tensor, { input }: BackwardOptions): Tensor | null {
    return input ? tf.reshape(dy, x.shape) : null;
  }
}
