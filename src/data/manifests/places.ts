/** Where manifests, cached data and local copies are looked for. */
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { packageRoot } from '../../util/files';

/**
 * The cache folder: `LCH_CACHE`, else `live-cell-histology` in the XDG cache folder (`XDG_CACHE_HOME`, `~/.cache`).
 *
 * It holds `datasets/` (checked files), `downloads/` (parts of unfinished downloads), `quarantine/` (files whose sum was wrong),
 * `manifests/` (data sets added by `lch data add`), `checked/` and `sums/` (which sums were seen), `turns/` (who is at work).
 */
export function cacheFolder(): string {
  const { LCH_CACHE, XDG_CACHE_HOME } = process.env;
  return resolve(LCH_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'live-cell-histology'));
}

/** The folders of `LCH_DATA_PATH` (separated as in PATH), searched for copies of a file before any download. */
export function localFolders(dataPath = process.env.LCH_DATA_PATH ?? ''): string[] {
  return dataPath
    .split(delimiter)
    .filter((folder) => folder.trim() !== '')
    .map((folder) => resolve(folder));
}

/** The manifests that come with this package. */
export function shippedManifests(): string {
  return join(packageRoot(), 'data-manifests');
}

/** The manifests that `lch data add` wrote. */
export function addedManifests(cache = cacheFolder()): string {
  return join(cache, 'manifests');
}
