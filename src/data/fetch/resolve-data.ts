/** What stands behind `--data`: a folder, a list, or the name of a data set. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { defaultProgress } from '../../util/progress';
import { manifestFolders } from '../manifests/manifest-folders';
import { cacheFolder } from '../manifests/places';
import { type FetchOptions, fetchDataset } from './fetch-dataset';
import { IncompleteDataError, incompleteLine } from './fetch-report';

/**
 * The folder (or list file) to read crops or a model from.
 *
 * A folder or a file that exists is returned as it is, but for a datapackage.json. That, and everything else, names a data set, which is
 * fetched (or drawn) first. A set that lacks some files is used as far as it goes; `progress.log` gets a line that names what is missing.
 *
 * @param nameOrFolder what the user gave to `--data`
 * @throws ManifestError when it is neither a file nor a data set; IncompleteDataError when nothing of the set could be had
 * @example
 * const folder = await resolveData('synthetic-quick', { progress });
 */
export async function resolveData(nameOrFolder: string, options: FetchOptions = {}): Promise<string> {
  const { cache = cacheFolder(), progress = defaultProgress } = options;
  if (existsSync(nameOrFolder) && basename(nameOrFolder) !== 'datapackage.json') {
    if (manifestFolders(cache).has(nameOrFolder)) {
      progress.log(
        `using ./${nameOrFolder}, which is here, not the data set of that name; give its path to be sure`,
      );
    }
    return resolve(nameOrFolder);
  }
  const report = await fetchDataset(nameOrFolder, options);
  if (report.verified === 0) throw new IncompleteDataError(report);
  for (const warning of report.warnings) progress.log(`${report.name}: ${warning}`);
  if (!report.complete) progress.log(incompleteLine(report));
  return report.folder;
}
