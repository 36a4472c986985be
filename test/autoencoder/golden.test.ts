import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Autoencoder } from '../../src/autoencoder/autoencoder';
import { importTorch7 } from '../../src/autoencoder/import-torch7';
import { gatherGradients, trainStep } from '../../src/autoencoder/train-step';
import { loadBackend, tf } from '../../src/compute';
import { golden, goldenBytes, goldenIndex, goldenNames, inOurLayout } from '../helpers/golden';
import { assertClose } from '../helpers/tensors';

const adam = { learningRate: goldenIndex.learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
/** Biases before a batch norm have no gradient: Adam turns rounding noise into steps of up to the learning rate. */
const noisyBiases = ['encoder.20.bias', 'adversary.3.bias', 'adversary.6.bias'];

function allTensors(model: Autoencoder): Map<string, ArrayLike<number>> {
  const values = new Map<string, ArrayLike<number>>();
  for (const network of model.networks) {
    for (const [name, weight] of network.namedWeights()) {
      values.set(
        name,
        weight.with((tensor) => tensor.dataSync()),
      );
    }
    for (const [name, buffer] of network.namedBuffers()) values.set(name, buffer.value.dataSync());
  }
  return values;
}

describe('the autoencoder against Torch7 (variant nn)', () => {
  const x = golden('x').values; // one channel: NCHW is NHWC
  const noise = golden('real_noise').values;

  before(() => loadBackend());

  for (const start of ['init', 'warm']) {
    const file = start === 'init' ? 'aae_small_init.t7' : 'aae_small_warm_eval.t7';

    it(`${start}: codes, reconstructions and verdicts in evaluation mode`, () => {
      const model = importTorch7(goldenBytes(file), file);
      const codes = model.encode(x);
      assertClose(codes, golden(`${start}.eval.codes`).values, 1e-5, 'codes');
      assertClose(model.decode(codes), golden(`${start}.eval.recon`).values, 1e-5, 'reconstructions');
      const verdicts = tf.tidy(() =>
        tf.sigmoid(model.adversary.evaluate(tf.tensor2d(codes, [4, 12]))).dataSync(),
      );
      assertClose(verdicts, golden(`${start}.eval.adv`).values, 1e-5, 'verdicts');
      model.dispose();
    });

    it(`${start}: codes, reconstructions and running statistics of a training pass`, () => {
      const model = importTorch7(goldenBytes(file), file);
      const input = tf.tensor4d(x, [4, 64, 64, 1]);
      const codes = model.encoder.forward(input);
      // With fresh weights the first batch norm enlarges the convolution's rounding a hundredfold: Torch7's own float32 noise is 4e-6
      // here (1e-8 elsewhere), and oneDNN's other order of summation lands 1.5e-5 away.
      assertClose(codes, golden(`${start}.train.codes`).values, start === 'init' ? 5e-5 : 1e-5, 'codes');
      assertClose(
        tf.sigmoid(model.decoder.forward(codes)),
        golden(`${start}.train.recon`).values,
        1e-5,
        'reconstructions',
      );
      assertClose(
        tf.sigmoid(model.adversary.forward(codes)),
        golden(`${start}.train.adv`).values,
        1e-5,
        'verdicts',
      );
      const tensors = allTensors(model);
      for (const name of goldenNames(`${start}.train.after.`)) {
        assertClose(tensors.get(name)!, golden(`${start}.train.after.${name}`).values, 1e-5, name);
      }
      model.dispose();
    });
  }

  it('a crop encoded alone has the same codes', () => {
    const model = importTorch7(goldenBytes('aae_small_warm_eval.t7'), 'warm');
    assertClose(model.encode(x.subarray(0, 64 * 64)), golden('warm.eval.codes_first_alone').values, 1e-5);
    model.dispose();
  });

  it('gradients of the full step: each within a thousandth of its own largest value', () => {
    const model = importTorch7(goldenBytes('aae_small_warm_eval.t7'), 'warm');
    const losses = gatherGradients(
      model,
      tf.tensor4d(x, [4, 64, 64, 1]) as Tensor4D,
      tf.tensor2d(noise, [4, 12]) as Tensor2D,
      1,
    );
    const { scalars } = goldenIndex;
    assert.ok(Math.abs(losses.reconstruction.dataSync()[0] - scalars['nn.step1.recon_double']) < 1e-5);
    assert.ok(Math.abs(losses.adversary.dataSync()[0] - scalars['nn.step1.lossA_double']) < 1e-5);
    assert.ok(Math.abs(losses.generator.dataSync()[0] - scalars['nn.step1.minimax_double']) < 1e-5);
    let compared = 0;
    for (const [network, prefix] of [
      [model.encoder, 'nn.grad_total.'],
      [model.decoder, 'nn.grad_recon.'],
      [model.adversary, 'nn.grad_adv_used.'],
    ] as const) {
      for (const [name, weight] of network.namedWeights()) {
        if (noisyBiases.includes(name)) continue;
        const expected = inOurLayout(golden(prefix + name));
        const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        assertClose(weight.gradient!, expected, 1e-3 * largest, `gradient of ${name}`);
        compared++;
      }
    }
    assert.equal(compared, 64 - noisyBiases.length);
    model.dispose();
  });

  it('parameters and running statistics after one and after three steps', () => {
    const model = importTorch7(goldenBytes('aae_small_warm_eval.t7'), 'warm');
    for (let step = 1; step <= 3; step++) {
      const losses = trainStep(model, x, noise, { adam, adversaryWeight: 1, step });
      const { scalars } = goldenIndex;
      assert.ok(Math.abs(losses.reconstructionLoss - scalars[`nn.step${step}.recon_double`]) < 1e-5);
      assert.ok(Math.abs(losses.adversaryLoss - scalars[`nn.step${step}.lossA_double`]) < 1e-5);
      if (step === 2) continue;
      const tensors = allTensors(model);
      const names = goldenNames(`nn.after${step}.`);
      assert.equal(names.length, tensors.size);
      for (const name of names) {
        const noisy = noisyBiases.includes(name);
        const tolerance = noisy
          ? 2 * adam.learningRate * step
          : step === 3 && name.endsWith('running_mean')
            ? 5e-5
            : 1e-5;
        assertClose(
          tensors.get(name)!,
          inOurLayout(golden(`nn.after${step}.${name}`)),
          tolerance,
          `${name} after step ${step}`,
        );
      }
    }
    model.dispose();
  });

  it('a step leaves no tensor behind', () => {
    const model = importTorch7(goldenBytes('aae_small_warm_eval.t7'), 'warm');
    trainStep(model, x, noise, { adam, adversaryWeight: 1, step: 1 });
    model.reconstruct(x); // keeps folded kernels
    const { numTensors } = tf.memory();
    for (let step = 2; step < 5; step++) trainStep(model, x, noise, { adam, adversaryWeight: 1, step });
    model.reconstruct(x);
    assert.equal(tf.memory().numTensors, numTensors);
    model.dispose();
  });

  it('reads the nest of encoder and decoder, and cudnn names with CUDA tensors, to the same model', () => {
    const reference = importTorch7(goldenBytes('aae_small_warm_eval.t7'), 'warm');
    const codes = reference.encode(x);
    for (const file of [
      'aae_small_warm_eval_autoencoder.t7',
      'aae_small_warm_eval_autoencoder_cudalike.t7',
    ]) {
      const model = importTorch7(goldenBytes(file), file);
      assertClose(model.encode(x), codes, 0, file);
      assertClose(model.decode(codes), reference.decode(codes), 0, file);
      model.dispose();
    }
    reference.dispose();
  });
});
