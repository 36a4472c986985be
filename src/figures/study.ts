/**
 * A study as the notebooks go through it: crops with what is known of them, the autoencoder trained on them, their descriptors. Heavy
 * results are kept (see `src/util/stage-cache.ts`), so that every notebook starts from the same model and none trains twice.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Architecture, presets, type TrainingSettings } from '../autoencoder/architecture';
import { cropsInMemory } from '../autoencoder/crop-source';
import { type LoadedModel, loadModel } from '../autoencoder/model-files';
import { heldOutCrops, trainAutoencoder } from '../autoencoder/train';
import { type LogEntry, readTrainingLog } from '../autoencoder/training-log';
import { loadBackend } from '../compute';
import { resolveData } from '../data/fetch/resolve-data';
import { withCellTypes } from '../data/join-cell-types';
import { type Crops, loadCrops } from '../data/load-crops';
import { cacheFolder } from '../data/manifests/places';
import { type FixedPreprocessing, prepareCrops } from '../data/prepare-crops';
import { encodeCells } from '../latent/encode-cells';
import type { ColumnTable } from '../util/arquero';
import { DataError } from '../util/errors';
import { writeFileAtomic } from '../util/files';
import { defaultProgress, type Progress } from '../util/progress';
import { openStage, sumOf } from '../util/stage-cache';

export type StudyPreset = 'quick' | 'full';

export interface StudyOptions {
  /** A folder or list of crops, or the name of a data manifest. Default: the synthetic cells of the preset. */
  data?: string;
  /** `quick`: minutes on two cores. `full`: more synthetic cells and longer training. Default `quick`. */
  preset?: StudyPreset;
  /** Start of all randomness. Default 7. */
  seed?: number;
  /** Folder of the kept results. Default: `studies` in the cache folder. */
  cache?: string;
  progress?: Progress;
  signal?: AbortSignal;
}

/** Crops, and how they are to be described. */
export interface Study {
  crops: Crops;
  /** One row per crop: path, cell type, category, metastatic efficiency, tumor, date … as far as known. */
  cells: ColumnTable;
  n: number;
  /** Side of the crops in pixels. */
  size: number;
  /** Drawn by the simulator: the table holds the planted factors. */
  synthetic: boolean;
  /** For pictures: says that the cells are synthetic, where they are. */
  note: string;
  /** What the crops are. */
  source: string;
  seed: number;
  architecture: Architecture;
  training: TrainingSettings;
  /** What was done to the crops after loading. */
  preprocessing: FixedPreprocessing;
  /** Numbers of the crops that training never sees. */
  heldOut: Int32Array;
  /** Used where a call gives none. */
  options: Required<Pick<StudyOptions, 'cache' | 'progress'>> & Pick<StudyOptions, 'signal'>;
}

/** Side of the crops, in pixels. */
const imageSize = 64;
const defaultData: Record<StudyPreset, string> = { quick: 'synthetic-quick', full: 'synthetic-full' };
/** Crops that training shows to the network in all: minutes on two cores, and an hour. */
const cropsShown: Record<StudyPreset, number> = { quick: 80_000, full: 1_000_000 };
/** Below so many crops the network sees each in all its orientations, and smaller batches. */
const fewCrops = 1000;
/** Code that a trained model follows from, by folder. */
const trainingCode = ['autoencoder', 'compute', 'data'];

/**
 * Finds (or draws) the crops and loads them.
 *
 * @throws DataError, ManifestError when there are no crops behind `data`; InterruptedError
 * @example
 * const study = await openStudy({ preset: 'quick' });
 * study.cells; // 4,000 rows
 */
export async function openStudy(options: StudyOptions = {}): Promise<Study> {
  const { preset = 'quick', seed = 7, progress = defaultProgress, signal } = options;
  const data = options.data || defaultData[preset];
  await loadBackend();
  const loaded = await loadCrops(await resolveData(data, { progress, signal }), {
    size: imageSize,
    progress,
    signal,
  });
  const { preprocessing } = presets.demo;
  const crops = await prepareCrops(loaded, preprocessing, signal);
  const cells = await withCellTypes(crops.table);
  const columns = cells.columnNames();
  const synthetic = columns.includes('pseudopod_extension') && columns.includes('light_scattering');
  const n = cells.numRows();
  const { architecture, training } = studySettings(n, preset);
  return {
    crops: { ...crops, table: cells },
    cells,
    n,
    size: imageSize,
    synthetic,
    note: synthetic ? 'Synthetic cells' : '',
    source: data,
    seed,
    architecture,
    training,
    preprocessing,
    heldOut: heldOutCrops(n, training.validationShare, seed),
    options: { cache: options.cache ?? join(cacheFolder(), 'studies'), progress, signal },
  };
}

/** Sizes and settings of the network for so many crops. */
export function studySettings(
  crops: number,
  preset: StudyPreset,
): { architecture: Architecture; training: TrainingSettings } {
  const { architecture, training } = presets.demo;
  const few = crops < fewCrops;
  const trainingCrops = Math.max(2, Math.round(crops * (1 - training.validationShare)));
  return {
    architecture,
    training: {
      ...training,
      batchSize: few ? 32 : training.batchSize,
      augment: few ? 'turns' : training.augment,
      // a few crops fill the prior badly: a strong adversary would only blur them
      adversaryWeight: few ? 0.03 : training.adversaryWeight,
      epochs: Math.min(500, Math.max(4, Math.round(cropsShown[preset] / trainingCrops))),
    },
  };
}

export interface TrainedModel extends LoadedModel {
  log: LogEntry[];
  /** The folder of the model. */
  run: string;
}

