import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Architecture, presets, type TrainingSettings } from '../../src/autoencoder/architecture';
import { listCheckpoints } from '../../src/autoencoder/checkpoint';
import { type CropSource, cropsInMemory } from '../../src/autoencoder/crop-source';
import { type TrainOptions, trainAutoencoder } from '../../src/autoencoder/train';
import { openTrainingLog, readTrainingLog } from '../../src/autoencoder/training-log';
import { loadBackend } from '../../src/compute';
import { openCrops } from '../../src/data/open-crops';
import { writeSimulation } from '../../src/simulate/write-simulation';
import { seededRandom } from '../../src/util/random';
import { runLch } from '../helpers/run-lch';

const architecture: Architecture = {
  imageSize: 16,
  channels: [4, 4, 8],
  latentDims: 4,
  adversaryWidths: [8, 8, 8],
};
/** Everything that has a state of its own, or draws at random. */
const everything: TrainingSettings = {
  ...presets.demo.training,
  batchSize: 8,
  epochs: 12,
  augment: 'turns',
  turnShare: 0.5,
  schedule: 'step',
  stepEpochs: 3,
  warmupEpochs: 1,
  clipNorm: 1,
  averageDecay: 0.9,
  adversaryLearningRate: 0.0005,
  principalWeight: 0.3,
  principalEpochs: 7,
  squaredErrorWeight: 1,
  l1Weight: 0.1,
  ssimWeight: 0.1,
  codeNoise: 0.1,
  forgetDay: 0.1,
  patience: 11,
  validationShare: 0.2,
};

/** Dots at random places; the brightness tells the day. */
function dots(count: number): { images: Float32Array; days: Int32Array } {
  const random = seededRandom(5);
  const images = new Float32Array(count * 256);
  const days = Int32Array.from({ length: count }, (_, i) => i % 2);
  for (let i = 0; i < count; i++) {
    const [cx, cy] = [4 + 8 * random.uniform(), 4 + 8 * random.uniform()];
    for (let at = 0; at < 256; at++)
      images[i * 256 + at] =
        (0.6 + 0.3 * days[i]) * Math.exp(-(((at % 16) - cx) ** 2 + ((at >> 4) - cy) ** 2) / 6);
  }
  return { images, days };
}

const { images, days } = dots(40);
const crops = cropsInMemory(images, 16);
const options = (run: string): TrainOptions => ({
  run,
  architecture,
  training: everything,
  days,
  seed: 7,
  snapshotEveryEpochs: 1000,
  priorSamples: 0,
});

/** A program that trains as `options` say with a checkpoint after every step, and ends in the middle if it is killed. */
const program = (run: string) => `
const at = (name) => require(${JSON.stringify(resolve(__dirname, '../../src'))} + '/' + name);
const { trainAutoencoder } = at('autoencoder/train');
const { cropsInMemory } = at('autoencoder/crop-source');
const options = ${JSON.stringify({ ...options(run), resume: true, checkpointMinutes: 0 })};
options.days = Int32Array.from(Object.values(options.days));
const bytes = require('node:fs').readFileSync(${JSON.stringify(join(run, '..', 'images.f32'))});
const images = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
trainAutoencoder(cropsInMemory(images, 16), options).then(({ model }) => { model.dispose(); process.exitCode = 0; });
`;

