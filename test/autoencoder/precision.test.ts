import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { buildAutoencoder } from '../../src/autoencoder/autoencoder';
import { trainStep } from '../../src/autoencoder/train-step';
import { choosePrecision, loadBackend, type Precision, tf } from '../../src/compute';
import { simulateCells } from '../../src/simulate/simulate-cells';
import { seededRandom } from '../../src/util/random';

const size = 32;
const batchSize = 32;
const architecture = {
  imageSize: size,
  channels: [16, 32, 64, 64, 64],
  latentDims: 16,
  adversaryWidths: [64, 64, 32],
} as const;

/** Reconstruction losses of a training run on simulated crops. */
function losses(crops: Float32Array, precision: Precision, steps: number): number[] {
  const random = seededRandom(5);
  const model = buildAutoencoder(architecture, random.fork('weights'));
  model.precision = precision;
  const count = crops.length / size ** 2;
  const list = Array.from({ length: steps }, (_, index) => {
    const order = random.fork(`order/${index}`).permutation(count).subarray(0, batchSize);
    const images = Float32Array.from(
      { length: batchSize * size ** 2 },
      (_, i) => crops[order[Math.floor(i / size ** 2)] * size ** 2 + (i % size ** 2)],
    );
    const noise = Float32Array.from({ length: batchSize * architecture.latentDims }, () => random.normal());
    const adam = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    return trainStep(model, images, noise, { adam, adversaryWeight: 0.1, step: index + 1 })
      .reconstructionLoss;
  });
  model.dispose();
  return list;
}

describe('training in bfloat16', () => {
  let native = false;

  before(async () => {
    native = (await loadBackend()).name === 'tensorflow';
  });

  it('is what auto chooses where the processor has it, and only a known word is taken', () => {
    assert.ok(['float32', 'bfloat16'].includes(choosePrecision('auto')));
    assert.equal(choosePrecision('float32'), 'float32');
    assert.throws(() => choosePrecision('half'), /one of auto, float32, bfloat16, got "half"/);
  });

  it('follows float32: the loss after 200 steps on simulated crops is within 2 %', (t) => {
    if (!native) return t.skip('WASM has no bfloat16');
    const simulation = simulateCells({ cells: 200, size, seed: 2 });
    const crops = new Float32Array(200 * size ** 2);
    for (let i = 0; i < 200; i++) crops.set(simulation.renderCrop(i), i * size ** 2);
    for (let i = 0; i < crops.length; i++) crops[i] /= 255;
    const [float32, bfloat16] = (['float32', 'bfloat16'] as const).map((precision) =>
      losses(crops, precision, 200),
    );
    const end = (list: number[]) => list.slice(-20).reduce((sum, loss) => sum + loss, 0) / 20;
    const ratio = end(bfloat16) / end(float32);
    assert.ok(end(float32) < 0.8 * float32[0], `it learns: ${float32[0]} → ${end(float32)}`);
    assert.ok(Math.abs(ratio - 1) < 0.02, `loss ${end(bfloat16)} against ${end(float32)}`);
    assert.notEqual(end(bfloat16), end(float32));
  });

  it('describes crops as float32 does within 2 % of the descriptors’ spread, and leaves no tensor behind', (t) => {
    if (!native) return t.skip('WASM has no bfloat16');
    const { numTensors } = tf.memory();
    const random = seededRandom(6);
    const model = buildAutoencoder(architecture, random);
    const images = Float32Array.from({ length: batchSize * size ** 2 }, () => random.uniform());
    const noise = Float32Array.from({ length: batchSize * architecture.latentDims }, () => random.normal());
    const adam = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    for (let step = 1; step <= 20; step++)
      trainStep(model, images, noise, { adam, adversaryWeight: 1, step });
    const exact = model.encode(images);
    model.precision = 'bfloat16';
    const half = model.encode(images);
    const sd = Math.sqrt(exact.reduce((sum, value) => sum + value ** 2, 0) / exact.length);
    const rms = Math.sqrt(exact.reduce((sum, value, i) => sum + (value - half[i]) ** 2, 0) / exact.length);
    assert.ok(rms > 0 && rms < 0.02 * sd, `${rms} of ${sd}`);
    model.dispose();
    assert.equal(tf.memory().numTensors, numTensors);
  });
});