/**
 * The study's autoencoder: trained now, gone on with after an interruption, or as an earlier call left it.
 *
 * @returns the model, the caller's to dispose
 */
export async function trainStudy(study: Study): Promise<TrainedModel> {
  const { crops, architecture, training, seed, options } = study;
  const stage = openStage(options.cache, 'model', [crops.images, architecture, training, seed], trainingCode);
  const run = join(stage.folder, 'run');
  if (!stage.done) {
    const { model } = await trainAutoencoder(cropsInMemory(crops.images, crops.size), {
      run,
      architecture,
      training,
      seed,
      preset: 'demo',
      preprocessing: { ...study.preprocessing },
      resume: existsSync(run),
      data: { source: study.source, synthetic: study.synthetic },
      progress: options.progress,
      signal: options.signal,
    });
    model.dispose();
    stage.finish();
  }
  return { ...loadModel(run), log: readTrainingLog(run), run };
}

/** Descriptors of cells. */
export interface Descriptors {
  /** [n, d] row by row. */
  latents: Float32Array;
  n: number;
  d: number;
}

/** The descriptors of the study's cells, or of further crops of the same size, under its model. */
export async function describeCells(study: Study, images = study.crops.images): Promise<Descriptors> {
  const { options, architecture } = study;
  const d = architecture.latentDims;
  const { model, run } = await trainStudy(study);
  try {
    const weights = readFileSync(join(run, 'weights.safetensors'));
    const stage = openStage(options.cache, 'descriptors', [images, weights], [...trainingCode, 'latent']);
    const file = join(stage.folder, 'z.f32');
    if (!stage.done) {
      const latents = await encodeCells(model, images, options);
      writeFileAtomic(file, new Uint8Array(latents.buffer, latents.byteOffset, latents.byteLength));
      stage.finish();
      return { latents, n: latents.length / d, d };
    }
    const bytes = readFileSync(file);
    const latents = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    );
    return { latents, n: latents.length / d, d };
  } finally {
    model.dispose();
  }
}

/**
 * Settings of the notebooks' classifier: LDA with a covariance shrunk by 0.1. With seven tumors an unshrunk one also learns what sets single tumors apart: on the
 * synthetic study the AUC for an unseen tumor is 0.81 with 0.05 to 0.3 (days taken off: 0.783, 0.782, 0.777 with 0.05, 0.1, 0.3).
 */
export const studyClassifier = { solver: 'lsqr', shrinkage: 0.1 } as const;

/** Cells whose tumor's metastatic efficiency is known, row for row. */
export interface TumorCells extends Descriptors {
  /** Numbers of the cells in the study. */
  rows: number[];
  isHigh: boolean[];
  tumor: string[];
  /** Day of imaging; `unknown` for all where the table has none. */
  date: string[];
  /** Name of the cell in time; every row is one of its own where the table has none. */
  track: string[];
}

/**
 * The PDX tumors' cells of known metastatic efficiency, with their descriptors.
 *
 * @throws DataError when there are fewer than two tumors of each kind: leaving one out must leave one of its kind
 */
export function tumorCells(study: Study, { latents, d }: Descriptors): TumorCells {
  const category = column(study, 'category');
  const efficiency = column(study, 'metastatic_efficiency');
  const tumors = column(study, 'tumor');
  const rows = Array.from({ length: study.n }, (_, i) => i).filter(
    (i) => category[i] === 'PDX' && (efficiency[i] === 'high' || efficiency[i] === 'low'),
  );
  for (const kind of ['high', 'low']) {
    const found = new Set(rows.filter((i) => efficiency[i] === kind).map((i) => tumors[i]));
    if (found.size < 2) {
      throw new DataError(
        `tumorCells needs at least two PDX tumors of ${kind} metastatic efficiency, got ${found.size} in ${study.source}; see data-manifests/cell-types.csv for what is known of each`,
      );
    }
  }
  const of = (name: string, unknown: (row: number) => string) => {
    const values = study.cells.columnNames().includes(name) ? column(study, name) : null;
    return rows.map((i) => values?.[i] ?? unknown(i));
  };
  return {
    rows,
    latents: takeRows(latents, d, rows),
    n: rows.length,
    d,
    isHigh: rows.map((i) => efficiency[i] === 'high'),
    tumor: rows.map((i) => tumors[i]),
    date: of('date', () => 'unknown'),
    track: of('track', String),
  };
}

/** A column of the study's table as text. @throws DataError when there is none of this name */
export function column(study: Study, name: string): string[] {
  if (!study.cells.columnNames().includes(name)) {
    throw new DataError(
      `${study.source} has no column ${name} (it has ${study.cells.columnNames().join(', ')}); join a table with joinMetadata`,
    );
  }
  return Array.from(study.cells.array(name) as ArrayLike<unknown>, String);
}

/** A column of numbers, such as a planted factor. */
export function numbers(study: Study, name: string): Float64Array {
  return Float64Array.from(column(study, name), Number);
}

/** Some crops of the study, by number: [indices.length, size, size, 1]. */
export function takeCrops(study: Study, indices: ArrayLike<number>): Float32Array {
  return takeRows(study.crops.images, study.size ** 2, indices);
}

/** Some rows of a matrix [n, d]. */
export function takeRows(matrix: Float32Array, d: number, rows: ArrayLike<number>): Float32Array {
  const taken = new Float32Array(rows.length * d);
  for (let i = 0; i < rows.length; i++) {
    taken.set(matrix.subarray(rows[i] * d, (rows[i] + 1) * d), i * d);
  }
  return taken;
}

/** Sum of everything that identifies the study's crops, for a record. */
export function studySum(study: Study): string {
  return sumOf([study.crops.images]);
}
