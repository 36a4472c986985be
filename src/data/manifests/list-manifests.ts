/** The data sets that can be asked for by name. */
import { messageOf } from '../../util/errors';
import type { Manifest } from './manifest';
import { manifestFolders } from './manifest-folders';
import { cacheFolder } from './places';
import { readManifest } from './read-manifest';

/**
 * The manifests of this package and those that `lch data add` wrote, by name.
 *
 * @param options.cache default {@link cacheFolder}
 * @param options.broken called with the message for each manifest that cannot be used; by default these are left out
 */
export function listManifests(
  options: { cache?: string; broken?: (message: string) => void } = {},
): Manifest[] {
  const cache = options.cache ?? cacheFolder();
  const manifests: Manifest[] = [];
  for (const name of manifestFolders(cache).keys()) {
    try {
      manifests.push(readManifest(name, { cache }));
    } catch (error) {
      options.broken?.(messageOf(error));
    }
  }
  return manifests;
}
