/** A folder of crops that are decoded already: `crops.u8`, `crops.parquet`, `packed.json`. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, messageOf } from '../../util/errors';
import type { Preprocessing } from '../preprocess/preprocess-crop';
import type { SkippedCrop } from '../skipped-crops';

/** What packed.json says. */
export interface PackedDescription {
  format: 'live-cell-histology/packed-crops';
  formatVersion: 1;
  count: number;
  /** Side in pixels. */
  size: number;
  /** What was done before packing. */
  preprocessing: Preprocessing;
  /** What the crops were packed from. */
  source: string;
  skipped: SkippedCrop[];
}

/** The crops, uint8, [count, size, size] row by row, one behind the other. */
export function packedPixels(folder: string): string {
  return join(folder, 'crops.u8');
}

/** One row per crop. */
export function packedTable(folder: string): string {
  return join(folder, 'crops.parquet');
}

/** Written last: where it is missing, packing did not come to its end. */
export function packedDescription(folder: string): string {
  return join(folder, 'packed.json');
}

/**
 * Reads and checks what a folder of packed crops holds.
 *
 * @throws DataError when it is none, unfinished, or its pixels are not as many as described
 */
export function describePacked(folder: string): PackedDescription {
  const file = packedDescription(folder);
  if (!existsSync(file)) {
    throw new DataError(`${folder} holds no packed crops (no packed.json in it); pack them with packCrops`);
  }
  let described: PackedDescription;
  try {
    described = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new DataError(`${file} cannot be read (${messageOf(error)}); pack the crops again`, {
      cause: error,
    });
  }
  if (described.format !== 'live-cell-histology/packed-crops' || described.formatVersion !== 1) {
    throw new DataError(
      `${file} is of format ${described.format} ${described.formatVersion}, not live-cell-histology/packed-crops 1; pack the crops again`,
    );
  }
  const pixels = packedPixels(folder);
  const expected = described.count * described.size ** 2;
  const found = existsSync(pixels) ? statSync(pixels).size : 0;
  if (found !== expected) {
    throw new DataError(`${pixels} has ${found} bytes instead of ${expected}; pack the crops again`);
  }
  return described;
}
