import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { loadBackend, networkOperations, tf } from '../../src/compute';
import { nativeBackend } from '../../src/compute/native-binding';
import { nativeOperations } from '../../src/compute/native-operations';
import { NativeRunner } from '../../src/compute/native-runner';
import { portableOperations } from '../../src/compute/portable-operations';
import { seededRandom } from '../../src/util/random';
import { assertClose, randomTensor } from '../helpers/tensors';

// The portable operations are made of plain tfjs ones, whose meaning is documented; the native ones must say the same.
describe('network operations', () => {
  const random = seededRandom(1);
  let x: Tensor4D;
  let kernel: Tensor4D;
  let dy: Tensor4D;

  before(async () => {
    await loadBackend();
    x = randomTensor(random, [3, 8, 8, 5]) as Tensor4D;
    kernel = randomTensor(random, [4, 4, 5, 7]) as Tensor4D;
    dy = randomTensor(random, [3, 4, 4, 7]) as Tensor4D;
  });

  const both = () => ({ native: networkOperations(), portable: portableOperations() });

  it('convolves with one pixel of padding on each side: a kernel of ones sums the neighbourhood', () => {
    const ones = tf.ones([1, 4, 4, 1]) as Tensor4D;
    const y = networkOperations().conv(ones, tf.ones([4, 4, 1, 1]) as Tensor4D);
    assert.deepEqual([...y.dataSync()], [9, 9, 9, 9]);
  });

  it('the transposed convolution is the adjoint: <conv(x), y> = <x, convTranspose(y)>', () => {
    const { native } = both();
    const left = tf.sum(tf.mul(native.conv(x, kernel), dy)).dataSync()[0];
    const right = tf.sum(tf.mul(x, native.convTranspose(dy, kernel, 8, 8))).dataSync()[0];
    assert.ok(Math.abs(left - right) < 1e-3 * Math.abs(left), `${left} and ${right}`);
  });

  it('kernel gradient: native equals the sixteen strided products', () => {
    const { native, portable } = both();
    assertClose(native.convKernelGradient(x, dy), portable.convKernelGradient(x, dy), 1e-4);
  });

  for (const shape of [
    [3, 8, 8, 5],
    [6, 5],
  ]) {
    it(`batch norm on [${shape}]: native equals the written-out formulas, forward, backward and running statistics`, () => {
      const { native, portable } = both();
      const input = randomTensor(random, shape, 2, 0.5);
      const upstream = randomTensor(random, shape);
      const scale = randomTensor(random, [5], 1, 0.1) as Tensor1D;
      const offset = randomTensor(random, [5]) as Tensor1D;
      const running = [tf.fill([5], 0.3) as Tensor1D, tf.fill([5], 2) as Tensor1D] as const;
      const a = native.batchNorm(input, scale, offset, ...running, 1e-5, 0.1);
      const b = portable.batchNorm(input, scale, offset, ...running, 1e-5, 0.1);
      assertClose(a.y, b.y, 1e-5);
      assertClose(a.runningMean, b.runningMean, 1e-6);
      assertClose(a.runningVariance, b.runningVariance, 1e-6);
      const da = native.batchNormGradient(upstream, input, scale, a.saved, 1e-5);
      const db = portable.batchNormGradient(upstream, input, scale, b.saved, 1e-5);
      assertClose(da.x, db.x, 1e-5);
      assertClose(da.scale, db.scale, 1e-4);
      assertClose(da.offset, db.offset, 1e-4);
      assertClose(
        native.batchNormInference(input, scale, offset, ...running, 1e-5),
        portable.batchNormInference(input, scale, offset, ...running, 1e-5),
        1e-5,
      );
    });
  }

  it('leaky ReLU and its gradient: native equals the definition', () => {
    const { native, portable } = both();
    assertClose(native.leakyRelu(x, 0.25), portable.leakyRelu(x, 0.25), 0);
    const upstream = randomTensor(random, x.shape);
    assertClose(
      native.leakyReluGradient(upstream, x, 0.25),
      portable.leakyReluGradient(upstream, x, 0.25),
      0,
    );
  });

  it('three Adam steps: native equals the written-out formula, and a restored state goes on alike', () => {
    const { native, portable } = both();
    const values = Float32Array.from({ length: 6 }, () => random.normal());
    const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const a = native.parameter('a', values, [2, 3]);
    const b = portable.parameter('b', values, [2, 3]);
    const gradients: Tensor[] = [1, 2, 3, 4].map(() => randomTensor(random, [2, 3]));
    for (let step = 1; step <= 3; step++) {
      a.applyAdam(gradients[step - 1], step, options);
      b.applyAdam(gradients[step - 1], step, options);
    }
    assertClose(a.read(), b.read(), 1e-6);
    const c = native.parameter('c', new Float32Array(6), [2, 3]);
    c.restore(a.state());
    a.applyAdam(gradients[3], 4, options);
    c.applyAdam(gradients[3], 4, options);
    assertClose(a.read(), c.read(), 0);
    for (const parameter of [a, b, c]) parameter.dispose();
  });

  // [n, side of the wider image, in, out]: plain; few positions and large kernels (a product of patches); one channel; three
  // convolutions of row pairs for use
  for (const [n, side, inputs, outputs] of [
    [3, 8, 6, 7],
    [2, 4, 6, 64],
    [2, 8, 1, 16],
    [3, 8, 6, 256],
  ]) {
    for (const precision of ['float32', 'bfloat16'] as const) {
      it(`convolutions ${inputs} → ${outputs} at ${side}×${side}, ${precision}: native equals portable`, (t) => {
        const { native, portable } = both();
        if (precision === 'bfloat16' && tf.getBackend() !== 'tensorflow')
          return t.skip('WASM has no bfloat16');
        const image = randomTensor(random, [n, side, side, inputs]) as Tensor4D;
        const weights = randomTensor(random, [4, 4, inputs, outputs]) as Tensor4D;
        const upstream = randomTensor(random, [n, side / 2, side / 2, outputs]) as Tensor4D;
        const bias = randomTensor(random, [outputs]) as Tensor1D;
        const [a, k, d] = [image, weights, upstream].map((x) => native.cast(x, precision) as Tensor4D);
        const b = native.cast(bias, precision) as Tensor1D;
        const close = (mine: Tensor, truth: Tensor, what: string) => {
          const largest = tf.max(tf.abs(truth)).dataSync()[0];
          assertClose(
            native.cast(mine, 'float32'),
            truth,
            (precision === 'float32' ? 1e-5 : 2e-2) * largest,
            what,
          );
        };
        assert.equal(native.precisionOf(native.conv(a, k)), precision);
        close(native.conv(a, k), portable.conv(image, weights), 'forward');
        for (const slope of [1, 0.3]) {
          const [mine, truth] = [native, portable].map((operations) =>
            operations.fixedConv(weights, bias, slope, precision),
          );
          close(mine.run(a), truth.run(image), `for use, slope ${slope}`);
          mine.dispose();
          truth.dispose();
        }
        close(native.addBias(d, b), portable.addBias(upstream, bias), 'bias');
        close(
          native.convTranspose(d, k, side, side),
          portable.convTranspose(upstream, weights, side, side),
          'transposed',
        );
        close(
          native.convKernelGradient(a, d),
          portable.convKernelGradient(image, upstream),
          'kernel gradient',
        );
        assert.equal(native.precisionOf(native.convKernelGradient(a, d)), 'float32');
      });
    }
  }

  for (const device of ['CPU', 'GPU']) {
    it(`PReLU, its gradients to input and slope, as a ${device} computes them: native equals the definition`, (t) => {
      const backend = nativeBackend();
      if (!backend) return t.skip('WASM has one way only');
      const native = nativeOperations(new NativeRunner(backend, device === 'GPU'));
      const { portable } = both();
      const slope = tf.tensor1d([0.3]);
      const upstream = randomTensor(random, x.shape);
      assertClose(native.prelu(x, slope), portable.prelu(x, slope), 1e-6);
      assertClose(native.preluGradient(upstream, x, slope), portable.preluGradient(upstream, x, slope), 1e-6);
      assertClose(native.preluSlopeGradient(upstream, x), portable.preluSlopeGradient(upstream, x), 1e-3);
    });
  }
});
