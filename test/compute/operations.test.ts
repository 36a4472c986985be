import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { loadBackend, networkOperations, tf } from '../../src/compute';
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
});
