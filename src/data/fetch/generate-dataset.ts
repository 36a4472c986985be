/** Makes a synthetic data set in the cache, once. */
import { join } from 'node:path';
import { writeSimulation } from '../../simulate/write-simulation';
import { DataError } from '../../util/errors';
import { packageVersion } from '../../util/files';
import type { Progress } from '../../util/progress';
import type { GeneratorSettings, Manifest } from '../manifests/manifest';
import { CheckedFiles } from './checked-files';
import { type FetchedFile, type FetchReport, makeReport } from './fetch-report';
import { folderSums } from './file-sum';
import { replaceFolder } from './fresh-folder';

/** Draws cells into an empty folder: images/*.png, cells.csv, datapackage.json (as `lch simulate` does). */
export type GenerateDataset = (
  options: GeneratorSettings['options'],
  folder: string,
  run: { progress: Progress; signal?: AbortSignal },
) => Promise<unknown>;

/**
 * Makes the data set of a manifest with a generator, unless it is in the cache unchanged, from the same settings and version.
 *
 * The manifest's sum is that of the resulting table of cells. A set with another sum is kept (it was made here, by code that is as
 * trusted as this) but the report warns: another version of the simulator drew other cells, and numbers may differ from the documented.
 *
 * @param run.generate default {@link writeSimulation}
 * @throws DataError when the generator did not make a file of the manifest
 */
export async function generateDataset(
  manifest: Manifest,
  { command, options }: GeneratorSettings,
  cache: string,
  run: { generate?: GenerateDataset; progress: Progress; signal?: AbortSignal },
): Promise<FetchReport> {
  const { generate = writeSimulation, progress, signal } = run;
  const folder = join(cache, 'datasets', manifest.name);
  const wantedSums = manifest.files.map(({ sha256 }) => sha256);
  const settings = JSON.stringify([packageVersion(), command, options, wantedSums]); // a new version may draw otherwise
  const checked = new CheckedFiles(cache, manifest.name, folder);
  let state: FetchedFile['state'] = 'present';
  if (checked.generated !== settings || !(await allUnchanged(checked, signal))) {
    const sums = await replaceFolder(folder, async (empty) => {
      await generate(options, empty, { progress, signal });
      return folderSums(empty, signal);
    });
    checked.noteGenerated(settings, sums);
    checked.save();
    state = 'generated';
  }

  const warnings: string[] = [];
  const files = checked.list().map(([file, sum]) => ({ file, state, ...sum }));
  for (const { file, sha256 } of manifest.files) {
    const made = files.find((other) => other.file === file);
    if (!made) throw new DataError(`fetchDataset: ${command} made no ${file} for ${manifest.name}`);
    if (!sha256) warnings.push(`the manifest has no sum for ${file} yet; this one has ${made.sha256}`);
    else if (sha256 !== made.sha256) {
      warnings.push(
        `${file} has sha256 ${made.sha256}, the manifest says ${sha256}: another version of the simulator drew other cells, ` +
          'so numbers may differ from those in the documentation',
      );
    }
  }
  return makeReport(manifest, folder, files, [], warnings);
}

async function allUnchanged(checked: CheckedFiles, signal?: AbortSignal): Promise<boolean> {
  for (const [file, { sha256 }] of checked.list()) {
    if ((await checked.sum(file, signal))?.sha256 !== sha256) return false;
  }
  return true;
}
