/** Crops for training: in memory where they fit, else read ahead from disk; the same numbers either way. */
import { existsSync } from 'node:fs';
import { freemem } from 'node:os';
import type { ColumnTable } from '../util/arquero';
import { DataError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import { seededRandom } from '../util/random';
import { findCrops } from './find-crops';
import { loadCrops } from './load-crops';
import { type FixedPreprocessing, prepareCrops } from './prepare-crops';
import { checkPreprocessing, preprocessCrop } from './preprocess/preprocess-crop';
import { recordsToTable } from './records-to-table';
import { nothingLeft, type SkippedCrop, tellSkipped } from './skipped-crops';
import { type CropReader, openCropFiles, openPackedCrops } from './stream/crop-reader';
import { packCrops } from './stream/pack-crops';
import { describePacked, packedDescription, packedTable } from './stream/packed-format';
import { readTable } from './table-io';

export interface OpenCropsOptions {
  /** Side that every crop is resized to, in pixels. */
  size: number;
  /** What a model records and does to every crop, after resizing. Default: nothing. */
  preprocessing?: FixedPreprocessing;
  /** Share of crops turned at random, anew in each epoch. Default 0. */
  turnShare?: number;
  /** Where turning draws from. Default 0. */
  seed?: number;
  /**
   * Folder of decoded crops: made at the first call, read by offset afterwards. Grey values are those of bytes: 8-bit crops of this size
   * stay as they are, others are off by at most 1/510. Default: none.
   */
  packed?: string;
  /** Sets up to so many bytes are held in memory. Default: a quarter of what is free, at most 512 MiB. */
  memoryBytes?: number;
  /** Decoding threads. Default: as many as cores, at most 8. */
  threads?: number;
  progress?: Progress;
  signal?: AbortSignal;
}

/** A numbered set of crops, ready to be trained on. Close it when done. */
export interface OpenCrops {
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
  /** True when crops are read from disk each time. */
  readonly streamed: boolean;
  /** One row per crop. */
  readonly table: ColumnTable;
  readonly skipped: SkippedCrop[];
  /** float32 0..1, [indices.length, size, size, 1] row by row; turned at random only when `epoch` is given. */
  read(indices: Int32Array, epoch?: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Crops of a batch while files are looked over. */
const batchSize = 64;

/**
 * Opens crops for training. Sets that fit are loaded; larger ones are looked over once (so that no broken file ends a run of days) and
 * then streamed by threads, or packed into a folder and read from there.
 *
 * @param source see {@link findCrops}
 * @throws DataError when nothing can be read, or `packed` holds other crops; OptionError; InterruptedError
 * @example
 * const crops = await openCrops('my-cells', { size: 64 });
 * const { model } = await trainAutoencoder(crops, { run: 'run1', … });
 * await crops.close();
 */
export async function openCrops(source: string, options: OpenCropsOptions): Promise<OpenCrops> {
  const { size, preprocessing = {}, turnShare, seed = 0, threads, packed } = options;
  const prepare = { ...preprocessing, ...(turnShare ? { turnShare } : {}) };
  checkPreprocessing('openCrops', prepare);
  const reading = { prepare, seed, threads };
  if (packed !== undefined) return openPacked(source, packed, { ...options, ...reading });
  const records = await findCrops(source);
  const memory = options.memoryBytes ?? Math.min(512 * 2 ** 20, freemem() / 4);
  if (records.length * size ** 2 * 4 <= memory) return openInMemory(source, options);

  const skipped = await findBroken(
    records.map(({ path, file }) => ({ path, file })),
    options,
  );
  const broken = new Set(skipped.map(({ path }) => path));
  const kept = records.filter(({ path }) => !broken.has(path));
  if (kept.length === 0) throw nothingLeft(source, skipped);
  const reader = openCropFiles(
    kept.map(({ file }) => file),
    { size, ...reading },
  );
  return streamed(reader, await recordsToTable(kept), skipped);
}

async function openInMemory(source: string, options: OpenCropsOptions): Promise<OpenCrops> {
  const { size, preprocessing = {}, turnShare, seed = 0, progress, signal } = options;
  const loaded = await loadCrops(source, { size, progress, signal });
  // what comes before and behind the turning in the reference's order must wait for it
  const { images, table, skipped } = turnShare ? loaded : await prepareCrops(loaded, preprocessing, signal);
  const pixels = size * size;
  return {
    count: table.numRows(),
    size,
    streamed: false,
    table,
    skipped,
    async read(indices, epoch) {
      const batch = new Float32Array(indices.length * pixels);
      indices.forEach((index, i) => {
        const crop = images.subarray(index * pixels, (index + 1) * pixels);
        const random = epoch === undefined ? undefined : seededRandom(seed).fork(`${epoch}/${index}`);
        const prepared = turnShare
          ? preprocessCrop(crop, size, size, size, { ...preprocessing, turnShare }, random)
          : crop;
        batch.set(prepared, i * pixels);
      });
      return batch;
    },
    async close() {},
  };
}

async function openPacked(
  source: string,
  folder: string,
  options: OpenCropsOptions & Parameters<typeof openPackedCrops>[1],
): Promise<OpenCrops> {
  const { size, progress, signal, prepare, seed, threads } = options;
  if (!existsSync(packedDescription(folder)))
    await packCrops(source, folder, { size, threads, progress, signal, force: true });
  const described = describePacked(folder);
  const done = Object.values(described.preprocessing).some(Boolean);
  if (described.size !== size || described.source !== source || done) {
    throw new DataError(
      `${folder} holds crops of ${described.size}×${described.size} pixels${done ? ', preprocessed,' : ''} packed from ${described.source}, not ${size}×${size} from ${source}; choose another folder`,
    );
  }
  const reader = openPackedCrops(folder, { prepare, seed, threads });
  return streamed(reader, await readTable(packedTable(folder)), described.skipped);
}

function streamed(reader: CropReader, table: ColumnTable, skipped: SkippedCrop[]): OpenCrops {
  return {
    count: reader.count,
    size: reader.size,
    streamed: true,
    table,
    skipped,
    read: (indices, epoch) => reader.read(indices, epoch),
    close: () => reader.close(),
  };
}

/** Decodes every file once. */
async function findBroken(
  records: readonly { path: string; file: string }[],
  { size, threads, progress = defaultProgress, signal }: OpenCropsOptions,
): Promise<SkippedCrop[]> {
  const skipped: SkippedCrop[] = [];
  const reader = openCropFiles(
    records.map(({ file }) => file),
    { size, threads },
  );
  progress.start('look over crops', records.length, 'crops');
  try {
    for await (const { batch, failures } of reader.batchesWithFailures({ batchSize, signal })) {
      for (const { place, reason } of failures)
        skipped.push({ path: records[batch.indices[place]].path, reason });
      progress.update((batch.indices.at(-1) as number) + 1);
    }
  } finally {
    await reader.close();
  }
  progress.finish(`${records.length - skipped.length} crops can be read`);
  tellSkipped(skipped, progress);
  return skipped;
}
