/** Crops into memory: decoded, greyscale, of one size, with a table that says what each is. */
import { type ColumnTable, loadArquero } from '../util/arquero';
import { DataError, messageOf, throwIfInterrupted } from '../util/errors';
import { type Progress, silentProgress } from '../util/progress';
import { decodeCrop } from './decode-crop';
import { type CropRecord, findCrops } from './find-crops';

export interface LoadOptions {
  /** Side that every crop is resized to, in pixels. */
  size: number;
  /** Takes only the first so many. */
  limit?: number;
  progress?: Progress;
  signal?: AbortSignal;
}

/** Crops in memory. */
export interface Crops {
  /** float32 0..1, [n, size, size, 1] row by row. */
  images: Float32Array;
  size: number;
  /** n rows: path first, then date, cell_type, series, x, y, start, end, frame where the names say so, and the source's own columns. */
  table: ColumnTable;
  /** Files that could not be read, and why. */
  skipped: { path: string; reason: string }[];
}

/** Files that are decoded at the same time. */
const inFlight = 8;
/** Skipped files that are named one by one; the rest are counted. */
const namedAtMost = 20;
/** Columns in this order, the others behind them. */
const firstColumns = ['path', 'date', 'cell_type', 'series', 'x', 'y', 'start', 'end', 'frame'];

/**
 * Loads crops. A file that is broken, empty, cut short or too large is named with its reason and left out; that is an error only when
 * nothing is left.
 *
 * @param source see {@link findCrops}
 * @throws DataError when the source does not exist, names no image, or none of them can be read; InterruptedError
 * @example
 * const crops = await loadCrops('my-cells', { size: 64 });
 * crops.table.numRows();
 */
export async function loadCrops(source: string, options: LoadOptions): Promise<Crops> {
  const { size, progress = silentProgress, signal } = options;
  const records = (await findCrops(source)).slice(0, options.limit);
  const pixels = size * size;
  let images = new Float32Array(records.length * pixels);
  const failures = new Array<string | undefined>(records.length);
  progress.start('load crops', records.length, 'crops');
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < records.length) {
      throwIfInterrupted(signal, 'loadCrops');
      const i = next++;
      try {
        images.set(await decodeCrop(records[i].file, size), i * pixels);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        failures[i] = messageOf(error);
      }
      progress.update(++done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, records.length) }, work));

  const skipped = records.flatMap(({ path }, i) =>
    failures[i] === undefined ? [] : [{ path, reason: failures[i] as string }],
  );
  const kept: number[] = [];
  for (let i = 0; i < records.length; i++) if (failures[i] === undefined) kept.push(i);
  progress.finish(`${kept.length} crops of ${size}×${size} pixels`);
  for (const { path, reason } of skipped.slice(0, namedAtMost)) progress.log(`skipped ${path}: ${reason}`);
  if (skipped.length > namedAtMost) progress.log(`skipped ${skipped.length - namedAtMost} more files`);
  if (kept.length === 0) {
    throw new DataError(
      `none of the ${records.length} files of ${source} can be read (${skipped[0].path} ${skipped[0].reason}); give PNG, TIFF or JPEG images of single cells`,
    );
  }
  if (kept.length < records.length) {
    kept.forEach((from, to) => {
      images.copyWithin(to * pixels, from * pixels, (from + 1) * pixels);
    });
    images = images.slice(0, kept.length * pixels);
  }
  return { images, size, table: await toTable(kept.map((i) => records[i])), skipped };
}

/** Records to a table with one type per column. */
async function toTable(records: readonly CropRecord[]): Promise<ColumnTable> {
  const names = new Set(records.flatMap(({ metadata }) => Object.keys(metadata)));
  const ordered = [
    ...firstColumns.filter((name) => names.has(name)),
    ...[...names].filter((name) => !firstColumns.includes(name)),
  ];
  const columns: Record<string, ArrayLike<unknown>> = { path: records.map(({ path }) => path) };
  for (const name of ordered) {
    const values = records.map(({ metadata }) => metadata[name] ?? null);
    const numeric = values.every((value) => value === null || typeof value === 'number');
    columns[name] = numeric
      ? Float64Array.from(values, (value) => (value as number | null) ?? Number.NaN)
      : values.map((value) => (value === null ? '' : String(value)));
  }
  const { table } = await loadArquero();
  return table(columns as Record<string, unknown[]>);
}
