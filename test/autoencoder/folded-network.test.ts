import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs-core';
import { buildAutoencoder } from '../../src/autoencoder/autoencoder';
import type { Network } from '../../src/autoencoder/network';
import { trainStep } from '../../src/autoencoder/train-step';
import { loadBackend, tf } from '../../src/compute';
import { seededRandom } from '../../src/util/random';
import { assertClose, randomTensor } from '../helpers/tensors';

const architecture = {
  imageSize: 32,
  channels: [8, 16, 32],
  latentDims: 6,
  adversaryWidths: [16, 16, 8],
} as const;
const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Layer by layer, as Torch7 evaluates. */
function evaluateUnfolded(network: Network, x: Tensor): Tensor {
  return network.layers.reduce((current, layer) => layer.forward(current, false), x);
}

describe('a folded network', () => {
  const random = seededRandom(3);
  const model = () => {
    const made = buildAutoencoder(architecture, random);
    const images = Float32Array.from({ length: 8 * 32 * 32 }, () => random.uniform());
    const noise = Float32Array.from({ length: 8 * 6 }, () => random.normal());
    // running statistics away from 0 and 1
    for (let step = 1; step <= 5; step++) trainStep(made, images, noise, { adam, adversaryWeight: 1, step });
    return made;
  };

  before(() => loadBackend());

  it('equals its layers in evaluation mode within 1e-5, from crops to descriptors and back', () => {
    const made = model();
    const x = randomTensor(random, [4, 32, 32, 1]);
    const codes = evaluateUnfolded(made.encoder, x);
    assertClose(made.encoder.evaluate(x), codes, 1e-5, 'descriptors');
    assertClose(made.decoder.evaluate(codes), evaluateUnfolded(made.decoder, codes), 1e-5, 'logits');
    made.dispose();
  });

  it('follows the weights: after a change of one it is folded anew', () => {
    const made = model();
    const x = randomTensor(random, [2, 32, 32, 1]);
    const old = made.encoder.evaluate(x).dataSync();
    const [, kernel] = made.encoder.namedWeights()[0];
    kernel.parameter.assign(kernel.with((values) => values.dataSync<'float32'>()).map((value) => 2 * value));
    const changed = made.encoder.evaluate(x);
    assertClose(changed, evaluateUnfolded(made.encoder, x), 1e-5);
    assert.notDeepEqual(changed.dataSync(), old);
    made.dispose();
  });

  it('leaves no tensor behind', () => {
    const { numTensors } = tf.memory();
    const made = model();
    made.reconstruct(new Float32Array(2 * 32 * 32));
    made.dispose();
    assert.equal(tf.memory().numTensors, numTensors);
  });
});
