/**
 * The main job, from crops to a page of pictures: train the small autoencoder, encode every cell, map the descriptors, tell highly from
 * poorly metastatic tumors that the classifier never saw, and exaggerate in cells what it sees.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Architecture, presets, type TrainingSettings } from '../autoencoder/architecture';
import type { Autoencoder } from '../autoencoder/autoencoder';
import { cropsInMemory } from '../autoencoder/crop-source';
import { loadModel } from '../autoencoder/model-files';
import { heldOutCrops, trainAutoencoder } from '../autoencoder/train';
import { type LogEntry, readTrainingLog } from '../autoencoder/training-log';
import { type ByGroupResult, classifyByGroup } from '../classify/leave-one-group-out';
import type { Crops } from '../data/load-crops';
import { type Amplification, amplifyCells } from '../interpret/amplify-cells';
import { encodeCells } from '../latent/encode-cells';
import { embedUmap } from '../latent/umap';
import { fitPca } from '../stats/pca';
import { writeFileAtomic } from '../util/files';
import { type Progress, silentProgress } from '../util/progress';
import { seededRandom } from '../util/random';

export interface FirstLookOptions {
  /** Folder for the model (its subfolder `model`). */
  out: string;
  /** `quick`: some minutes on two cores; `full`: longer training. */
  preset: 'quick' | 'full';
  seed: number;
  /** What the crops are, for the record. */
  source: string;
  synthetic: boolean;
  progress?: Progress;
  signal?: AbortSignal;
}

/** Everything that the page shows, as numbers. */
export interface FirstLook {
  model: Autoencoder;
  architecture: Architecture;
  training: TrainingSettings;
  log: LogEntry[];
  /** Seconds of training in this call; 0 when the model was there already. */
  trainingSeconds: number;
  /** Numbers of the crops held out of training. */
  validation: Int32Array;
  /** [n, d]. */
  latents: Float32Array;
  /** [n, 2]; null below five cells. */
  umap: Float64Array | null;
  /** [n, 2]. */
  pca: Float64Array;
  pcaShares: Float64Array;
  /** Leave-one-tumor-out; null when the crops hold too few tumors of known efficiency. */
  efficiency: { result: ByGroupResult; rows: number[]; truth: boolean[] } | null;
  /** Cells that were amplified along the classifier's pattern, by number. */
  amplified: { cells: number[]; result: Amplification } | null;
}

/** Crops that training shows to the network in all: what two cores manage in one to two minutes. */
const cropsShown = { quick: 32_000, full: 200_000 };
/** Below so many crops the network sees each in all its orientations, and smaller batches. */
const fewCrops = 1000;
/** The crops shown as amplified. */
const amplifiedCells = 6;
const shifts = [-3, -2, -1, 0, 1, 2, 3];

/**
 * Runs the whole chain on crops of 64×64 pixels. A finished model of the same crops and settings in `out` is used again, an
 * unfinished one is resumed. The model is the caller's to dispose.
 *
 * @param crops with the columns cell_type, category, metastatic_efficiency and tumor where known
 */
export async function firstLook(crops: Crops, options: FirstLookOptions): Promise<FirstLook> {
  const { progress = silentProgress, signal } = options;
  const trained = await trainOrReuse(crops, options);
  const { model } = trained;
  const d = model.architecture.latentDims;
  const n = crops.table.numRows();
  const latents = await encodeCells(model, crops.images, { progress, signal });
  const pca = fitPca(latents, n, d, { components: 2 });
  const umap =
    n < 5
      ? null
      : await embedUmap(latents, n, d, {
          neighbors: Math.min(15, n - 1),
          seed: options.seed,
          progress,
          signal,
        });
  const efficiency = await tellEfficiency(crops, latents, d, options);
  const amplified = efficiency && (await amplifySome(model, latents, efficiency, options));
  return {
    ...trained,
    latents,
    umap,
    pca: pca.transform(latents, n),
    pcaShares: pca.explainedVarianceRatio,
    efficiency,
    amplified,
  };
}

/** Settings for so many crops. */
export function firstLookSettings(
  crops: number,
  preset: 'quick' | 'full',
): { architecture: Architecture; training: TrainingSettings } {
  const { architecture, training } = presets.demo;
  const few = crops < fewCrops;
  const trainingCrops = Math.max(2, Math.round(crops * (1 - training.validationShare)));
  return {
    architecture,
    training: {
      ...training,
      batchSize: few ? 32 : training.batchSize,
      augment: few ? 'turns' : 'none',
      // a few crops fill the prior badly: a strong adversary would only blur them
      adversaryWeight: few ? 0.03 : training.adversaryWeight,
      epochs: Math.min(500, Math.max(4, Math.ceil(cropsShown[preset] / trainingCrops))),
    },
  };
}

