/** Puts files whose sum is wrong out of reach. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Moves a file of the cache to `quarantine/`, where nothing reads it; its name there ends with the sum that it has, so that the same
 * wrong file is kept once.
 *
 * @returns where it lies now
 */
export function quarantine(
  cache: string,
  dataset: string,
  path: string,
  file: string,
  sha256: string,
): string {
  const folder = join(cache, 'quarantine', dataset);
  const place = join(folder, `${basename(file)}.${sha256.slice(0, 12)}`);
  mkdirSync(folder, { recursive: true });
  rmSync(place, { force: true });
  renameSync(path, place);
  return place;
}
