import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Architecture, presets, type TrainingSettings } from '../../src/autoencoder/architecture';
import { listCheckpoints } from '../../src/autoencoder/checkpoint';
import { cropsInMemory } from '../../src/autoencoder/crop-source';
import { loadModel, modelTensors } from '../../src/autoencoder/model-files';
import { type TrainOptions, trainAutoencoder } from '../../src/autoencoder/train';
import { readTrainingLog } from '../../src/autoencoder/training-log';
import { loadBackend, tf } from '../../src/compute';
import { seededRandom } from '../../src/util/random';

const architecture: Architecture = {
  imageSize: 16,
  channels: [8, 8, 12],
  latentDims: 6,
  adversaryWidths: [16, 16, 8],
};
const training: TrainingSettings = { ...presets.demo.training, batchSize: 8, epochs: 3, augment: 'turns' };

/** Blurred dots at random places. */
function dots(count: number): Float32Array {
  const random = seededRandom(5);
  const images = new Float32Array(count * 256);
  for (let i = 0; i < count; i++) {
    const [cx, cy] = [4 + 8 * random.uniform(), 4 + 8 * random.uniform()];
    for (let y = 0; y < 16; y++)
      for (let x = 0; x < 16; x++)
        images[i * 256 + y * 16 + x] = Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 6);
  }
  return images;
}

describe('trainAutoencoder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-train-'));
  const images = dots(44);
  const crops = cropsInMemory(images, 16);
  const train = (name: string, options: Partial<TrainOptions> = {}) =>
    trainAutoencoder(crops, { run: join(folder, name), architecture, training, seed: 7, ...options });
  const weightsOf = (name: string) => readFileSync(join(folder, name, 'weights.safetensors'));

  before(() => loadBackend());
  after(() => rmSync(folder, { recursive: true }));

  it('two runs of a seed write the same weights, byte by byte; another seed writes others', async () => {
    for (const [name, seed] of [
      ['a', 7],
      ['b', 7],
      ['c', 8],
    ] as const) {
      (await train(name, { seed })).model.dispose();
    }
    assert.deepEqual(weightsOf('a'), weightsOf('b'));
    assert.notDeepEqual(weightsOf('a'), weightsOf('c'));
  });

  it('a run interrupted in the middle of an epoch and resumed equals an unbroken one', async () => {
    const stop = new AbortController();
    const progress = {
      start() {},
      finish() {},
      log() {},
      update: (step: number) => step === 7 && stop.abort(),
    };
    await assert.rejects(
      train('d', { signal: stop.signal, progress }),
      /^InterruptedError: train: stopped after step 7 of 15/,
    );
    const { model, log } = await train('d', { resume: true });
    model.dispose();
    assert.deepEqual(weightsOf('d'), weightsOf('a'));
    const losses = (run: string) =>
      readTrainingLog(join(folder, run)).map(({ imagesPerSecond: _, ...entry }) => entry);
    assert.deepEqual(losses('d'), losses('a'));
    assert.equal(log.filter(({ kind }) => kind === 'step').length, 15);
  });

  it('passes over a damaged checkpoint and goes on from the one before', async () => {
    (await train('e', { maxSteps: 10 })).model.dispose();
    const [newest] = listCheckpoints(join(folder, 'e'));
    truncateSync(newest, 1000);
    const lines: string[] = [];
    const progress = { start() {}, finish() {}, update() {}, log: (line: string) => lines.push(line) };
    (await train('e', { resume: true, progress })).model.dispose();
    assert.match(lines[0], /is damaged .*; taking the one before/);
    assert.deepEqual(weightsOf('e'), weightsOf('a'));
  });

  it('keeps the last three checkpoints, and refuses to resume with other settings', async () => {
    assert.equal(listCheckpoints(join(folder, 'a')).length, 3);
    await assert.rejects(
      train('a', { resume: true, training: { ...training, learningRate: 0.1 } }),
      /was trained with other settings \(learningRate 0.001, now 0.1\)/,
    );
    await assert.rejects(train('a'), /holds a trained model already; add --resume/);
  });

  it('a saved model encodes and decodes as the trained one did', async () => {
    const { model } = await train('f');
    const codes = model.encode(images);
    const decoded = model.decode(codes);
    model.dispose();
    const loaded = loadModel(join(folder, 'f'));
    assert.deepEqual(loaded.model.encode(images), codes);
    assert.deepEqual(loaded.model.decode(codes), decoded);
    assert.equal(loaded.step, 15);
    assert.equal(loaded.model.encode(images.subarray(0, 256)).length, 6, 'a single crop can be encoded');
    loaded.model.dispose();
  });

  it('overfits one batch: the reconstruction error falls below a tenth of the pictures’ variance', async () => {
    const few = cropsInMemory(images.subarray(0, 8 * 256), 16);
    const { model } = await trainAutoencoder(few, {
      run: join(folder, 'g'),
      architecture,
      training: { ...training, epochs: 300, augment: 'none', adversaryWeight: 0, learningRate: 0.005 },
      seed: 1,
      snapshotEveryEpochs: 300,
      saveEveryEpochs: 300,
    });
    const target = images.subarray(0, 8 * 256);
    const result = model.reconstruct(target);
    const mean = target.reduce((sum, value) => sum + value, 0) / target.length;
    const variance = target.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const error = target.reduce((sum, value, i) => sum + (value - result[i]) ** 2, 0);
    assert.ok(error < variance / 10, `error ${error}, variance ${variance}`);
    model.dispose();
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    (await train('h')).model.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  it('names what is wrong with its input in one line', async () => {
    const one = cropsInMemory(images.subarray(0, 256), 16);
    const options = { run: join(folder, 'x'), architecture, training, seed: 1 };
    await assert.rejects(trainAutoencoder(one, options), /^DataError: train needs at least 2 crops/);
    await assert.rejects(
      trainAutoencoder(crops, { ...options, architecture: { ...architecture, imageSize: 24 } }),
      /^ShapeError: train needs crops of 24×24 pixels, got 16×16/,
    );
    const bad = { ...architecture, imageSize: 20 };
    await assert.rejects(
      trainAutoencoder({ ...crops, size: 20 }, { ...options, architecture: bad }),
      /image size must be a multiple of 8/,
    );
  });

  it('a model folder with a missing, damaged or foreign part is refused with what to do', async () => {
    assert.throws(
      () => loadModel(join(folder, 'nowhere')),
      /^ModelError: the model .*nowhere does not exist/,
    );
    assert.throws(() => loadModel(folder), /holds no model \(no model.json\)/);
    const copy = join(folder, 'copy');
    cpSync(join(folder, 'a'), copy, { recursive: true });
    const weights = weightsOf('a');
    weights[weights.length - 3] ^= 1;
    writeFileSync(join(copy, 'weights.safetensors'), weights);
    assert.throws(() => loadModel(copy), /is damaged \(its sum does not match\)/);
    cpSync(join(folder, 'a', 'weights.safetensors'), join(copy, 'weights.safetensors'));
    const description = JSON.parse(readFileSync(join(copy, 'model.json'), 'utf8'));
    description.architecture.latentDims = 5;
    writeFileSync(join(copy, 'model.json'), JSON.stringify(description));
    assert.throws(() => loadModel(copy), /its model.json is of a model of another size/);
  });

  it('weights are stored as safetensors by Torch7’s module numbers', async () => {
    const { model } = loadModel(join(folder, 'a'));
    const names = modelTensors(model).map(({ name }) => name);
    assert.ok(names.includes('encoder.1.weight') && names.includes('decoder.5.running_var'));
    model.dispose();
  });
});
