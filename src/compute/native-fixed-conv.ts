/**
 * The network's convolution for use, when kernel and bias stay as they are, on TensorFlow: as few multiplications and passes over the
 * images as were measured to pay (docs/performance.md).
 */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpAttribute } from './native-binding';
import type { NativeRunner } from './native-runner';
import { type FixedConv, kernelSize, type NetworkOperations, stride } from './network-operations';

type Needed = Pick<NetworkOperations, 'conv' | 'addBias' | 'leakyRelu'> & {
  /** Attributes of the convolution's window. */
  window: readonly OpAttribute[];
  /** TensorFlow's own convolution, whatever the shapes. */
  plain(x: Tensor, kernel: Tensor): Tensor;
  /** Whether {@link NetworkOperations.conv} of this is a product of patches. */
  isProduct(x: Tensor4D, kernel: Tensor4D): boolean;
};

export function nativeFixedConv(runner: NativeRunner, operations: Needed): NetworkOperations['fixedConv'] {
  const { attribute } = runner;
  const { plain, window } = operations;
  /** TensorFlow's own names for oneDNN's convolutions; graphs are rewritten to them, here they are called. */
  const isOneDnn = attribute.string('_kernel', 'MklNameChangeOp');
  let hasOneDnn = !runner.usesGpu;

  /** Convolution that adds the bias, and bends the sum where a slope is given, before it writes it. */
  const fused = (x: Tensor, kernel: Tensor, bias: Tensor, slope: number): Tensor => {
    const type = runner.typeOf(x);
    return runner.one(
      '_MklNativeFusedConv2D',
      [
        ...[type, { ...type, name: 'TArgs' }, ...window, isOneDnn],
        attribute.int('num_args', 1),
        attribute.string('fused_ops', 'BiasAdd,LeakyRelu'), // a list: scripts/setup/attribute_lists.h
        attribute.float('leakyrelu_alpha', slope),
      ],
      [x, kernel, bias],
    );
  };
  const pointwise = (name: 'Sub' | 'AddV2', a: Tensor, b: Tensor) =>
    runner.one(name, [runner.typeOf(a)], [a, b]);
  const slice = (x: Tensor, begin: number[], size: number[]) =>
    runner.one(
      'Slice',
      [runner.typeOf(x), attribute.int32('Index')],
      [x, tf.tensor1d(begin, 'int32'), tf.tensor1d(size, 'int32')],
    );

  /**
   * Two rows of the result, y₀ and y₁, come from three pairs of rows of x: y₀ = k₀·a + k₁·b and y₁ = k₀·b + k₁·c, where k₀ and k₁ are the
   * kernel's upper and lower half. With p = k₀·(a − b), q = (k₀ + k₁)·b and r = k₁·(b − c) they are p + q and q − r: three convolutions
   * instead of four (Winograd 1980, Lavin and Gray 2016: F(2, 2)). Rounding grows 1.5-fold. The columns stay as they are: to save there as
   * well, twice the rounding and as many passes over the images, gained no more.
   */
  const fromThree = (x: Tensor4D, [upper, both, lower]: Tensor[], bias: Tensor1D, slope: number): Tensor4D =>
    tf.tidy(() => {
      const [n, height, width, inputs] = x.shape;
      const border = tf.tensor2d([0, 0, 1, 3, 0, 0, 0, 0], [4, 2], 'int32'); // a row above as in SAME, and whole groups of four
      const padded = runner.one('Pad', [runner.typeOf(x), attribute.int32('Tpaddings')], [x, border]);
      const groups = height / kernelSize;
      const pairs = runner.reshape(padded, [n, groups + 1, 2, 2 * width * inputs]);
      const [a, b, c] = [
        [0, 0, 0, 0],
        [0, 0, 1, 0],
        [0, 1, 0, 0],
      ].map((begin) => slice(pairs, begin, [n, groups, 1, 2 * width * inputs]));
      const image = (rows: Tensor) => runner.reshape(rows, [n, 2 * groups, width, inputs]);
      const p = plain(image(pointwise('Sub', a, b)), upper);
      const q = fused(image(b), both, bias, 1);
      const r = plain(image(pointwise('Sub', b, c)), lower);
      const outputs = bias.shape[0];
      const rows = [pointwise('AddV2', p, q), pointwise('Sub', q, r)].map((y) =>
        runner.reshape(y, [n, groups, 1, (width / stride) * outputs]),
      );
      const together = runner.one(
        'ConcatV2',
        [runner.typeOf(x), attribute.int('N', rows.length), attribute.int32('Tidx')],
        [...rows, tf.scalar(2, 'int32')],
      );
      const y = runner.reshape(together, [n, height / stride, width / stride, outputs]);
      return (slope === 1 ? y : operations.leakyRelu(y, slope)) as Tensor4D;
    });

  /**
   * Where the saved convolution is worth the passes over x that it costs (two cores, 32 crops of `paper`, processor time): 256 outputs
   * −8 % in bfloat16 and −11 % in float32, 512 and 1024 −13 %, the innermost layer −17 % in bfloat16; 128 outputs −3 %. Few positions read
   * more kernel than they save.
   */
  const leastOutputs = 256;
  const threePay = (x: Tensor4D, kernel: Tensor4D): boolean => {
    const [n, height, width] = x.shape;
    if (height % kernelSize !== 0) return false;
    if (runner.precisionOf(x) === 'float32' && operations.isProduct(x, kernel)) return false;
    return (n * height * width) / stride ** 2 >= kernel.shape[3] / 8;
  };

  /** The kernels of {@link fromThree}, in the precision of `kernel`, whose float32 original is `wide`; upper and lower are parts of its memory. */
  const thirdsOf = (wide: Tensor4D, kernel: Tensor4D): Tensor[] =>
    tf.tidy(() => {
      const size = [kernelSize / 2, ...kernel.shape.slice(1)];
      const [upper, lower, wideUpper, wideLower] = [kernel, wide].flatMap((whole) =>
        [0, kernelSize / 2].map((row) => slice(whole, [row, 0, 0, 0], size)),
      );
      const both = runner.cast(tf.add(wideUpper, wideLower), runner.precisionOf(kernel));
      return [upper, both, lower].map((third) => tf.keep(third));
    });

  return (wide, wideBias, slope, precision): FixedConv => {
    const cast = (tensor: Tensor) => tf.keep(runner.cast(tensor, precision));
    const kernel = cast(wide) as Tensor4D;
    const bias = cast(wideBias) as Tensor1D;
    const thirds = hasOneDnn && kernel.shape[3] >= leastOutputs ? thirdsOf(wide, kernel) : [];
    const oneDnn = (x: Tensor4D): Tensor4D | null => {
      if (!hasOneDnn) return null;
      try {
        if (thirds.length > 0 && threePay(x, kernel)) return fromThree(x, thirds, bias, slope);
        return operations.isProduct(x, kernel) ? null : (fused(x, kernel, bias, slope) as Tensor4D);
      } catch {
        hasOneDnn = false; // a TensorFlow without oneDNN
        return null;
      }
    };
    return {
      run: (x) =>
        oneDnn(x) ??
        tf.tidy(() => {
          const sum = operations.addBias(operations.conv(x, kernel), bias);
          return (slope === 1 ? sum : operations.leakyRelu(sum, slope)) as Tensor4D;
        }),
      dispose: () => tf.dispose([kernel, bias, ...thirds]),
    };
  };
}