async function trainOrReuse(crops: Crops, options: FirstLookOptions) {
  const { progress = silentProgress, signal, seed, preset } = options;
  const run = join(options.out, 'model');
  const { architecture, training } = firstLookSettings(crops.table.numRows(), preset);
  const source = cropsInMemory(crops.images, crops.size);
  const validation = heldOutCrops(source.count, training.validationShare, seed);
  const key = keyOf(crops, { architecture, training, seed });
  const keyFile = join(run, 'first-look.key');
  const known = existsSync(keyFile) ? readFileSync(keyFile, 'utf8') : null;
  if (known === `${key} done`) {
    progress.log('the model is there already: same crops, settings and seed');
    const { model } = loadModel(run);
    return { model, architecture, training, log: readTrainingLog(run), trainingSeconds: 0, validation };
  }
  const resume = known === key;
  if (!resume) rmSync(run, { recursive: true, force: true });
  writeFileAtomic(keyFile, key);
  const startedAt = Date.now();
  const { model, log } = await trainAutoencoder(source, {
    run,
    architecture,
    training,
    seed,
    preset: 'demo',
    resume,
    data: { source: options.source, synthetic: options.synthetic },
    progress,
    signal,
  });
  writeFileAtomic(keyFile, `${key} done`);
  return { model, architecture, training, log, trainingSeconds: (Date.now() - startedAt) / 1000, validation };
}

/** Sum of everything that the model depends on. */
function keyOf(crops: Crops, settings: object): string {
  const { buffer, byteOffset, byteLength } = crops.images;
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .update(JSON.stringify(settings))
    .digest('hex');
}

/** High against low metastatic efficiency in PDX tumors, each tumor left out. */
async function tellEfficiency(crops: Crops, latents: Float32Array, d: number, options: FirstLookOptions) {
  const { table } = crops;
  const names = table.columnNames();
  if (!['category', 'metastatic_efficiency', 'tumor'].every((name) => names.includes(name))) return null;
  const category = table.array('category') as ArrayLike<string>;
  const known = table.array('metastatic_efficiency') as ArrayLike<string>;
  const tumor = table.array('tumor') as ArrayLike<string>;
  const rows: number[] = [];
  for (let i = 0; i < table.numRows(); i++) {
    if (category[i] === 'PDX' && (known[i] === 'high' || known[i] === 'low')) rows.push(i);
  }
  const tumorsOf = (value: string) =>
    new Set(rows.filter((i) => known[i] === value).map((i) => tumor[i])).size;
  if (tumorsOf('high') < 2 || tumorsOf('low') < 2) return null; // leaving one out must leave one of its kind
  const selected = new Float64Array(rows.length * d);
  rows.forEach((row, i) => {
    selected.set(latents.subarray(row * d, (row + 1) * d), i * d);
  });
  const truth = rows.map((i) => known[i] === 'high');
  const few = rows.length < 10 * d;
  const result = await classifyByGroup({
    latents: selected,
    n: rows.length,
    d,
    labels: truth,
    groups: rows.map((i) => tumor[i]),
    classes: ['low', 'high'],
    // with few cells per feature an unshrunk covariance is mostly noise
    ...(few ? { solver: 'lsqr' as const, shrinkage: 'auto' as const } : {}),
    progress: options.progress,
    signal: options.signal,
  });
  return { result, rows, truth };
}

async function amplifySome(
  model: Autoencoder,
  latents: Float32Array,
  efficiency: NonNullable<FirstLook['efficiency']>,
  { progress, signal, seed }: FirstLookOptions,
) {
  const d = model.architecture.latentDims;
  // cells near the middle of the score: there is room to both sides
  const { scores } = efficiency.result;
  const order = Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b]);
  const middle = order.slice(Math.floor(order.length / 4), Math.ceil((3 * order.length) / 4));
  const cells = seededRandom(seed)
    .fork('amplified cells')
    .shuffle(middle)
    .slice(0, amplifiedCells)
    .map((i) => efficiency.rows[i]);
  const codes = new Float32Array(cells.length * d);
  cells.forEach((cell, i) => {
    codes.set(latents.subarray(cell * d, (cell + 1) * d), i * d);
  });
  const result = await amplifyCells(model, codes, efficiency.result.classifier, { shifts, progress, signal });
  return { cells, result };
}

/** Some crops, by number: [indices.length, s, s, 1]. */
export function takeCrops(crops: Crops, indices: readonly number[]): Float32Array {
  const pixels = crops.size ** 2;
  const images = new Float32Array(indices.length * pixels);
  indices.forEach((index, i) => {
    images.set(crops.images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
  });
  return images;
}
