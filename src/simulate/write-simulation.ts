/** A simulation as a folder: images/*.png, cells.csv, datapackage.json. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { throwIfInterrupted } from '../util/errors';
import { packageVersion, writeFileAtomic } from '../util/files';
import { type Progress, silentProgress } from '../util/progress';
import type { SimulatedCell } from './population';
import { type SimulationOptions, simulateCells } from './simulate-cells';

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

/** Images that are encoded while the next ones are drawn. */
const inFlight = 8;

/**
 * Draws all crops into `folder`. An interrupted call goes on where it stopped; datapackage.json is written last, so a folder that has
 * one is whole.
 *
 * @throws OptionError, DataError (disk full, folder not writable), InterruptedError
 */
export async function writeSimulation(
  options: SimulationOptions,
  folder: string,
  { progress = silentProgress, signal }: { progress?: Progress; signal?: AbortSignal } = {},
): Promise<void> {
  const simulation = simulateCells(options);
  const { size } = options;
  const { cells } = simulation;
  progress.start('draw synthetic cells', cells.length, 'crops');
  const pending = new Set<Promise<void>>();
  for (let i = 0; i < cells.length; i++) {
    throwIfInterrupted(signal, 'simulate');
    const path = join(folder, cells[i].path);
    if (!existsSync(path)) {
      const crop = simulation.renderCrop(i);
      const task: Promise<void> = sharp(crop, { raw: { width: size, height: size, channels: 1 } })
        .toColourspace('b-w')
        .png({ compressionLevel: 6, adaptiveFiltering: false })
        .toBuffer()
        .then((png) => writeFileAtomic(path, png, { sync: false }))
        .finally(() => pending.delete(task));
      pending.add(task);
      if (pending.size >= inFlight) await Promise.race(pending);
    }
    progress.update(i + 1);
  }
  await Promise.all(pending);
  const table = cellsTable(cells);
  writeFileAtomic(join(folder, 'cells.csv'), table);
  writeFileAtomic(
    join(folder, 'datapackage.json'),
    `${JSON.stringify(descriptor(simulation.options, table), null, 2)}\n`,
  );
  progress.finish(`${cells.length} crops of ${size}×${size} pixels`);
}

/** cells.csv: one row per crop with its truth. */
export function cellsTable(cells: readonly SimulatedCell[]): string {
  const lines = [columns.join(','), ...cells.map((cell) => columns.map((column) => cell[column]).join(','))];
  return `${lines.join('\n')}\n`;
}

/** What the folder says of itself, as a Data Package. */
function descriptor(options: Required<SimulationOptions>, table: string) {
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
