/**
 * The network's operations as fused TensorFlow ones: batch norm and its gradient in one pass each, leaky ReLU and its gradient, and Adam
 * in place on resource variables (one pass over the weights instead of about twelve).
 */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { attributes, type NativeBackend } from './native-binding';
import { type NetworkOperations, stride } from './network-operations';
import type { AdamOptions, Parameter, ParameterState } from './parameter';

export function nativeOperations(backend: NativeBackend): NetworkOperations {
  const attribute = attributes(backend.binding);
  const batchNormAttributes = (epsilon: number, training: boolean) => [
    attribute.dtype('T'),
    attribute.dtype('U'),
    attribute.float('epsilon', epsilon),
    attribute.string('data_format', 'NHWC'),
    attribute.bool('is_training', training),
  ];
  const leakyAttributes = (slope: number) => [attribute.dtype('T'), attribute.float('alpha', slope)];

  return {
    conv: (x, kernel) => tf.conv2d(x, kernel, stride, 'same'),

    convTranspose: (y, kernel, height, width) =>
      tf.conv2dTranspose(y, kernel, [y.shape[0], height, width, kernel.shape[2]], stride, 'same'),

    convKernelGradient: (x, dy) =>
      tf.engine().runKernel(
        'Conv2DBackpropFilter',
        { x, dy },
        {
          strides: [stride, stride],
          pad: 'same',
          dataFormat: 'NHWC',
          filterShape: [2 * stride, 2 * stride, x.shape[3], dy.shape[3]],
        },
      ) as Tensor4D,

    batchNorm(x, scale, offset, runningMean, runningVariance, epsilon, momentum) {
      const x4 = asImages(x);
      // TensorFlow's factor is the share of the new batch, as Torch's momentum, and it keeps the unbiased variance, as Torch does
      const [y, mean, variance, ...saved] = backend.executeMultipleOutputs(
        'FusedBatchNormV3',
        [...batchNormAttributes(epsilon, true), attribute.float('exponential_avg_factor', momentum)],
        [x4, scale, offset, runningMean, runningVariance],
        6,
      );
      const shaped = likeShape(y, x);
      x4.dispose();
      return { y: shaped, runningMean: mean as Tensor1D, runningVariance: variance as Tensor1D, saved };
    },

    batchNormGradient(dy, x, scale, saved, epsilon) {
      const dy4 = asImages(dy);
      const x4 = asImages(x);
      const [dx, dScale, dOffset, ...unused] = backend.executeMultipleOutputs(
        'FusedBatchNormGradV3',
        batchNormAttributes(epsilon, true),
        [dy4, x4, scale, ...saved],
        5,
      );
      tf.dispose([...unused, dy4, x4]);
      return { x: likeShape(dx, x), scale: dScale as Tensor1D, offset: dOffset as Tensor1D };
    },

    batchNormInference(x, scale, offset, runningMean, runningVariance, epsilon) {
      const x4 = asImages(x);
      const [y, ...unused] = backend.executeMultipleOutputs(
        'FusedBatchNormV3',
        [...batchNormAttributes(epsilon, false), attribute.float('exponential_avg_factor', 1)],
        [x4, scale, offset, runningMean, runningVariance],
        6,
      );
      tf.dispose([...unused, x4]);
      return likeShape(y, x);
    },

    leakyRelu: (x, slope) => backend.executeSingleOutput('LeakyRelu', leakyAttributes(slope), [x]),

    leakyReluGradient: (dy, x, slope) =>
      backend.executeSingleOutput('LeakyReluGrad', leakyAttributes(slope), [dy, x]),

    parameter: (name, values, shape) => new NativeParameter(backend, name, values, shape),
  };
}

/** [n, c] → [n, 1, 1, c] for the fused batch norm; images stay. Always a tensor of its own. */
function asImages(x: Tensor): Tensor4D {
  return x.rank === 4 ? (x.clone() as Tensor4D) : tf.reshape(x, [x.shape[0], 1, 1, x.shape[1] as number]);
}

