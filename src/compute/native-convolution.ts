/**
 * The network's one convolution (4×4, stride 2) and its transposes on TensorFlow, each computed the way that was measured to be fastest
 * for its shape (docs/performance.md).
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { nativeFixedConv } from './native-fixed-conv';
import type { NativeRunner } from './native-runner';
import { kernelSize, type NetworkOperations, stride } from './network-operations';

type Convolutions = Pick<
  NetworkOperations,
  'conv' | 'fixedConv' | 'addBias' | 'convTranspose' | 'convKernelGradient'
>;

export function nativeConvolutions(
  runner: NativeRunner,
  leakyRelu: NetworkOperations['leakyRelu'],
): Convolutions {
  const { attribute } = runner;
  const window = [
    attribute.int('strides', [1, stride, stride, 1]),
    attribute.int('dilations', [1, 1, 1, 1]),
    attribute.string('padding', 'SAME'),
    attribute.string('data_format', 'NHWC'),
  ];
  const windowOnGpu = [...window, attribute.bool('use_cudnn_on_gpu', true)];

  const transposed = (y: Tensor, kernel: Tensor, shape: number[]): Tensor4D => {
    const sizes = tf.tensor1d(shape, 'int32');
    const x = runner.one('Conv2DBackpropInput', [runner.typeOf(y), ...windowOnGpu], [sizes, kernel, y]);
    sizes.dispose();
    return x as Tensor4D;
  };

  /**
   * To one channel, TensorFlow's kernel uses a sixteenth of the processor's lanes. So the sixteen contributions of every y are one matrix
   * product, and a transposed convolution with a kernel of unit vectors adds them up in place: 2.6 times faster.
   */
  const transposedToOneChannel = (y: Tensor4D, kernel: Tensor4D, shape: number[]): Tensor4D => {
    const [n, height, width, channels] = y.shape;
    const positions = kernelSize * kernelSize;
    return tf.tidy(() => {
      const contributions = runner.matrixProduct(
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

  const extractPatches = (x: Tensor): Tensor =>
    runner.one(
      'ExtractImagePatches',
      [
        runner.typeOf(x),
        attribute.int('ksizes', [1, kernelSize, kernelSize, 1]),
        attribute.int('strides', [1, stride, stride, 1]),
        attribute.int('rates', [1, 1, 1, 1]),
        attribute.string('padding', 'SAME'),
      ],
      [x],
    );

  /** The 4×4 patch of x under every output position, flat: [n·h/2·w/2, 16·in]. Copies number by number, so bfloat16 goes in pairs. */
  const patchesOf = (x: Tensor4D): Tensor => {
    const [n, height, width, channels] = x.shape;
    const shape = [(n * height * width) / stride ** 2, kernelSize ** 2 * channels];
    if (runner.precisionOf(x) === 'float32' || channels % 2 === 1)
      return runner.reshape(extractPatches(x), shape);
    const pairs = runner.reinterpret(runner.reshape(x, [n, height, width, channels / 2, 2]), 'float32');
    return runner.reshape(runner.reinterpret(extractPatches(pairs), 'bfloat16'), shape);
  };

  /** The convolution as one matrix product of all patches. */
  const convFromPatches = (x: Tensor4D, kernel: Tensor4D): Tensor4D =>
    tf.tidy(() => {
      const [n, height, width, inputs] = x.shape;
      const outputs = kernel.shape[3];
      const matrix = runner.reshape(kernel, [kernelSize ** 2 * inputs, outputs]);
      const product = runner.matrixProduct(patchesOf(x), matrix, false, false);
      return runner.reshape(product, [n, height / stride, width / stride, outputs]) as Tensor4D;
    });

  /** The kernel's gradient as one matrix product of all patches of x with dy. */
  const gradientFromPatches = (x: Tensor4D, dy: Tensor4D): Tensor =>
    tf.tidy(() => {
      const [n, height, width, outputs] = dy.shape;
      const flat = runner.reshape(dy, [n * height * width, outputs]);
      const product = runner.matrixProduct(patchesOf(x), flat, true, false);
      return runner.reshape(product, [kernelSize, kernelSize, x.shape[3], outputs]);
    });

  /**
   * The transposed convolution as one product for each of the sixteen kernel positions; then every pixel of x adds up the four that reach
   * it. Rows 2t of x are reached by kernel rows 1 (from t) and 3 (from t − 1), rows 2t + 1 by 2 (from t) and 0 (from t + 1); columns alike.
   */
  const transposedFromPositions = (y: Tensor4D, kernel: Tensor4D): Tensor4D =>
    tf.tidy(() => {
      const [n, height, width, outputs] = y.shape;
      const inputs = kernel.shape[2];
      const products = runner.one(
        'BatchMatMulV2',
        [runner.typeOf(y), attribute.bool('adj_x', false), attribute.bool('adj_y', true)],
        [
          runner.reshape(y, [1, n * height * width, outputs]),
          runner.reshape(kernel, [kernelSize ** 2, inputs, outputs]),
        ],
      ); // [16, n·h·w, in]
      const border = tf.tensor2d([0, 0, 0, 0, 1, 1, 1, 1, 0, 0], [5, 2], 'int32');
      const padded = runner.one(
        'Pad',
        [runner.typeOf(y), attribute.int32('Tpaddings')],
        [runner.reshape(products, [kernelSize ** 2, n, height, width, inputs]), border],
      );
      // kernel row, and where its products begin in the padded image
      const reaching = [
        [
          { row: 1, from: 1 },
          { row: 3, from: 0 },
        ],
        [
          { row: 2, from: 1 },
          { row: 0, from: 2 },
        ],
      ];
      const size = tf.tensor1d([1, n, height, width, inputs], 'int32');
      const sums = reaching.flatMap((rows) =>
        reaching.map((columns) => {
          const parts = rows.flatMap((i) =>
            columns.map((j) =>
              runner.one(
                'Slice',
                [runner.typeOf(y), attribute.int32('Index')],
                [padded, tf.tensor1d([kernelSize * i.row + j.row, 0, i.from, j.from, 0], 'int32'), size],
              ),
            ),
          );
          return runner.one('AddN', [runner.typeOf(y), attribute.int('N', parts.length)], parts);
        }),
      ); // four images [1, n, h, w, in], one per parity of row and column
      const together = runner.one(
        'ConcatV2',
        [runner.typeOf(y), attribute.int('N', sums.length), attribute.int32('Tidx')],
        [...sums, tf.scalar(4, 'int32')],
      );
      return runner.one(
        'DepthToSpace',
        [runner.typeOf(y), attribute.int('block_size', stride), attribute.string('data_format', 'NHWC')],
        [runner.reshape(together, [n, height, width, stride ** 2 * inputs])],
      ) as Tensor4D;
    });

  const gradientByConvolution = (x: Tensor4D, dy: Tensor4D): Tensor => {
    const sizes = tf.tensor1d([kernelSize, kernelSize, x.shape[3], dy.shape[3]], 'int32');
    const gradient = runner.one('Conv2DBackpropFilter', [runner.typeOf(x), ...windowOnGpu], [x, sizes, dy]);
    sizes.dispose();
    return gradient;
  };

  /**
   * oneDNN's convolutions are slow where few positions meet large kernels, as in the inner layers: there products win. Measured for 1024 →
   * 1024 channels on 8 × 4×4 positions: 34 → 26 ms forward, 42 → 25 back to the input and 51 → 21 to the kernel in float32, 15 → 13,
   * 19 → 14 and 52 → 12 in bfloat16. On 8×8 positions only the kernel's gradient gains.
   */
  const fewPositions = (n: number, height: number, width: number, outputs: number) =>
    !runner.usesGpu && width <= 4 && n * height * width <= outputs / 2;
  const fewForKernel = (dy: Tensor4D) => {
    const [n, height, width, outputs] = dy.shape;
    const most = runner.precisionOf(dy) === 'bfloat16' ? 4 * outputs : outputs;
    return !runner.usesGpu && n * height * width <= most;
  };
  const fewOutputs = (x: Tensor4D, kernel: Tensor4D) =>
    fewPositions(x.shape[0], x.shape[1] / stride, x.shape[2] / stride, kernel.shape[3]);

  const plain = (x: Tensor, kernel: Tensor) =>
    runner.one('Conv2D', [runner.typeOf(x), ...windowOnGpu], [x, kernel]);
  const conv = (x: Tensor4D, kernel: Tensor4D) =>
    fewOutputs(x, kernel) ? convFromPatches(x, kernel) : (plain(x, kernel) as Tensor4D);

  const addBias = (x: Tensor, bias: Tensor): Tensor =>
    runner.one('BiasAdd', [runner.typeOf(x), attribute.string('data_format', 'NHWC')], [x, bias]);

  return {
    conv,
    addBias,

    fixedConv: nativeFixedConv(runner, { window, plain, conv, addBias, leakyRelu, isProduct: fewOutputs }),

    convTranspose(y, kernel, height, width) {
      const [n, h, w] = y.shape;
      const [, , inputs, outputs] = kernel.shape;
      const shape = [n, height, width, inputs];
      if (inputs === 1 && outputs >= 16 && !runner.usesGpu) return transposedToOneChannel(y, kernel, shape);
      if (fewPositions(n, h, w, outputs)) return transposedFromPositions(y, kernel);
      return transposed(y, kernel, shape);
    },

    convKernelGradient(x, dy) {
      const gradient = fewForKernel(dy) ? gradientFromPatches(x, dy) : gradientByConvolution(x, dy);
      const result = runner.cast(gradient, 'float32') as Tensor4D;
      gradient.dispose();
      return result;
    },
  };
}
