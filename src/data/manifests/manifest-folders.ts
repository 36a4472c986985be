/** Finds the manifests that can be asked for by name. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { addedManifests, shippedManifests } from './places';

/** Folders of data-manifests/ that are no data sets. */
const NOT_DATA = new Set(['profiles', 'template']);

/**
 * The folders that hold a manifest, by data set name: first those of this package, then those that `lch data add` wrote. A shipped
 * name cannot be taken over by an added one.
 */
export function manifestFolders(cache: string): Map<string, string> {
  const folders = new Map<string, string>();
  for (const parent of [shippedManifests(), addedManifests(cache)]) {
    if (!existsSync(parent)) continue;
    for (const name of readdirSync(parent).sort()) {
      const folder = join(parent, name);
      if (NOT_DATA.has(name) || folders.has(name) || !existsSync(join(folder, 'datapackage.json'))) continue;
      folders.set(name, folder);
    }
  }
  return folders;
}