function start(run: string): { child: ChildProcess; ended: Promise<number | null>; trains: Promise<void> } {
  const child = spawn(process.execPath, ['-e', program(run)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const steps = () => readTrainingLog(run).length;
  const before = steps();
  const trains = new Promise<void>((done) => {
    const watch = setInterval(() => {
      if (steps() <= before && child.exitCode === null) return;
      clearInterval(watch);
      done();
    }, 5);
    child.on('close', () => {
      clearInterval(watch);
      done();
    });
  });
  return { child, ended, trains };
}

describe('training that is cut off', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-lost-'));
  const at = (name: string) => join(folder, name);
  let native = false;
  const weightsOf = (name: string) => readFileSync(join(folder, name, 'weights.safetensors'));

  before(async () => {
    native = (await loadBackend()).name === 'tensorflow';
    writeFileSync(at('images.f32'), images);
    (await trainAutoencoder(crops, options(at('unbroken')))).model.dispose();
  });
  after(() => rmSync(folder, { recursive: true }));

  it('killed 20 times at random moments and resumed each time, it ends in the same weights, byte by byte', async () => {
    const run = at('killed');
    const random = seededRandom(11);
    const losses = (name: string) =>
      readTrainingLog(at(name)).map(({ imagesPerSecond: _, ...entry }) => entry);
    const same = () => {
      assert.deepEqual(weightsOf('killed'), weightsOf('unbroken'));
      assert.deepEqual(losses('killed'), losses('unbroken'));
    };
    let kills = 0;
    for (let round = 0; kills < 20; round++) {
      const { child, ended, trains } = start(run);
      // some while everything is being loaded, most while it trains
      if (round % 5 === 4) await new Promise((done) => setTimeout(done, 600 * random.uniform()));
      else {
        await trains;
        await new Promise((done) => setTimeout(done, 40 * random.uniform()));
      }
      child.kill('SIGKILL');
      const code = await ended;
      if (code !== 0) kills++;
      else {
        // it was done before the last kill: once more from the start
        same();
        rmSync(run, { recursive: true });
      }
    }
    const { ended } = start(run);
    assert.equal(await ended, 0);
    same();
    const left = readdirSync(join(run, 'checkpoints')).filter(
      (name) => name.endsWith('.safetensors') && !name.startsWith('.'),
    );
    assert.equal(left.length, 3);
  });

  it('an altered checkpoint is passed over, and the run ends in the same weights', async () => {
    const run = at('altered');
    (await trainAutoencoder(crops, { ...options(run), maxSteps: 12, saveEveryEpochs: 1 })).model.dispose();
    const [newest] = listCheckpoints(run);
    const bytes = readFileSync(newest);
    bytes[bytes.length - 100] ^= 4;
    writeFileSync(newest, bytes);
    const lines: string[] = [];
    const progress = { start() {}, finish() {}, update() {}, log: (line: string) => lines.push(line) };
    (await trainAutoencoder(crops, { ...options(run), resume: true, progress })).model.dispose();
    assert.match(lines[0], /is damaged .*; taking the one before/);
    assert.deepEqual(weightsOf('altered'), weightsOf('unbroken'));
  });

  it('a loss that is no number stops it in one line, and the last good checkpoint stays', async () => {
    const run = at('diverged');
    let reads = 0;
    const poisoned: CropSource = {
      ...crops,
      async read(indices) {
        const batch = await crops.read(indices);
        if (++reads > 12) batch[3] = Number.NaN;
        return batch;
      },
    };
    const training = { ...everything, validationShare: 0, patience: 0 };
    await assert.rejects(
      trainAutoencoder(poisoned, { ...options(run), training, checkpointMinutes: 0 }),
      /^ModelError: training diverged at step \d+ \(.*\); the last good checkpoint is kept in .*; start anew with a lower --learning-rate/,
    );
    const kept = listCheckpoints(run).length;
    assert.ok(kept >= 1);
    // what is kept is finite: training goes on from it
    (await trainAutoencoder(crops, { ...options(run), training, resume: true })).model.dispose();
    assert.ok(readTrainingLog(run).every(({ reconstructionLoss }) => Number.isFinite(reconstructionLoss)));
  });

  it('a full disk and a folder that cannot be written are named in one line', {
    skip: !existsSync('/dev/full') && 'no /dev/full',
  }, async () => {
    const run = at('full');
    mkdirSync(run);
    const log = openTrainingLog(run, 0);
    rmSync(join(run, 'log.jsonl'));
    symlinkSync('/dev/full', join(run, 'log.jsonl'));
    assert.throws(
      () =>
        log.append({
          kind: 'step',
          step: 1,
          epoch: 1,
          crops: 1,
          reconstructionLoss: 1,
          adversaryLoss: 1,
          generatorLoss: 1,
          learningRate: 1,
          imagesPerSecond: 1,
        }),
      /^DataError: cannot write .*log\.jsonl: the disk is full; free some space and run it again/,
    );
    writeFileSync(at('file'), '');
    await assert.rejects(
      trainAutoencoder(crops, options(join(at('file'), 'run'))),
      /^DataError: cannot write .*run/,
    );
    // the folder of checkpoints is in the way
    const blocked = at('blocked');
    mkdirSync(blocked);
    writeFileSync(join(blocked, 'checkpoints'), '');
    await assert.rejects(
      trainAutoencoder(crops, { ...options(blocked), maxSteps: 4 }),
      /^DataError: cannot write .*checkpoints/,
    );
  });

  it('early stopping ends with the weights of the best epoch, and resuming adds nothing', async () => {
    const run = at('patient');
    // a step size that soon makes things worse
    const training = {
      ...everything,
      schedule: 'constant',
      learningRate: 0.2,
      patience: 2,
      averageDecay: 0,
      clipNorm: 0,
    } as const;
    const { model, log, step } = await trainAutoencoder(crops, { ...options(run), training });
    const epochs = log.filter((entry) => entry.kind === 'epoch');
    const losses = epochs.map(({ validationLoss }) => validationLoss as number);
    const best = losses.indexOf(Math.min(...losses));
    assert.ok(losses.length < everything.epochs, 'it stopped early');
    assert.equal(losses.length, best + 1 + 2);
    model.dispose();
    const again = await trainAutoencoder(crops, { ...options(run), training, resume: true });
    assert.equal(again.step, step);
    again.model.dispose();
  });

  it('calls back after each epoch with the log and the snapshot', async () => {
    const reports: string[] = [];
    const training = { ...everything, epochs: 2 };
    const { model } = await trainAutoencoder(crops, {
      ...options(at('called')),
      training,
      snapshotEveryEpochs: 1,
      priorSamples: 16,
      tensorboard: native,
      onEpoch: ({ epoch, epochs, log, snapshot }) => {
        reports.push(`${epoch}/${epochs} ${log.at(-1)?.kind} ${snapshot?.subarray(1, 4).toString()}`);
      },
    });
    model.dispose();
    assert.deepEqual(reports, ['1/2 epoch PNG', '2/2 epoch PNG']);
    assert.equal(readdirSync(join(at('called'), 'snapshots')).length, 2);
    if (!native) return;
    const [events] = readdirSync(join(at('called'), 'tensorboard'));
    const text = readFileSync(join(at('called'), 'tensorboard', events), 'latin1');
    assert.ok(text.includes('step/reconstructionLoss') && text.includes('epoch/validationMseMean'));
  });
});

describe('training from disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-disk-'));
  const at = (name: string) => join(folder, name);

  before(async () => {
    await loadBackend();
    await writeSimulation({ cells: 48, size: 16, seed: 3 }, at('cells'));
    writeFileSync(join(at('cells'), 'images', 'broken.png'), 'no picture');
    rmSync(join(at('cells'), 'cells.csv'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('gives the same weights from memory, streamed with 1 or 3 threads, and packed', async () => {
    const base = { size: 16, preprocessing: { align: true, maskSigma: 0.4 }, turnShare: 0.5, seed: 2 };
    const ways = {
      memory: {},
      one: { memoryBytes: 0, threads: 1 },
      three: { memoryBytes: 0, threads: 3 },
      packed: { packed: at('packed'), threads: 2 },
      'packed before': { packed: at('packed'), threads: 1 },
    };
    const weights: Buffer[] = [];
    for (const [name, way] of Object.entries(ways)) {
      const source = await openCrops(at('cells'), { ...base, ...way });
      assert.equal(source.streamed, name !== 'memory');
      assert.equal(source.count, 48);
      assert.equal(source.table.numRows(), 48);
      assert.deepEqual(
        source.skipped.map(({ path }) => path),
        ['images/broken.png'],
      );
      const training = { ...presets.demo.training, batchSize: 8, epochs: 2, turnShare: 0.5 };
      const run = at(`run ${name}`);
      const { model } = await trainAutoencoder(source, {
        run,
        architecture,
        training,
        seed: 7,
        snapshotEveryEpochs: 9,
      });
      model.dispose();
      await source.close();
      weights.push(readFileSync(join(run, 'weights.safetensors')));
    }
    for (const other of weights.slice(1)) assert.ok(other.equals(weights[0]));
    await assert.rejects(
      openCrops(at('cells'), { ...base, size: 32, packed: at('packed') }),
      /^DataError: .*packed holds crops of 16×16 pixels packed from .*, not 32×32/,
    );
  });

  it('lch train: SIGTERM saves, exits with 0 and says how to go on; all options at once reach the model', async () => {
    const words = [
      'train',
      '--data',
      at('cells'),
      '--out',
      at('run'),
      '--batch',
      '8',
      '--image-size',
      '64',
      '--epochs',
      '400',
    ];
    words.push('--memory-limit', '0', '--validate-by', 'series', '--clip-norm', '1', '--mask', '0.4');
    const ended = await runLch(words, (child) => child.kill('SIGTERM'), join(at('run'), 'snapshots'));
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(
      ended.stdout,
      /stopped after step \d+ of \d+; a checkpoint is in .*run, add --resume to go on/,
    );
    assert.ok(listCheckpoints(at('run')).length > 0);
    const described = JSON.parse(readFileSync(join(at('run'), 'model.json'), 'utf8'));
    assert.deepEqual(described.preprocessing, { align: true, maskSigma: 0.4 });
    assert.equal(described.training.validateBy, 'series');
    assert.equal(described.training.clipNorm, 1);
  });
});
