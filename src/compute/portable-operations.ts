/**
 * The network's operations made of tfjs operations that every backend has. Slower, and plain to read: tests hold the native ones
 * against these.
 */
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { kernelSize, type NetworkOperations, stride } from './network-operations';
import type { AdamOptions, Parameter, ParameterState } from './parameter';

export function portableOperations(): NetworkOperations {
  return {
    cast: (x) => x.clone(), // float32 is all there is
    precisionOf: () => 'float32',

    conv: (x, kernel) => tf.conv2d(x, kernel, stride, 'same'),

    fixedConv(kernel, bias, slope) {
      const [k, b] = [tf.keep(kernel.clone()), tf.keep(bias.clone())];
      return {
        run: (x) =>
          tf.tidy(() => tf.leakyRelu(tf.add(tf.conv2d(x, k, stride, 'same'), b) as Tensor4D, slope)),
        dispose: () => tf.dispose([k, b]),
      };
    },

    addBias: (x, bias) => tf.add(x, bias),

    convTranspose: (y, kernel, height, width) =>
      tf.conv2dTranspose(y, kernel, [y.shape[0], height, width, kernel.shape[2]], stride, 'same'),

    // WASM has no kernel for this gradient. Each of the 16 kernel positions sees a strided view of the padded input; its gradient is that
    // view's product with dy.
    convKernelGradient: (x, dy) =>
      tf.tidy(() => {
        const [n, height, width, outputs] = dy.shape;
        const inputs = x.shape[3];
        const padded = tf.pad(x, [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ]); // prettier-ignore
        const flatDy = tf.reshape(dy, [n * height * width, outputs]);
        const positions: Tensor2D[] = [];
        for (let i = 0; i < kernelSize; i++) {
          for (let j = 0; j < kernelSize; j++) {
            const view = tf.stridedSlice(
              padded,
              [0, i, j, 0],
              [n, i + stride * (height - 1) + 1, j + stride * (width - 1) + 1, inputs],
              [1, stride, stride, 1],
            );
            positions.push(tf.matMul(tf.reshape(view, [n * height * width, inputs]), flatDy, true, false));
          }
        }
        return tf.reshape(tf.concat(positions, 0), [kernelSize, kernelSize, inputs, outputs]) as Tensor4D;
      }),

    batchNorm(x, scale, offset, runningMean, runningVariance, epsilon, momentum) {
      return tf.tidy(() => {
        const axes = leadingAxes(x);
        const count = x.size / scale.size;
        const mean = tf.mean(x, axes) as Tensor1D;
        const variance = tf.mean(tf.squaredDifference(x, mean), axes) as Tensor1D;
        const inverse = tf.rsqrt(tf.add(variance, epsilon)) as Tensor1D;
        const y = tf.add(tf.mul(tf.mul(tf.sub(x, mean), inverse), scale), offset);
        const unbiased = tf.mul(variance, count / Math.max(1, count - 1));
        return {
          y,
          runningMean: tf.add(tf.mul(runningMean, 1 - momentum), tf.mul(mean, momentum)) as Tensor1D,
          runningVariance: tf.add(
            tf.mul(runningVariance, 1 - momentum),
            tf.mul(unbiased, momentum),
          ) as Tensor1D,
          saved: [mean, inverse],
        };
      });
    },

    batchNormGradient(dy, x, scale, saved) {
      return tf.tidy(() => {
        const [mean, inverse] = saved;
        const axes = leadingAxes(x);
        const count = x.size / scale.size;
        const normalised = tf.mul(tf.sub(x, mean), inverse); // x̂
        const dOffset = tf.sum(dy, axes) as Tensor1D;
        const dScale = tf.sum(tf.mul(dy, normalised), axes) as Tensor1D;
        const centred = tf.sub(dy, tf.add(tf.div(dOffset, count), tf.mul(normalised, tf.div(dScale, count))));
        return { x: tf.mul(centred, tf.mul(scale, inverse)), scale: dScale, offset: dOffset };
      });
    },

    batchNormInference: (x, scale, offset, runningMean, runningVariance, epsilon) =>
      tf.tidy(() => {
        const factor = tf.mul(scale, tf.rsqrt(tf.add(runningVariance, epsilon)));
        return tf.add(tf.mul(x, factor), tf.sub(offset, tf.mul(runningMean, factor)));
      }),

    leakyRelu: (x, slope) => tf.leakyRelu(x, slope),

    leakyReluGradient: (dy, x, slope) => tf.tidy(() => tf.where(tf.greater(x, 0), dy, tf.mul(dy, slope))),

    prelu: (x, slope) => tf.tidy(() => tf.add(tf.relu(x), tf.mul(tf.minimum(x, 0), slope))),

    preluGradient: (dy, x, slope) => tf.tidy(() => tf.where(tf.greater(x, 0), dy, tf.mul(dy, slope))),

    preluSlopeGradient: (dy, x) =>
      tf.tidy(() => tf.reshape(tf.sum(tf.mul(tf.minimum(x, 0), dy)), [1]) as Tensor1D),

    parameter: (name, values, shape) => new PortableParameter(name, values, shape),
  };
}

/** All axes but the last. */
function leadingAxes(x: Tensor): number[] {
  return Array.from({ length: x.rank - 1 }, (_, axis) => axis);
}

class PortableParameter implements Parameter {
  readonly size: number;
  version = 0;
  private value: Tensor;
  private first: Tensor;
  private second: Tensor;

  constructor(
    readonly name: string,
    values: Float32Array,
    readonly shape: number[],
  ) {
    this.size = values.length;
    this.value = tf.keep(tf.tensor(values, shape));
    this.first = tf.keep(tf.zeros(shape));
    this.second = tf.keep(tf.zeros(shape));
  }

  read(): Tensor {
    return this.value.clone();
  }

  assign(values: Float32Array): void {
    this.replace(tf.tensor(values, this.shape), this.first.clone(), this.second.clone());
  }

  applyAdam(gradient: Tensor, step: number, { learningRate, beta1, beta2, epsilon }: AdamOptions): void {
    const rate = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
    const [value, first, second] = tf.tidy(() => {
      const m = tf.add(tf.mul(this.first, beta1), tf.mul(gradient, 1 - beta1));
      const v = tf.add(tf.mul(this.second, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const update = tf.div(tf.mul(m, rate), tf.add(tf.sqrt(v), epsilon));
      return [tf.sub(this.value, update), m, v];
    });
    this.replace(value, first, second);
  }

  state(): ParameterState {
    return {
      value: this.value.dataSync<'float32'>().slice(),
      firstMoment: this.first.dataSync<'float32'>().slice(),
      secondMoment: this.second.dataSync<'float32'>().slice(),
    };
  }

  restore(state: ParameterState): void {
    const tensor = (values: Float32Array) => tf.tensor(values, this.shape as number[]);
    this.replace(tensor(state.value), tensor(state.firstMoment), tensor(state.secondMoment));
  }

  dispose(): void {
    tf.dispose([this.value, this.first, this.second]);
  }

  private replace(value: Tensor, first: Tensor, second: Tensor): void {
    this.version++;
    this.dispose();
    this.value = tf.keep(value);
    this.first = tf.keep(first);
    this.second = tf.keep(second);
  }
}
