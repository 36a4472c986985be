/** A simulation as a folder: images/*.png, cells.csv, datapackage.json. */
import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { DataError, throwIfInterrupted } from '../util/errors';
import { packageVersion, writeFileAtomic } from '../util/files';
import { defaultProgress, type Progress } from '../util/progress';
import { cropsWritten, type DrawTask, drawFile, stopped } from './draw-files';
import type { SimulatedCell } from './population';
import { type Simulation, type SimulationOptions, simulateCells } from './simulate-cells';

/** Columns of cells.csv, in this order. */
const columns = [
  'path',
  'cell_type',
  'category',
  'metastatic_efficiency',
  'tumor',
  'date',
  'series',
  'track',
  'frame',
  'x',
  'y',
  'start',
  'end',
  'state',
  'area',
  'elongation',
  'pseudopod_extension',
  'light_scattering',
  'granularity',
  'focus',
] as const satisfies readonly (keyof SimulatedCell)[];

/** More threads than this only wait for the disk. */
const mostWorkers = 8;
/** Pixels whose drawing takes about as long as starting a worker. */
const pixelsPerWorker = 500_000;

/**
 * Draws all crops into `folder`, in several threads where that pays; files of the same names are overwritten. Every file is whole or absent;
 * cells.csv and datapackage.json are removed first and written last, so a folder that has them is whole.
 *
 * @param run.workers threads beside this one, 0 for none; by default as many as there are processors and work for. The bytes are the same
 * @throws OptionError, DataError (disk full, folder not writable), InterruptedError
 * @example
 * await writeSimulation({ cells: 2000, size: 64, seed: 7 }, 'cells');
 */
export async function writeSimulation(
  options: SimulationOptions,
  folder: string,
  run: { progress?: Progress; signal?: AbortSignal; workers?: number } = {},
): Promise<void> {
  const { progress = defaultProgress, signal } = run;
  const simulation = simulateCells(options);
  const { cells } = simulation;
  const { size } = simulation.options;
  const worthwhile = Math.floor((cells.length * size * size) / pixelsPerWorker);
  const workers = run.workers ?? Math.min(mostWorkers, availableParallelism(), worthwhile);
  throwIfInterrupted(signal, 'simulate');
  for (const path of ['datapackage.json', 'cells.csv'].map((name) => join(folder, name))) {
    if (existsSync(path)) rmSync(path);
  }

  progress.start('draw synthetic cells', cells.length, 'crops');
  if (workers > 1) await drawInWorkers(simulation, folder, workers, progress, signal);
  else await drawHere(simulation, folder, progress, signal);
  const table = cellsTable(cells);
  const descriptor = describe(simulation.options, table);
  writeFileAtomic(join(folder, 'datapackage.json'), `${JSON.stringify(descriptor, null, 2)}\n`);
  writeFileAtomic(join(folder, 'cells.csv'), table);
  progress.finish(`${cells.length} crops of ${size}×${size} pixels`);
}

async function drawHere(
  simulation: Simulation,
  folder: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  for (let i = 0; i < simulation.cells.length; i++) {
    if (i % 16 === 0) await nextTurn(); // lets an interrupt come through
    throwIfInterrupted(signal, 'simulate');
    drawFile(simulation, i, folder);
    progress.update(i + 1);
  }
}

async function drawInWorkers(
  { options, cells }: Simulation,
  folder: string,
  count: number,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  const shared = new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
  const task: DrawTask = { task: 'draw crops', options, folder, shared };
  const stop = (): void => {
    Atomics.store(shared, stopped, 1); // each worker ends after its current crop, so nothing is left half-written
  };
  let failure: unknown;
  const ended = Array.from(
    { length: count },
    () =>
      new Promise<void>((resolve) => {
        const worker = new Worker(join(__dirname, 'draw-files.js'), { workerData: task });
        worker.on('error', (error) => {
          failure ??= error;
          stop();
        });
        worker.on('exit', () => resolve());
      }),
  );
  let open = true;
  const all = Promise.all(ended).then(() => {
    open = false;
  });
  while (open) {
    await Promise.race([all, pause(100)]);
    progress.update(Atomics.load(shared, cropsWritten));
    if (signal?.aborted) stop();
  }
  throwIfInterrupted(signal, 'simulate');
  // an error loses its class on its way between threads
  if (failure instanceof Error) throw new DataError(failure.message, { cause: failure });
  if (Atomics.load(shared, cropsWritten) !== cells.length) {
    throw new DataError(
      `simulate: a drawing thread ended early, with ${Atomics.load(shared, cropsWritten)} of ${cells.length} crops drawn; run it again`,
    );
  }
}

/** cells.csv: one row per crop with its truth. */
export function cellsTable(cells: readonly SimulatedCell[]): string {
  const lines = [columns.join(','), ...cells.map((cell) => columns.map((column) => cell[column]).join(','))];
  return `${lines.join('\n')}\n`;
}

/** What the folder says of itself, as a Data Package. */
function describe(options: Required<SimulationOptions>, table: string) {
  return {
    $schema: 'https://datapackage.org/profiles/2.0/datapackage.json',
    name: `synthetic-cells-seed-${options.seed}`,
    title: 'Synthetic cells: drawn by a program, no microscope was involved',
    licenses: [{ name: 'CC0-1.0', title: 'CC0 1.0' }],
    resources: [
      {
        name: 'cells',
        path: 'cells.csv',
        format: 'csv',
        mediatype: 'text/csv',
        encoding: 'utf-8',
        bytes: Buffer.byteLength(table),
        hash: `sha256:${createHash('sha256').update(table).digest('hex')}`,
      },
    ],
    synthetic: { generator: `live-cell-histology ${packageVersion()}, lch simulate`, ...options },
  };
}
