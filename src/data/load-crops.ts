/** Crops into memory: decoded, greyscale, of one size, with a table that says what each is. */
import type { ColumnTable } from '../util/arquero';
import { breather } from '../util/breather';
import { DataError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import { decodeCrop } from './decode-crop';
import { type CropRecord, findCrops } from './find-crops';
import { recordsToTable } from './records-to-table';
import { nothingLeft, type SkippedCrop, tellSkipped } from './skipped-crops';
import { openCropFiles } from './stream/crop-reader';

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
  skipped: SkippedCrop[];
}

/** From so many crops on, decoding threads are worth their start (a tenth of a second). */
const manyCrops = 500;
/** Crops on their way from the threads into memory. */
const batchSize = 64;

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
  const { size, progress = defaultProgress, signal } = options;
  const records = (await findCrops(source)).slice(0, options.limit);
  const pixels = size * size;
  let images = new Float32Array(records.length * pixels);
  const reasons = new Map<number, string>();
  progress.start('load crops', records.length, 'crops');
  const decode = records.length < manyCrops ? decodeHere : decodeInThreads;
  await decode(records, size, images, reasons, progress, signal);

  const skipped = [...reasons].map(([i, reason]) => ({ path: records[i].path, reason }));
  const kept = Array.from(records.keys()).filter((i) => !reasons.has(i));
  progress.finish(`${kept.length} crops of ${size}×${size} pixels`);
  tellSkipped(skipped, progress);
  if (kept.length === 0) throw nothingLeft(source, skipped);
  if (skipped.length > 0) {
    kept.forEach((from, to) => {
      images.copyWithin(to * pixels, from * pixels, (from + 1) * pixels);
    });
    images = images.slice(0, kept.length * pixels);
  }
  return { images, size, table: await recordsToTable(kept.map((i) => records[i])), skipped };
}

/** Decodes in this thread. Writes into `images`; why a file could not be read goes into `reasons`, by its number. */
async function decodeHere(
  records: readonly CropRecord[],
  size: number,
  images: Float32Array,
  reasons: Map<number, string>,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const breathe = breather(signal, 'loadCrops');
  for (let i = 0; i < records.length; i++) {
    await breathe();
    try {
      images.set(await decodeCrop(records[i].file, size), i * size ** 2);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      reasons.set(i, error.message);
    }
    progress.update(i + 1);
  }
}

/** The same on as many threads as there are cores. */
async function decodeInThreads(
  records: readonly CropRecord[],
  size: number,
  images: Float32Array,
  reasons: Map<number, string>,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const files = records.map(({ file }) => file);
  const reader = openCropFiles(files, { size });
  let done = 0;
  try {
    for await (const { batch, failures } of reader.batchesWithFailures({ batchSize, signal })) {
      images.set(batch.images, done * size ** 2);
      for (const { place, reason } of failures) reasons.set(done + place, reason);
      done += batch.indices.length;
      progress.update(done);
    }
  } finally {
    await reader.close();
  }
}
