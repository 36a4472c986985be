/** The lock file: sums of files that publish none, recorded at the first download. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ManifestError, messageOf } from '../../util/errors';
import { writeFileAtomic } from '../../util/files';
import type { Manifest } from '../manifests/manifest';
import type { FileSum } from './file-sum';

/** One recorded sum. */
export interface RecordedSum extends FileSum {
  /** The address or the folder that the file came from. */
  source: string;
}

/** The lock file in the cache, one for each data set. */
export function lockFile(cache: string, name: string): string {
  return join(cache, 'sums', `${name}.lock.json`);
}

/**
 * The sums recorded for a data set, by resource name: those in `datapackage.lock.json` beside the manifest (which a maintainer may
 * commit, so that everybody gets the same bytes) come before those in the cache.
 */
export function recordedSums(cache: string, manifest: Manifest): Record<string, RecordedSum> {
  const beside = join(dirname(manifest.path), 'datapackage.lock.json');
  return { ...read(lockFile(cache, manifest.name)), ...read(beside) };
}

/** Records the sum of a file that was downloaded for the first time. */
export function recordSum(cache: string, manifest: Manifest, resource: string, sum: RecordedSum): void {
  const path = lockFile(cache, manifest.name);
  writeFileAtomic(path, JSON.stringify({ ...read(path), [resource]: sum }, null, 2) + '\n');
}

function read(path: string): Record<string, RecordedSum> {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ManifestError(
      `fetchDataset: the lock file ${path} cannot be read as JSON: ${messageOf(error)}; restore it, or remove it to trust the next download`,
      { cause: error },
    );
  }
}
