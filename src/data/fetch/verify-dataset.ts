/** Reads every byte of a data set again and compares the sums. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError, throwIfInterrupted } from '../../util/errors';
import { defaultProgress, type Progress } from '../../util/progress';
import { checkTable } from '../manifests/check-table';
import type { Manifest, ManifestFile } from '../manifests/manifest';
import { cacheFolder, localFolders } from '../manifests/places';
import { readManifest } from '../manifests/read-manifest';
import { CheckedFiles } from './checked-files';
import { datasetFolder } from './fetch-dataset';
import { fileSum } from './file-sum';
import { localCopies } from './local-copies';
import { recordedSums } from './recorded-sums';

/** One copy of a file, or a file that is nowhere. */
export interface VerifiedFile {
  /** Place in the data set's folder. */
  file: string;
  state: 'right' | 'damaged' | 'missing';
  /** Where the copy lies. */
  path?: string;
  bytes?: number;
  /** The sum that it should have; absent where none was recorded yet. */
  expected?: string;
  /** The sum that it has. */
  sha256?: string;
}

/** What {@link verifyDataset} returns; plain JSON. */
export interface VerifyReport {
  name: string;
  folder: string;
  /** Every file is there and every copy has the right sum. */
  ok: boolean;
  /** Copies with the right sum. */
  right: number;
  damaged: VerifiedFile[];
  missing: VerifiedFile[];
}

/** A data set has damaged or missing files. */
export class DamagedDataError extends DataError {
  constructor(
    override readonly report: VerifyReport,
    message: string,
  ) {
    super(message);
  }
}

/** A file to look for, and the copies of it. */
interface Wanted {
  file: string;
  paths: string[];
  bytes?: number;
  expected?: string;
}

/**
 * Sums every copy of a data set's files that is at hand, in the cache and in the folders of `LCH_DATA_PATH`, whatever was known of them
 * before. No file of the set is changed, moved or downloaded; the next fetch looks closely at those that were found damaged.
 *
 * @param nameOrPath a name that `lch data list` shows, or a datapackage.json, or a folder with one
 * @throws ManifestError when there is no such manifest, or a table does not fit its schema; InterruptedError
 * @example
 * const { damaged, missing } = await verifyDataset('openlch-sample');
 */
export async function verifyDataset(
  nameOrPath: string,
  options: { cache?: string; dataPath?: readonly string[]; progress?: Progress; signal?: AbortSignal } = {},
): Promise<VerifyReport> {
  const { cache = cacheFolder(), dataPath = localFolders(), progress = defaultProgress, signal } = options;
  const manifest = readManifest(nameOrPath, { cache });
  const checked = new CheckedFiles(cache, manifest.name, datasetFolder(manifest, cache));
  const wanted = wantedFiles(manifest, cache, dataPath, checked);
  const files: VerifiedFile[] = [];
  progress.start(`verify ${manifest.name}`, wanted.length, 'files');
  for (const [index, { file, paths, bytes, expected }] of wanted.entries()) {
    if (paths.length === 0) files.push({ file, state: 'missing', bytes, expected });
    for (const path of paths) {
      throwIfInterrupted(signal, 'verifyDataset');
      const sum = await fileSum(path, signal);
      const state = expected && sum.sha256 !== expected ? 'damaged' : 'right';
      files.push({ file, state, path, expected, ...sum });
    }
    progress.update(index + 1);
  }
  progress.finish();
  if (manifest.inPlace) checkTables(manifest);
  const damaged = files.filter(({ state }) => state === 'damaged');
  const missing = files.filter(({ state }) => state === 'missing');
  for (const { file } of damaged) checked.distrust(file);
  if (damaged.length > 0) checked.save();
  return {
    name: manifest.name,
    folder: datasetFolder(manifest, cache),
    ok: damaged.length + missing.length === 0,
    right: files.length - damaged.length - missing.length,
    damaged,
    missing,
  };
}

function wantedFiles(
  manifest: Manifest,
  cache: string,
  dataPath: readonly string[],
  checked: CheckedFiles,
): Wanted[] {
  const folder = datasetFolder(manifest, cache);
  const recorded = recordedSums(cache, manifest);
  const inFolder = (file: string) => [join(folder, file)].filter(isFile);
  const generated = manifest.generator ? checked.list() : [];
  const listed = new Map(manifest.files.map((file) => [file.file, file]));
  return [
    ...manifest.files
      .filter(({ beside }) => !beside) // those were summed when the manifest was read
      .flatMap((file: ManifestFile): Wanted[] => {
        const expected = file.sha256 ?? recorded[file.name]?.sha256;
        const bytes = file.bytes ?? recorded[file.name]?.bytes;
        const local =
          manifest.inPlace || manifest.generator ? [] : localCopies(dataPath, manifest.name, file.file);
        const unpacked = file.unpack && checked.unpacked(file.name, expected);
        if (!unpacked)
          return [{ file: file.file, paths: [...inFolder(file.file), ...local], bytes, expected }];
        const copies = local.map((path) => ({ file: file.file, paths: [path], expected }));
        const contents = [...unpacked].map(([path, { bytes, sha256 }]) => ({
          file: path,
          paths: inFolder(path),
          bytes,
          expected: sha256,
        }));
        return [...copies, ...contents];
      }),
    ...generated
      .filter(([file]) => !listed.has(file))
      .map(([file, { bytes, sha256 }]) => ({ file, paths: inFolder(file), bytes, expected: sha256 })),
  ];
}

function checkTables({ files, folder }: Manifest): void {
  for (const { file, schema } of files) {
    if (schema && isFile(join(folder, file)))
      checkTable(readFileSync(join(folder, file), 'utf8'), schema, file);
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