/** Gives `y` the shape of `x`, taking it over. */
function likeShape(y: Tensor, x: Tensor): Tensor {
  if (y.rank === x.rank) return y;
  const shaped = tf.reshape(y, x.shape);
  y.dispose();
  return shaped;
}

let variablesMade = 0;

/** A TensorFlow resource variable: read without a copy, assigned and updated in place. */
class ResourceVariable {
  private readonly handle: Tensor;

  constructor(
    private readonly backend: NativeBackend,
    private readonly shape: number[],
    values: Float32Array,
  ) {
    const attribute = attributes(backend.binding);
    this.handle = tf.keep(
      backend.executeSingleOutput(
        'VarHandleOp',
        [
          attribute.string('container', ''),
          attribute.string('shared_name', `lch-variable-${variablesMade++}`),
          attribute.dtype('dtype'),
          attribute.shape('shape', shape),
        ],
        [],
      ),
    );
    this.assign(values);
  }

  get resource(): Tensor {
    return this.handle;
  }

  assign(values: Float32Array): void {
    const tensor = tf.tensor(values, this.shape);
    const attribute = attributes(this.backend.binding);
    this.backend.executeMultipleOutputs(
      'AssignVariableOp',
      [attribute.dtype('dtype')],
      [this.handle, tensor],
      0,
    );
    tensor.dispose();
  }

  read(): Tensor {
    const attribute = attributes(this.backend.binding);
    return this.backend.executeSingleOutput('ReadVariableOp', [attribute.dtype('dtype')], [this.handle]);
  }

  values(): Float32Array {
    const tensor = this.read();
    const values = tensor.dataSync<'float32'>();
    tensor.dispose();
    return values;
  }

  dispose(): void {
    const attribute = attributes(this.backend.binding);
    this.backend.executeMultipleOutputs(
      'DestroyResourceOp',
      [attribute.bool('ignore_lookup_error', true)],
      [this.handle],
      0,
    );
    this.handle.dispose();
  }
}

class NativeParameter implements Parameter {
  readonly size: number;
  private readonly value: ResourceVariable;
  /** Adam's moments are made with the first step: a model that is only used needs none. */
  private moments: { first: ResourceVariable; second: ResourceVariable } | null = null;

  constructor(
    private readonly backend: NativeBackend,
    readonly name: string,
    values: Float32Array,
    readonly shape: number[],
  ) {
    this.size = values.length;
    this.value = new ResourceVariable(backend, shape, values);
  }

  read(): Tensor {
    return this.value.read();
  }

  assign(values: Float32Array): void {
    this.value.assign(values);
  }

  applyAdam(gradient: Tensor, step: number, { learningRate, beta1, beta2, epsilon }: AdamOptions): void {
    const attribute = attributes(this.backend.binding);
    const { first, second } = this.ensureMoments();
    const scalars = [beta1 ** step, beta2 ** step, learningRate, beta1, beta2, epsilon].map((value) =>
      tf.scalar(value),
    );
    this.backend.executeMultipleOutputs(
      'ResourceApplyAdam',
      [attribute.dtype('T'), attribute.bool('use_locking', false), attribute.bool('use_nesterov', false)],
      [this.value.resource, first.resource, second.resource, ...scalars, gradient],
      0,
    );
    tf.dispose(scalars);
  }

  state(): ParameterState {
    const { first, second } = this.ensureMoments();
    return { value: this.value.values(), firstMoment: first.values(), secondMoment: second.values() };
  }

  restore(state: ParameterState): void {
    const { first, second } = this.ensureMoments();
    this.value.assign(state.value);
    first.assign(state.firstMoment);
    second.assign(state.secondMoment);
  }

  dispose(): void {
    this.value.dispose();
    this.moments?.first.dispose();
    this.moments?.second.dispose();
  }

  private ensureMoments() {
    this.moments ??= {
      first: new ResourceVariable(this.backend, this.shape, new Float32Array(this.size)),
      second: new ResourceVariable(this.backend, this.shape, new Float32Array(this.size)),
    };
    return this.moments;
  }
}
