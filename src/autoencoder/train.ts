/** Training an adversarial autoencoder, from crops to a folder with a model that other commands load. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  type Backend,
  choosePrecision,
  loadBackend,
  openSummaryWriter,
  type Precision,
  type SummaryWriter,
  tf,
} from '../compute';
import {
  DataError,
  InterruptedError,
  ModelError,
  OptionError,
  ShapeError,
  signalOrDefault,
} from '../util/errors';
import { packageVersion, writeFailure, writeFileAtomic } from '../util/files';
import { defaultProgress, type Progress } from '../util/progress';
import { normals, type Random, seededRandom } from '../util/random';
import type { Architecture, PresetName, TrainingSettings } from './architecture';
import { type Autoencoder, buildAutoencoder } from './autoencoder';
import {
  checkFinite,
  diverged,
  listCheckpoints,
  restoreCheckpoint,
  saveCheckpoint,
  type TrainedParts,
  type TrainingPosition,
} from './checkpoint';
import { type CropSource, selectCrops } from './crop-source';
import { buildDayAdversary } from './day-adversary';
import { heldOutCrops, trainedCrops } from './held-out';
import { learningRateAt } from './learning-rate';
import { measureReconstruction } from './measure-reconstruction';
import { loadModel, modelTensors, saveWeights, writeModelDescription } from './model-files';
import { type PrincipalEncoder, principalEncoder, principalWeightAt } from './principal-start';
import { snapshotCrops, snapshotPng } from './snapshot';
import { roundedLosses } from './step-losses';
import { availableBytes, checkStepMemory, explainAllocationFailure } from './step-memory';
import { type PendingLosses, type StepExtras, startStep } from './train-step';
import { trainingFigure } from './training-figure';
import { epochMean, type LogEntry, openTrainingLog } from './training-log';
import { checkTrainingSettings } from './training-settings';
import { turnCrops } from './turn-crops';
import { WeightAverage } from './weight-average';

export { heldOutCrops };

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
  /** Numbers of the crops to hold out, ascending. Default: `training.validationShare` of all, chosen by the seed. */
  heldOut?: Int32Array;
  /** Number of each crop's day of imaging, from 0; `training.forgetDay` needs it. */
  days?: Int32Array;
  /** Epochs between checkpoints; the last epoch always has one. Default: a twentieth of all epochs. */
  saveEveryEpochs?: number;
  /** Minutes between checkpoints within an epoch. Default 10. */
  checkpointMinutes?: number;
  /** Epochs between snapshots; the last epoch always has one. Default 1, more above 150 epochs. */
  snapshotEveryEpochs?: number;
  /** Cells decoded from the prior in a snapshot. Default 16, which makes the grid 8 × 8. */
  priorSamples?: number;
  /** Steps between lines of the log. More lets a GPU compute without waiting for the host. Default 1, on a GPU 20. */
  logEverySteps?: number;
  /** Writes log and snapshots to `run`/tensorboard too, as TensorBoard's event files. */
  tensorboard?: boolean;
  /** Called after each epoch, for live pictures. */
  onEpoch?: (report: EpochReport) => void | Promise<void>;
  progress?: Progress;
  signal?: AbortSignal;
}

/** What is known after an epoch. */
export interface EpochReport {
  /** All lines of the log so far. */
  log: readonly LogEntry[];
  epoch: number;
  epochs: number;
  /** The snapshot as PNG, in epochs that have one. */
  snapshot: Uint8Array | null;
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
  const validation = options.heldOut ?? heldOutCrops(source.count, training.validationShare, seed);
  const trained = trainedCrops(source.count, validation);
  checkHeldOut(options, validation, trained);
  const trainingCrops = selectCrops(source, trained);
  const batchSize = Math.min(training.batchSize, trainingCrops.count);
  const batchesPerEpoch = countBatches(trainingCrops.count, batchSize);
  const totalSteps = Math.min(
    training.epochs * batchesPerEpoch,
    options.maxSteps ?? Number.POSITIVE_INFINITY,
  );
  const onGpu = backend.devices.includes('GPU');
  if (!onGpu) checkStepMemory(architecture, batchSize, precision, availableBytes());

