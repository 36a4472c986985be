/** Finds copies of a file in the folders of LCH_DATA_PATH. */
import { statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files in `folders` that may be copies of a data set's `file`: `DATASET/images/a.png`, `DATASET/a.png`, `images/a.png` or `a.png`,
 * in this order, folder by folder. Their sums are not looked at.
 */
export function localCopies(folders: readonly string[], dataset: string, file: string): string[] {
  const name = file.split('/').pop() ?? file;
  const places = [...new Set([join(dataset, file), join(dataset, name), file, name])];
  return folders
    .flatMap((folder) => places.map((place) => join(folder, place)))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
