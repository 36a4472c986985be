import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { OptionError } from '../../util/errors';
import { claimFolder, writeAtomicWith, writeFileAtomic } from '../../util/files';
import { defaultProgress, type Progress } from '../../util/progress';
import { findCrops } from '../find-crops';
import type { Preprocessing } from '../preprocess/preprocess-crop';
import { recordsToTable } from '../records-to-table';
import { nothingLeft, tellSkipped } from '../skipped-crops';
import { writeTable } from '../table-io';
import { openCropFiles } from './crop-reader';
import { type PackedDescription, packedDescription, packedPixels, packedTable } from './packed-format';

export interface PackOptions {
  /** Side that every crop is resized to, in pixels. */
  size: number;
  /** What is done before packing, once for all epochs; nothing random, and nothing that leaves 0..1. Default: none. */
  preprocessing?: Omit<Preprocessing, 'turnShare' | 'localContrastKernel'>;
  /** Overwrites what is in the folder. */
  force?: boolean;
  threads?: number;
  progress?: Progress;
  signal?: AbortSignal;
}

/** Crops on their way from the readers to the file; 64 of 256×256 are 17 MB. */
const batchSize = 64;

/**
 * Decodes crops once and writes them to a folder as bytes, for training that reads them a hundred times. Grey values are rounded to
 * 1/255: 8-bit crops of the packed size keep every value, others are off by at most 1/510. Memory does not grow with the number of crops.
 *
 * Cost: size² bytes on disk per crop.
 *
 * @param source see {@link findCrops}
 * @param folder gets crops.u8, crops.parquet and, last of all, packed.json
 * @returns what packed.json says; broken files are in `skipped`
 * @throws DataError when nothing is there, nothing is left, or the folder is not empty; InterruptedError (then the folder has no packed.json)
 * @example
 * await packCrops('my-cells', 'my-cells-256', { size: 256 });
 * const reader = openPackedCrops('my-cells-256');
 */
export async function packCrops(
  source: string,
  folder: string,
  options: PackOptions,
): Promise<PackedDescription> {
  const { size, preprocessing = {}, progress = defaultProgress, signal, threads } = options;
  if ('turnShare' in preprocessing || 'localContrastKernel' in preprocessing) {
    throw new OptionError(
      'packCrops: turnShare and localContrastKernel cannot be packed; give them to openPackedCrops instead',
    );
  }
  const records = await findCrops(source);
  claimFolder('packCrops', folder, options.force ?? false);
  rmSync(packedDescription(folder), { force: true });
  const reader = openCropFiles(
    records.map(({ file }) => file),
    { size, preprocessing, threads },
  );
  const reasons = new Map<number, string>();
  const pixels = size * size;
  progress.start('pack crops', records.length, 'crops');
  try {
    await writeAtomicWith(packedPixels(folder), async (temporary) => {
      const file = openSync(temporary, 'wx');
      try {
        const bytes = new Uint8ClampedArray(batchSize * pixels); // rounds, and keeps to 0…255
        for await (const { batch, failures } of reader.batchesWithFailures({ batchSize, signal })) {
          for (const { place, reason } of failures) reasons.set(batch.indices[place], reason);
          let kept = 0;
          batch.indices.forEach((index, place) => {
            if (reasons.has(index)) return;
            for (let i = 0; i < pixels; i++)
              bytes[kept * pixels + i] = batch.images[place * pixels + i] * 255;
            kept++;
          });
          writeAll(file, bytes.subarray(0, kept * pixels));
          progress.update((batch.indices.at(-1) as number) + 1);
        }
      } finally {
        closeSync(file);
      }
    });
  } finally {
    await reader.close();
  }
  const skipped = [...reasons].map(([index, reason]) => ({ path: records[index].path, reason }));
  const kept = records.filter((_, i) => !reasons.has(i));
  progress.finish(`${kept.length} crops of ${size}×${size} pixels`);
  tellSkipped(skipped, progress);
  if (kept.length === 0) throw nothingLeft(source, skipped);
  await writeTable(packedTable(folder), await recordsToTable(kept));
  const description: PackedDescription = {
    format: 'live-cell-histology/packed-crops',
    formatVersion: 1,
    count: kept.length,
    size,
    preprocessing,
    source,
    skipped,
  };
  writeFileAtomic(packedDescription(folder), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

function writeAll(file: number, bytes: Uint8ClampedArray): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
