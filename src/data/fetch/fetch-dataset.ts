/** Brings a data set onto this machine, checked. */
import { join } from 'node:path';
import { DataError } from '../../util/errors';
import { defaultProgress, type Progress } from '../../util/progress';
import type { Manifest } from '../manifests/manifest';
import { cacheFolder, localFolders } from '../manifests/places';
import { readManifest } from '../manifests/read-manifest';
import { CheckedFiles } from './checked-files';
import type { DownloadOptions } from './download';
import { type FetchedFile, type FetchReport, makeReport } from './fetch-report';
import { type GenerateDataset, generateDataset } from './generate-dataset';
import { type FetchJob, obtainFile } from './obtain-file';
import { placeTables } from './place-tables';
import { recordedSums } from './recorded-sums';
import { takeTurn } from './take-turn';

export interface FetchOptions {
  /** Where data are kept. Default {@link cacheFolder}: `LCH_CACHE`, else the XDG cache folder. */
  cache?: string;
  /** Folders searched before any download. Default {@link localFolders}: `LCH_DATA_PATH`. */
  dataPath?: readonly string[];
  /** Draws the cells of a synthetic data set. Default: the simulator. */
  generate?: GenerateDataset;
  /** How patient downloads are. */
  download?: Pick<DownloadOptions, 'attempts' | 'pauseMs' | 'silenceMs'>;
  progress?: Progress;
  /** Stops the work; what is half-downloaded stays and is gone on with next time. */
  signal?: AbortSignal;
}

// Files that are asked for at once: enough to hide the way to the server and back, few enough to be a polite guest.
const AT_ONCE = 4;

/**
 * Brings a data set into the cache: each file from where it already is, else from the folders of `LCH_DATA_PATH`, else downloaded
 * (dropped and killed downloads go on where they stopped; all addresses of a file are tried). Every file's SHA-256 is checked before the
 * file takes its place; a wrong one goes to quarantine. Archives are unpacked, synthetic sets are drawn. A lab's own data set is read
 * where it lies.
 *
 * Files that could not be had do not make it fail: they are in `missing` of the report, with the reasons.
 *
 * @param nameOrPath a name that `lch data list` shows, or a datapackage.json
 * @throws ManifestError when there is no such manifest or it is faulty; DataError when the disk is full or the cache cannot be written;
 *   InterruptedError
 * @example
 * const { folder, missing } = await fetchDataset('openlch-sample', { dataPath: ['../shared/data'] });
 */
export async function fetchDataset(nameOrPath: string, options: FetchOptions = {}): Promise<FetchReport> {
  const { cache = cacheFolder(), progress = defaultProgress, signal } = options;
  const manifest = readManifest(nameOrPath, { cache });
  const waiting = (holder: string) =>
    progress.log(`${manifest.name}: waiting for ${holder}, which works on it`);
  const { generator } = manifest;
  const work = () =>
    generator
      ? generateDataset(manifest, generator, cache, { generate: options.generate, progress, signal })
      : fetchFiles(manifest, cache, options);
  try {
    return await takeTurn(cache, manifest.name, work, { signal, waiting });
  } catch (error) {
    throw cannotWrite(error, cache) ?? error;
  }
}

/** Tells of a cache that cannot be written what to do about it; undefined for every other error. */
function cannotWrite(error: unknown, cache: string): DataError | undefined {
  const { code = '' } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  if (!full && !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)) return undefined;
  const advice = full ? 'free some space, or set' : 'set';
  return new DataError(
    `fetchDataset cannot write the cache ${cache} (${code}); ${advice} LCH_CACHE to another folder`,
    { cause: error },
  );
}

/** The folder that a data set's files are in. */
export function datasetFolder(manifest: Manifest, cache: string): string {
  return manifest.inPlace ? manifest.folder : join(cache, 'datasets', manifest.name);
}

async function fetchFiles(manifest: Manifest, cache: string, options: FetchOptions): Promise<FetchReport> {
  const folder = datasetFolder(manifest, cache);
  const wanted = manifest.files.filter(({ beside }) => !beside);
  const shown = showProgress(manifest.name, wanted.length, options.progress ?? defaultProgress);
  const stop = new AbortController(); // one file's failure (a full disk) ends the others
  const job: FetchJob = {
    manifest,
    cache,
    folder,
    dataPath: options.dataPath ?? localFolders(),
    checked: new CheckedFiles(cache, manifest.name, folder),
    recorded: recordedSums(cache, manifest),
    unreachable: new Map(),
    quarantined: [],
    refused: [],
    download: options.download,
    onBytes: shown.bytes,
    signal: options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal,
  };

  const files = new Array<FetchedFile>(wanted.length);
  let next = 0;
  const work = async () => {
    while (next < wanted.length) {
      const at = next++;
      files[at] = await obtainFile(wanted[at], job);
      shown.done(files[at]);
    }
  };
  try {
    const workers = await Promise.allSettled(
      Array.from({ length: AT_ONCE }, () =>
        work().catch((error) => {
          stop.abort();
          throw error;
        }),
      ),
    );
    // the first to fail is the one whose error is not the others' "interrupted"
    const failed = workers.filter((worker) => worker.status === 'rejected').map(({ reason }) => reason);
    if (failed.length > 0) throw failed.find(({ name }) => name !== 'InterruptedError') ?? failed[0];
  } finally {
    shown.finish();
    job.checked.save(); // also after an interrupt: what was summed need not be again
  }

  const warnings = [...job.refused, ...job.quarantined.map((path) => `put away, not used: ${path}`)];
  const report = makeReport(manifest, folder, files, job.quarantined, warnings);
  if (report.verified > 0) warnings.push(...placeTables(manifest, folder));
  return report;
}

/** A bar of files; for a set of one file a bar of its megabytes. */
function showProgress(name: string, count: number, progress: Progress) {
  const label = `fetch ${name}`;
  const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
  let finished = 0;
  let wanting = 0;
  let begun = count !== 1;
  if (begun) progress.start(label, count, 'files');
  return {
    bytes(file: string, received: number, total: number | undefined) {
      if (count === 1) {
        if (!begun) progress.start(label, megabytes(total ?? 0), 'MB');
        begun = true;
        progress.update(megabytes(received));
      } else if (received > 1e6) {
        progress.update(finished, `${file} ${megabytes(received)} MB`);
      }
    },
    done({ file, state }: FetchedFile) {
      finished += 1;
      if (state === 'missing' || state === 'damaged') wanting += 1;
      if (count > 1) progress.update(finished, `${state} ${file}`);
    },
    finish: () => begun && progress.finish(wanting > 0 ? `${wanting} not at hand` : ''),
  };
}
