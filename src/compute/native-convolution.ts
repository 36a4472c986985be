/**
 * The network's one convolution (4×4, stride 2) and its transposes on TensorFlow, each computed the way that was measured to be fastest
 * for its shape (docs/performance.md).
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { NativeRunner } from './native-runner';
import { kernelSize, type NetworkOperations, stride } from './network-operations';

type Convolutions = Pick<NetworkOperations, 'conv' | 'convTranspose' | 'convKernelGradient'>;

export function nativeConvolutions(runner: NativeRunner): Convolutions {
  const { attribute } = runner;
  const window = [
    attribute.int('strides', [1, stride, stride, 1]),
    attribute.int('dilations', [1, 1, 1, 1]),
    attribute.string('padding', 'SAME'),
    attribute.string('data_format', 'NHWC'),
    attribute.bool('use_cudnn_on_gpu', true),
  ];

  const transposed = (y: Tensor, kernel: Tensor, shape: number[]): Tensor4D => {
    const sizes = tf.tensor1d(shape, 'int32');
    const x = runner.one('Conv2DBackpropInput', [runner.typeOf(y), ...window], [sizes, kernel, y]);
    sizes.dispose();
    return x as Tensor4D;
  };

  const matrixProduct = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor =>
    runner.one(
      'MatMul',
      [
        runner.typeOf(a),
        attribute.bool('transpose_a', transposeA),
        attribute.bool('transpose_b', transposeB),
      ],
      [a, b],
    );

  /**
   * To one channel, TensorFlow's kernel uses a sixteenth of the processor's lanes. So the sixteen contributions of every y are one matrix
   * product, and a transposed convolution with a kernel of unit vectors adds them up in place: 2.6 times faster.
   */
  const transposedToOneChannel = (y: Tensor4D, kernel: Tensor4D, shape: number[]): Tensor4D => {
    const [n, height, width, channels] = y.shape;
    const positions = kernelSize * kernelSize;
    return tf.tidy(() => {
      const contributions = matrixProduct(
        runner.reshape(y, [n * height * width, channels]),
        runner.reshape(kernel, [positions, channels]),
        false,
        true,
      ); // [n·h·w, 16]
      const units = runner.reshape(tf.eye(positions), [kernelSize, kernelSize, 1, positions]);
      const placed = runner.reshape(contributions, [n, height, width, positions]);
      return transposed(placed, runner.cast(units, runner.precisionOf(y)), shape);
    });
  };

  /** The gradient as one matrix product of all 4×4 patches of x with dy; → [4, 4, in, out] in their precision. */
  const gradientFromPatches = (x: Tensor4D, dy: Tensor4D): Tensor =>
    tf.tidy(() => {
      const [n, height, width, outputs] = dy.shape;
      const patches = runner.one(
        'ExtractImagePatches',
        [
          runner.typeOf(x),
          attribute.int('ksizes', [1, kernelSize, kernelSize, 1]),
          attribute.int('strides', [1, stride, stride, 1]),
          attribute.int('rates', [1, 1, 1, 1]),
          attribute.string('padding', 'SAME'),
        ],
        [x],
      ); // [n, h, w, 16·in]
      const rows = n * height * width;
      const product = matrixProduct(
        runner.reshape(patches, [rows, kernelSize ** 2 * x.shape[3]]),
        runner.reshape(dy, [rows, outputs]),
        true,
        false,
      );
      return runner.reshape(product, [kernelSize, kernelSize, x.shape[3], outputs]);
    });

  const gradientByConvolution = (x: Tensor4D, dy: Tensor4D): Tensor => {
    const sizes = tf.tensor1d([kernelSize, kernelSize, x.shape[3], dy.shape[3]], 'int32');
    const gradient = runner.one('Conv2DBackpropFilter', [runner.typeOf(x), ...window], [x, sizes, dy]);
    sizes.dispose();
    return gradient;
  };

  return {
    conv: (x, kernel) => runner.one('Conv2D', [runner.typeOf(x), ...window], [x, kernel]) as Tensor4D,

    convTranspose(y, kernel, height, width) {
      const shape = [y.shape[0], height, width, kernel.shape[2]];
      const toOneChannel = kernel.shape[2] === 1 && kernel.shape[3] >= 16 && !runner.usesGpu;
      return toOneChannel ? transposedToOneChannel(y, kernel, shape) : transposed(y, kernel, shape);
    },

    convKernelGradient(x, dy) {
      // oneDNN's kernel is slow where few positions feed large kernels, as in the inner layers: 52 ms against 13
      const [n, height, width, outputs] = dy.shape;
      const few = n * height * width <= outputs && !runner.usesGpu;
      const gradient = few ? gradientFromPatches(x, dy) : gradientByConvolution(x, dy);
      const result = runner.cast(gradient, 'float32') as Tensor4D;
      gradient.dispose();
      return result;
    },
  };
}