  try {
    mkdirSync(run, { recursive: true });
  } catch (error) {
    throw writeFailure(run, error);
  }
  const model = buildAutoencoder(architecture, random.fork('weights'));
  model.precision = precision;
  const day = dayAdversary(options, trained, random.fork('day adversary'));
  const average = training.averageDecay ? new WeightAverage(model, training.averageDecay) : null;
  const parts: TrainedParts = { networks: day ? [...model.networks, day.network] : model.networks, average };
  /** Uses the model that is saved: the averaged one where there is one. */
  const inUse = <T>(use: () => Promise<T>) => (average ? average.during(use) : use());
  const settings = settingsOf(options, precision, source.count);
  const note = options.data?.synthetic ? 'Synthetic cells' : undefined;
  let position: TrainingPosition = { step: 0, epoch: 0, batch: 0 };
  let summary: SummaryWriter | null = null;
  let pending: PendingLosses | null = null;
  let principal: PrincipalEncoder | null = null;
  try {
    if (options.resume)
      position = restoreCheckpoint(run, parts, settings, (line) => progress.log(line)) ?? position;
    if (position.step === 0) writeModelDescription(run, describe(options, source.count, backend, precision));
    const log = openTrainingLog(run, position.step, position.batch > 0 && position.step < totalSteps);
    if (options.tensorboard) summary = openSummaryWriter(join(run, 'tensorboard'));
    const shown = await shownCrops(trainingCrops, validation, source);
    if (position.step > 0) progress.log(`going on after step ${position.step} of ${totalSteps}`);
    progress.start('train', totalSteps, 'steps');

    let savedAt = Date.now();
    const checkpoint = async () => {
      await saveCheckpoint(run, parts, position, settings);
      savedAt = Date.now();
    };
    const checkpointMilliseconds = (options.checkpointMinutes ?? 10) * 60_000;
    const checkpointIsDue = () => Date.now() - savedAt >= checkpointMilliseconds;
    const stop = async () => {
      await checkpoint();
      throw new InterruptedError(
        `train: stopped after step ${position.step} of ${totalSteps}; a checkpoint is in ${run}, add --resume to go on`,
      );
    };
    const saveEvery = options.saveEveryEpochs ?? Math.ceil(training.epochs / 20);
    const snapshotEvery = options.snapshotEveryEpochs ?? Math.ceil(training.epochs / 150);
    const logEvery = options.logEverySteps ?? (onGpu ? 20 : 1);
    const outOfPatience = () =>
      Boolean(
        training.patience && position.best && position.epoch - position.best.epoch >= training.patience,
      );

    while (position.epoch < training.epochs && position.step < totalSteps && !outOfPatience()) {
      const { epoch } = position;
      const order = random.fork(`order/${epoch}`).permutation(trainingCrops.count);
      const readBatch = (batch: number) => {
        const indices = order.subarray(batch * batchSize, (batch + 1) * batchSize);
        const images = trainingCrops.read(indices, epoch);
        images.catch(() => {}); // thrown where it is awaited
        return { images, indices };
      };
      let next = readBatch(position.batch); // decoded ahead, while the step before computes
      let logged = { at: performance.now(), crops: 0 };
      while (position.batch < batchesPerEpoch && position.step < totalSteps) {
        const { indices } = next;
        const images = await next.images;
        if (position.batch + 1 < batchesPerEpoch) next = readBatch(position.batch + 1);
        const step = position.step + 1;
        if (training.augment === 'turns')
          turnCrops(images, architecture.imageSize, random.fork(`turns/${step}`));
        const values = indices.length * architecture.latentDims;
        const learningRate = learningRateAt(training, step, batchesPerEpoch);
        const rateShare = learningRate / training.learningRate;
        const { squaredErrorWeight, l1Weight, ssimWeight } = training;
        const extras: StepExtras = { squaredErrorWeight, l1Weight, ssimWeight };
        if (training.codeNoise)
          extras.codeNoise = normals(random.fork(`code noise/${step}`), values, { sd: training.codeNoise });
        const weight = principalWeightAt(training, step, batchesPerEpoch);
        if (weight > 0) {
          principal ??= await principalEncoder(
            trainingCrops,
            architecture.latentDims,
            random.fork('principal'),
          );
          extras.principal = { ...principal, weight };
        }
        if (day) extras.day = { ...day, labels: indices.map((index) => day.labels[index]) };
        try {
          pending = startStep(model, images, normals(random.fork(`prior/${step}`), values), {
            adam: { beta1: training.beta1, beta2: training.beta2, epsilon: 1e-8, learningRate },
            adversaryLearningRate: (training.adversaryLearningRate ?? training.learningRate) * rateShare,
            adversaryWeight: training.adversaryWeight,
            clipNorm: training.clipNorm,
            extras,
            step,
          });
          average?.update(step);
        } catch (error) {
          throw explainAllocationFailure(error, architecture, batchSize, precision);
        }
        position = { ...position, step, batch: position.batch + 1 };
        logged.crops += indices.length;
        if (step % logEvery === 0 || position.batch >= batchesPerEpoch || step === totalSteps) {
          const losses = pending.read();
          pending = null;
          const broken = Object.entries(losses).find(([, loss]) => !Number.isFinite(loss));
          if (broken) throw diverged(step, `${broken[0]} ${broken[1]}`, run);
          const imagesPerSecond = logged.crops / ((performance.now() - logged.at) / 1000);
          log.append({
            kind: 'step',
            step,
            epoch: epoch + 1,
            crops: logged.crops,
            ...roundedLosses(losses),
            learningRate: Number(learningRate.toPrecision(6)),
            imagesPerSecond: round(imagesPerSecond, 1),
          });
          writeSummary(summary, { ...losses, learningRate, imagesPerSecond }, step, 'step');
          progress.update(
            step,
            `epoch ${epoch + 1}/${training.epochs} · loss ${losses.reconstructionLoss.toFixed(4)} · ${imagesPerSecond.toFixed(0)} crops/s`,
          );
          await progress.figure?.(() => trainingFigure(log.entries, { note }));
          logged = { at: performance.now(), crops: 0 };
        }
        pending?.dispose();
        pending = null;
        await setImmediate(); // lets Ctrl-C and the notebook's interrupt in
        // what ends an epoch belongs to its last step: no checkpoint between them
        if (position.batch >= batchesPerEpoch || step >= totalSteps) break;
        if (signal?.aborted) await stop();
        if (checkpointIsDue()) await checkpoint();
      }

      const mean = epochMean(log.entries, epoch + 1);
      const measured = await inUse(() => measureReconstruction(model, selectCrops(source, validation)));
      log.append({
        kind: 'epoch',
        step: position.step,
        epoch: epoch + 1,
        ...roundedLosses(mean.losses),
        imagesPerSecond: round(mean.imagesPerSecond, 1),
        ...measured,
      });
      writeSummary(summary, { ...mean.losses, ...measured }, position.step, 'epoch');
      if (position.batch >= batchesPerEpoch) position = { ...position, epoch: epoch + 1, batch: 0 };
      const loss = measured.validationLoss ?? Number.NaN;
      const better = training.patience && !(loss >= (position.best?.loss ?? Number.POSITIVE_INFINITY));
      if (better) position.best = { epoch: epoch + 1, loss };
      const lastEpoch = epoch + 1 === training.epochs || position.step === totalSteps || outOfPatience();
      const saves = lastEpoch || (epoch + 1) % saveEvery === 0;
      const snaps = lastEpoch || (epoch + 1) % snapshotEvery === 0;
      const snapshot = await inUse(async () => {
        if (training.patience ? better : saves) {
          checkFinite(modelTensors(model), position.step, run);
          await saveWeights(run, model, position.step); // with early stopping, the best ones stay
        }
        const title = `after epoch ${epoch + 1}, step ${position.step}`;
        return snaps ? snapshotPng(model, shown, { title, note, priorSamples: options.priorSamples }) : null;
      });
      const picture = join(run, 'snapshots', `epoch-${String(epoch + 1).padStart(4, '0')}.png`);
      if (snapshot) {
        writeFileAtomic(picture, snapshot);
        summary?.image('snapshot', snapshot, position.step);
      }
      summary?.flush();
      // last: what a kill before it left out will be done again
      if (saves || better || checkpointIsDue()) await checkpoint();
      await options.onEpoch?.({ log: log.entries, epoch: epoch + 1, epochs: training.epochs, snapshot });
      if (signal?.aborted && !lastEpoch) await stop();
    }

    const last = log.entries.filter((entry) => entry.kind === 'epoch').at(-1);
    await progress.figure?.(() => trainingFigure(log.entries, { note, speed: false }), true);
    progress.finish(last ? `loss ${last.reconstructionLoss.toFixed(4)}` : '');
    if (outOfPatience())
      progress.log(
        `held-out crops have not come back better for ${training.patience} epochs: the weights are those of epoch ${position.best?.epoch}`,
      );
    const { step } = position;
    if (average || training.patience) {
      const saved = loadModel(run).model; // the averaged one, or the best one
      model.dispose();
      return { model: saved, run, log: log.entries, step, validation };
    }
    model.precision = 'float32'; // as a loaded model describes
    return { model, run, log: log.entries, step, validation };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    pending?.dispose();
    day?.network.dispose();
    average?.dispose();
    if (principal) tf.dispose([principal.mean, principal.axes]);
    summary?.dispose();
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
  checkTrainingSettings(training);
  if (maxSteps !== undefined && !(maxSteps > 0)) {
    throw new OptionError(`train: --max-steps must be greater than 0, got ${maxSteps}`);
  }
  if (!resume && (existsSync(join(run, 'model.json')) || listCheckpoints(run).length > 0)) {
    throw new ModelError(
      `train: ${run} holds a trained model already; add --resume to go on with it, or choose another --out`,
    );
  }
}

function checkHeldOut({ training }: TrainOptions, validation: Int32Array, trained: Int32Array): void {
  if (trained.length < 2) {
    throw new OptionError(
      `train: holding out ${validation.length} crops leaves ${trained.length} to train on; lower --validation-share`,
    );
  }
  if (training.patience && validation.length === 0) {
    throw new OptionError(
      'train: --patience needs held-out crops to measure; set --validation-share above 0 (and at least 10 crops)',
    );
  }
}

/** The adversary that must not tell the day, and the day of each training crop. */
function dayAdversary({ training, days, architecture }: TrainOptions, trained: Int32Array, random: Random) {
  if (!training.forgetDay) return null;
  if (!days) throw new OptionError('train: --forget-day needs the day of every crop; the data name none');
  const present = [...new Set(trained.map((index) => days[index]))].sort((a, b) => a - b);
  const labels = trained.map((index) => present.indexOf(days[index]));
  const shares = new Float32Array(present.length);
  for (const label of labels) shares[label] += 1 / labels.length;
  const network = buildDayAdversary(architecture.latentDims, present.length, random);
  return { network, labels, shares, weight: training.forgetDay };
}

/** Everything that decides the weights, as text: a resumed run must have the same. */
function settingsOf(options: TrainOptions, precision: Precision, crops: number): string {
  const { architecture, training, preprocessing, seed, heldOut, days } = options;
  // a resumed run may go on for longer, unless its step size depends on the end
  const { epochs, patience, ...fixed } = training;
  const end = training.schedule === 'cosine' ? { epochs } : {};
  const sum = (numbers: Int32Array) => createHash('sha256').update(numbers).digest('hex').slice(0, 16);
  return JSON.stringify({
    ...architecture,
    ...fixed,
    precision,
    ...end,
    seed,
    crops,
    ...(preprocessing && Object.values(preprocessing).some(Boolean) ? { preprocessing } : {}),
    ...(heldOut ? { heldOut: sum(heldOut) } : {}),
    ...(training.forgetDay && days ? { days: sum(days) } : {}),
  });
}

/** Batches in an epoch. A last batch of one crop is left out: batch normalisation cannot take it. */
function countBatches(count: number, batchSize: number): number {
  return Math.floor(count / batchSize) + (count % batchSize >= 2 ? 1 : 0);
}

/** Crops for the snapshots: held-out ones where there are any. */
function shownCrops(
  trainingCrops: CropSource,
  validation: Int32Array,
  source: CropSource,
): Promise<Float32Array> {
  return validation.length > 0
    ? source.read(validation.slice(0, snapshotCrops))
    : trainingCrops.read(
        Int32Array.from({ length: Math.min(snapshotCrops, trainingCrops.count) }, (_, i) => i),
      );
}

function writeSummary(
  summary: SummaryWriter | null,
  values: Readonly<Record<string, number | null>>,
  step: number,
  group: string,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== null) summary?.scalar(`${group}/${name}`, value, step);
  }
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

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
