/** Training an adversarial autoencoder, from crops to a folder with a model that other commands load. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { type Backend, choosePrecision, loadBackend, type Precision } from '../compute';
import {
  DataError,
  InterruptedError,
  ModelError,
  OptionError,
  ShapeError,
  signalOrDefault,
} from '../util/errors';
import { packageVersion, writeFileAtomic } from '../util/files';
import { defaultProgress, type Progress } from '../util/progress';
import { type Random, seededRandom } from '../util/random';
import type { Architecture, PresetName, TrainingSettings } from './architecture';
import { type Autoencoder, buildAutoencoder } from './autoencoder';
import { listCheckpoints, restoreCheckpoint, saveCheckpoint, type TrainingPosition } from './checkpoint';
import { type CropSource, selectCrops } from './crop-source';
import { saveWeights, writeModelDescription } from './model-files';
import { snapshotPng } from './snapshot';
import { type StepLosses, trainStep } from './train-step';
import { type LogEntry, openTrainingLog } from './training-log';
import { turnCrops } from './turn-crops';

export interface TrainOptions {
  /** Folder that gets model.json, weights.safetensors, log.jsonl, snapshots/ and checkpoints/. */
  run: string;
  architecture: Architecture;
  training: TrainingSettings;
  /** Starting weights, order of crops, prior samples and the choice of held-out crops come from here. */
  seed: number;
  /** Name of the preset the sizes come from, for the record. */
  preset?: PresetName | 'custom';
  /** What was done to the crops of `source`, for model.json; encoding does the same to others. */
  preprocessing?: Readonly<Record<string, unknown>>;
  /** Ends training after so many steps in all, whatever the epochs say. */
  maxSteps?: number;
  /** Goes on from the newest checkpoint in `run`, if there is one. */
  resume?: boolean;
  /** What the crops are, for model.json. */
  data?: { source: string; synthetic: boolean };
  /** Epochs between checkpoints and snapshots; the last epoch always has them. Default: a twentieth of all epochs. */
  saveEveryEpochs?: number;
  /** Minutes between checkpoints within an epoch. Default 10. */
  checkpointMinutes?: number;
  progress?: Progress;
  signal?: AbortSignal;
}

export interface TrainingResult {
  /** The caller's to dispose. */
  model: Autoencoder;
  run: string;
  log: LogEntry[];
  step: number;
  /** Numbers of the crops that were held out. */
  validation: Int32Array;
}

/**
 * Trains an adversarial autoencoder on crops and writes it to `run`. Two runs of a seed on the same machine are equal; a resumed run
 * equals an unbroken one.
 *
 * Cost: `demo` about 300 crops/s, `paper` about 5 crops/s on two CPU cores.
 *
 * @param source crops of the architecture's image size; at least 2
 * @throws InterruptedError when `signal` is aborted: a checkpoint has been written, `resume` goes on from it
 * @throws ShapeError, OptionError, DataError, ModelError
 * @example
 * const { architecture, training } = presets.demo;
 * const { model } = await trainAutoencoder(cropsInMemory(images, 64), { run: 'run1', architecture, training, seed: 7 });
 */
