/** Options and steps that several commands have in common. */

import { type LoadedModel, loadModel } from '../autoencoder/model-files';
import { loadBackend } from '../compute';
import { resolveData } from '../data/fetch/resolve-data';
import { withCellTypes } from '../data/join-cell-types';
import { type Crops, loadCrops } from '../data/load-crops';
import { type FixedPreprocessing, prepareCrops } from '../data/prepare-crops';
import { latentMatrix, readTable } from '../data/table-io';
import type { ColumnTable } from '../util/arquero';
import { DataError } from '../util/errors';
import type { CommandContext, OptionSpec } from './command';

export const dataOption = {
  type: 'string',
  placeholder: 'DIR|NAME|LIST.txt',
  help: 'The crops: a folder, a list of files, a table with a column path, or the name of a data manifest.',
  required: true,
  path: true,
} as const satisfies OptionSpec;

export const modelOption = {
  type: 'string',
  placeholder: 'RUN|MODEL.t7',
  help: 'The model: a folder that lch train wrote, or a .t7 file of the reference.',
  required: true,
  path: true,
} as const satisfies OptionSpec;

export const latentsOption = {
  type: 'string',
  placeholder: 'Z.csv',
  help: 'Descriptors that lch encode wrote (CSV, Parquet or Arrow): path, metadata, z1 … zD.',
  required: true,
  path: true,
} as const satisfies OptionSpec;

export const forceOption = {
  type: 'boolean',
  help: 'Overwrites what is there.',
} as const satisfies OptionSpec;

export const seedOption = {
  type: 'integer',
  default: 1,
  help: 'Start of all randomness; the same seed gives the same result.',
} as const satisfies OptionSpec;

/** An `--out` option that names a folder or a file. */
export function outOption(placeholder: string, help: string) {
  return { type: 'string', placeholder, help, required: true, path: true } as const satisfies OptionSpec;
}

/** An `--out` option for a table, which in a notebook is the magic's value and need not be written too. */
export function tableOutOption(placeholder: string, help: string) {
  return {
    type: 'string',
    placeholder,
    help,
    required: 'terminal',
    path: true,
  } as const satisfies OptionSpec;
}

/**
 * Finds the data (fetching or making what a manifest names), loads its crops at `size` and adds what is known of their cell types;
 * skipped files are reported.
 */
export async function loadData(
  data: string,
  size: number,
  { progress, signal }: Pick<CommandContext, 'progress' | 'signal'>,
  preprocessing: FixedPreprocessing = {},
): Promise<Crops> {
  const source = await resolveData(data, { progress, signal });
  const crops = await prepareCrops(
    await loadCrops(source, { size, progress, signal }),
    preprocessing,
    signal,
  );
  return { ...crops, table: await withCellTypes(crops.table) };
}

/** {@link loadData} as the model wants its crops: of its size, and prepared as those that it was trained on. */
export function loadDataFor(
  { model, description }: LoadedModel,
  data: string,
  context: Pick<CommandContext, 'progress' | 'signal'>,
): Promise<Crops> {
  return loadData(data, model.architecture.imageSize, context, description?.preprocessing);
}

/** Loads the backend, then a model. */
export async function openModel(path: string): Promise<LoadedModel> {
  await loadBackend();
  return loadModel(path);
}

/** Descriptors of a table, as the network takes them. */
export interface Latents {
  table: ColumnTable;
  paths: string[];
  values: Float64Array;
  n: number;
  dims: number;
}

/** Reads a table of descriptors. @throws DataError when it has no columns path, z1, z2, … */
export async function readLatents(path: string): Promise<Latents> {
  const table = await readTable(path);
  if (!table.columnNames().includes('path')) {
    throw new DataError(
      `${path} has no column path (it has ${table.columnNames().slice(0, 8).join(', ')} …); make it with lch encode`,
    );
  }
  const { values, n, dims } = latentMatrix(table);
  return { table, paths: Array.from(table.array('path') as ArrayLike<unknown>, String), values, n, dims };
}

/** The simulator's tables carry the planted factors. */
export function isSynthetic(columns: readonly string[]): boolean {
  return columns.includes('pseudopod_extension') && columns.includes('light_scattering');
}