export async function trainAutoencoder(source: CropSource, options: TrainOptions): Promise<TrainingResult> {
  const { run, architecture, training, seed, progress = defaultProgress } = options;
  const signal = signalOrDefault(options.signal);
  checkOptions(source, options);
  const backend = await loadBackend();
  const precision = choosePrecision(training.precision);
  const random = seededRandom(seed);
  const validation = heldOutCrops(source.count, training.validationShare, seed);
  const trainingCrops = selectCrops(source, trainedCrops(source.count, validation));
  const batchSize = Math.min(training.batchSize, trainingCrops.count);
  const batchesPerEpoch = countBatches(trainingCrops.count, batchSize);
  const totalSteps = Math.min(
    training.epochs * batchesPerEpoch,
    options.maxSteps ?? Number.POSITIVE_INFINITY,
  );

  mkdirSync(run, { recursive: true });
  const model = buildAutoencoder(architecture, random.fork('weights'));
  model.precision = precision;
  const { epochs, ...fixed } = training;
  // a resumed run may go on for longer, unless its step size depends on the end
  const end = training.schedule === 'cosine' ? { epochs } : {};
  const settings = JSON.stringify({
    ...architecture,
    ...fixed,
    precision,
    ...end,
    seed,
    crops: source.count,
  });
  let position: TrainingPosition = { step: 0, epoch: 0, batch: 0 };
  try {
    if (options.resume)
      position = restoreCheckpoint(run, model, settings, (line) => progress.log(line)) ?? position;
    if (position.step === 0) writeModelDescription(run, describe(options, source.count, backend, precision));
    const log = openTrainingLog(run, position.step);
    const shown = await shownCrops(trainingCrops, validation, source);
    if (position.step > 0) progress.log(`going on after step ${position.step} of ${totalSteps}`);
    progress.start('train', totalSteps, 'steps');

    let savedAt = Date.now();
    const checkpoint = async () => {
      await saveCheckpoint(run, model, position, settings);
      savedAt = Date.now();
    };
    const checkpointMilliseconds = (options.checkpointMinutes ?? 10) * 60_000;
    const saveEvery = options.saveEveryEpochs ?? Math.ceil(training.epochs / 20);
    const adam = {
      beta1: training.beta1,
      beta2: training.beta2,
      epsilon: 1e-8,
    };

    while (position.epoch < training.epochs && position.step < totalSteps) {
      const { epoch } = position;
      const order = random.fork(`order/${epoch}`).permutation(trainingCrops.count);
      const batchIndices = (batch: number) => order.subarray(batch * batchSize, (batch + 1) * batchSize);
      let next = trainingCrops.read(batchIndices(position.batch)); // decoded ahead, while the step before computes
      while (position.batch < batchesPerEpoch && position.step < totalSteps) {
        const startedAt = performance.now();
        const images = await next;
        if (position.batch + 1 < batchesPerEpoch) next = trainingCrops.read(batchIndices(position.batch + 1));
        const count = images.length / architecture.imageSize ** 2;
        const step = position.step + 1;
        if (training.augment === 'turns')
          turnCrops(images, architecture.imageSize, random.fork(`turns/${step}`));
        const noise = priorNoise(random.fork(`prior/${step}`), count * architecture.latentDims);
        const learningRate =
          training.learningRate * scheduled(training, (step - 1) / (training.epochs * batchesPerEpoch));
        const losses = trainStep(model, images, noise, {
          adam: { ...adam, learningRate },
          adversaryWeight: training.adversaryWeight,
          step,
        });
        if (!Number.isFinite(losses.reconstructionLoss + losses.adversaryLoss)) {
          throw new ModelError(
            `training diverged at step ${step} (loss ${losses.reconstructionLoss}); lower --learning-rate and start anew, or go on from the last checkpoint in ${run}`,
          );
        }
        const imagesPerSecond = count / ((performance.now() - startedAt) / 1000);
        position = { step, epoch, batch: position.batch + 1 };
        log.append({
          kind: 'step',
          step,
          epoch: epoch + 1,
          crops: count,
          ...rounded(losses),
          imagesPerSecond: round(imagesPerSecond, 1),
        });
        progress.update(
          step,
          `epoch ${epoch + 1}/${training.epochs} · loss ${losses.reconstructionLoss.toFixed(4)} · ${imagesPerSecond.toFixed(0)} crops/s`,
        );
        await setImmediate(); // lets Ctrl-C and the notebook's interrupt in
        if (signal?.aborted) {
          await checkpoint();
          throw new InterruptedError(
            `train: stopped after step ${step} of ${totalSteps}; a checkpoint is in ${run}, add --resume to go on`,
          );
        }
        if (Date.now() - savedAt > checkpointMilliseconds) await checkpoint();
      }
      const mean = epochMean(log.entries, epoch + 1);
      const measured = await measure(model, selectCrops(source, validation));
      log.append({
        kind: 'epoch',
        step: position.step,
        epoch: epoch + 1,
        ...rounded(mean),
        imagesPerSecond: round(mean.imagesPerSecond, 1),
        ...measured,
      });
      const lastEpoch = epoch + 1 === training.epochs || position.step === totalSteps;
      const saves = lastEpoch || (epoch + 1) % saveEvery === 0;
      if (position.batch >= batchesPerEpoch) position = { step: position.step, epoch: epoch + 1, batch: 0 };
      if (!saves) continue;
      await saveWeights(run, model, position.step);
      await checkpoint();
      writeFileAtomic(
        join(run, 'snapshots', `epoch-${String(epoch + 1).padStart(4, '0')}.png`),
        await snapshotPng(model, shown, `after epoch ${epoch + 1}, step ${position.step}`),
      );
    }
    const last = log.entries.filter((entry) => entry.kind === 'epoch').at(-1);
    progress.finish(last ? `loss ${last.reconstructionLoss.toFixed(4)}` : '');
    model.precision = 'float32'; // as a loaded model describes
    return { model, run, log: log.entries, step: position.step, validation };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function checkOptions(source: CropSource, options: TrainOptions): void {
  const { architecture, training, run, resume, maxSteps } = options;
  if (source.count < 2) {
    throw new DataError(
      `train needs at least 2 crops (batch normalisation compares them), got ${source.count}`,
    );
  }
  if (source.size !== architecture.imageSize) {
    throw new ShapeError(
      `train needs crops of ${architecture.imageSize}×${architecture.imageSize} pixels, got ${source.size}×${source.size}; load them at that size`,
    );
  }
  const positive: [string, number | undefined][] = [
    ['--epochs', training.epochs],
    ['--max-steps', maxSteps],
    ['--learning-rate', training.learningRate],
  ];
  for (const [name, value] of positive) {
    if (value !== undefined && !(value > 0))
      throw new OptionError(`train: ${name} must be greater than 0, got ${value}`);
  }
  if (training.batchSize < 2) {
    throw new OptionError(
      `train: --batch must be at least 2 (batch normalisation compares crops), got ${training.batchSize}`,
    );
  }
  if (!resume && (existsSync(join(run, 'model.json')) || listCheckpoints(run).length > 0)) {
    throw new ModelError(
      `train: ${run} holds a trained model already; add --resume to go on with it, or choose another --out`,
    );
  }
}

/**
 * Which of `count` crops a training run with this seed holds out (none below ten crops).
 *
 * @returns their numbers, ascending
 */
export function heldOutCrops(count: number, share: number, seed: number): Int32Array {
  const held = count < 10 ? 0 : Math.max(share > 0 ? 1 : 0, Math.floor(count * share));
  return seededRandom(seed).fork('held-out crops').permutation(count).slice(0, held).sort();
}

/** The other ones. */
function trainedCrops(count: number, heldOut: Int32Array): Int32Array {
  const held = new Set(heldOut);
  return Int32Array.from({ length: count }, (_, i) => i).filter((i) => !held.has(i));
}

/** Share of the learning rate at a point of training, 0 (start) … 1 (end). */
function scheduled({ schedule }: TrainingSettings, point: number): number {
  return schedule === 'cosine' ? 0.5 * (1 + Math.cos(Math.PI * point)) : 1;
}

/** Batches in an epoch. A last batch of one crop is left out: batch normalisation cannot take it. */
function countBatches(count: number, batchSize: number): number {
  return Math.floor(count / batchSize) + (count % batchSize >= 2 ? 1 : 0);
}

function priorNoise(random: Random, count: number): Float32Array {
  const noise = new Float32Array(count);
  for (let i = 0; i < count; i++) noise[i] = random.normal();
  return noise;
}

/** Crops for the snapshots: held-out ones where there are any. */
function shownCrops(
  trainingCrops: CropSource,
  validation: Int32Array,
  source: CropSource,
): Promise<Float32Array> {
  return validation.length > 0
    ? source.read(validation.slice(0, 8))
    : trainingCrops.read(Int32Array.from({ length: Math.min(8, trainingCrops.count) }, (_, i) => i));
}

/** Reconstruction of held-out crops, in evaluation mode. */
async function measure(model: Autoencoder, crops: CropSource) {
  if (crops.count === 0) return { validationLoss: null, validationMseMean: null, validationMseSd: null };
  const pixels = crops.size ** 2;
  let crossEntropy = 0;
  const errors: number[] = [];
  for (let start = 0; start < crops.count; start += 64) {
    const indices = Int32Array.from({ length: Math.min(64, crops.count - start) }, (_, i) => start + i);
    const images = await crops.read(indices);
    const reconstructions = model.reconstruct(images);
    for (let i = 0; i < indices.length; i++) {
      let squares = 0;
      for (let at = i * pixels; at < (i + 1) * pixels; at++) {
        const target = images[at];
        const value = reconstructions[at];
        squares += (target - value) ** 2;
        crossEntropy -= target * Math.log(value + 1e-12) + (1 - target) * Math.log(1 - value + 1e-12);
      }
      errors.push(squares / pixels);
    }
  }
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const variance =
    errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / Math.max(1, errors.length - 1);
  return {
    validationLoss: round(crossEntropy / (crops.count * pixels), 6),
    validationMseMean: round(mean, 6),
    validationMseSd: round(Math.sqrt(variance), 6),
  };
}

/** Means over the steps that the log has of an epoch, weighted by their crops; a resumed epoch counts as a whole. */
function epochMean(log: readonly LogEntry[], epoch: number): StepLosses & { imagesPerSecond: number } {
  const mean = { reconstructionLoss: 0, adversaryLoss: 0, generatorLoss: 0 };
  let crops = 0;
  let seconds = 0;
  for (const entry of log) {
    if (entry.kind !== 'step' || entry.epoch !== epoch) continue;
    mean.reconstructionLoss += entry.reconstructionLoss * entry.crops;
    mean.adversaryLoss += entry.adversaryLoss * entry.crops;
    mean.generatorLoss += entry.generatorLoss * entry.crops;
    crops += entry.crops;
    seconds += entry.crops / entry.imagesPerSecond;
  }
  return {
    reconstructionLoss: mean.reconstructionLoss / crops,
    adversaryLoss: mean.adversaryLoss / crops,
    generatorLoss: mean.generatorLoss / crops,
    imagesPerSecond: crops / seconds,
  };
}

function describe(options: TrainOptions, crops: number, backend: Backend, precision: Precision) {
  return {
    format: 'live-cell-histology/autoencoder' as const,
    formatVersion: 1 as const,
    preset: options.preset ?? 'custom',
    architecture: options.architecture,
    training: { ...options.training, precision, seed: options.seed },
    preprocessing: options.preprocessing ?? {},
    data: { source: options.data?.source ?? 'memory', crops, synthetic: options.data?.synthetic ?? false },
    versions: { package: packageVersion(), node: process.versions.node, tensorflow: backend.tensorflow },
  };
}

function rounded(losses: StepLosses): StepLosses {
  return {
    reconstructionLoss: round(losses.reconstructionLoss, 6),
    adversaryLoss: round(losses.adversaryLoss, 6),
    generatorLoss: round(losses.generatorLoss, 6),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
