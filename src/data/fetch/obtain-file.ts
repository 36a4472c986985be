/** Gets one file of a data set from wherever it can be had, and lets nothing through whose sum is wrong. */
import { copyFileSync, constants as fsConstants, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError, messageOf, throwIfInterrupted } from '../../util/errors';
import type { Manifest, ManifestFile } from '../manifests/manifest';
import type { CheckedFiles } from './checked-files';
import { DownloadError, type DownloadOptions, download } from './download';
import type { FetchedFile } from './fetch-report';
import { type FileSum, fileSum } from './file-sum';
import { localCopies } from './local-copies';
import { quarantine } from './quarantine';
import { type RecordedSum, recordSum } from './recorded-sums';
import { unpackArchive } from './unpack-archive';

/** What all files of one fetch share. */
export interface FetchJob {
  manifest: Manifest;
  cache: string;
  /** The data set's folder. */
  folder: string;
  dataPath: readonly string[];
  checked: CheckedFiles;
  /** Sums recorded at first downloads, by resource name. */
  recorded: Record<string, RecordedSum>;
  /** Hosts that turned out to be out of reach, with the reason; their other files are not tried. */
  unreachable: Map<string, string>;
  quarantined: string[];
  /** A line for each copy or answer that was not used because of its sum. */
  refused: string[];
  download?: Partial<DownloadOptions>;
  onBytes?: (file: string, received: number, total: number | undefined) => void;
  signal?: AbortSignal;
}

/**
 * Makes sure that `file` stands in the data set's folder with the right sum: as it is, else from the folders of LCH_DATA_PATH, else
 * from its addresses one after the other. A downloaded or cached file with a wrong sum goes to quarantine; files in the folders of
 * LCH_DATA_PATH, and in a lab's own data set, are never touched.
 *
 * @returns how it went; a file that could not be had is `missing`, with the reasons
 * @throws InterruptedError, and DataError when the disk is full
 */
export async function obtainFile(file: ManifestFile, job: FetchJob): Promise<FetchedFile> {
  throwIfInterrupted(job.signal, 'fetchDataset');
  const expected = file.sha256 ?? job.recorded[file.name]?.sha256;
  const reasons: string[] = [];
  const found =
    (file.unpack ? await keepUnpacked(file, expected, job) : await keepPresent(file, expected, job)) ??
    (job.manifest.inPlace ? undefined : await fromLocalFolders(file, expected, job, reasons)) ??
    (await fromAddresses(file, expected, job, reasons));
  if (found) return found;
  if (reasons.length === 0) reasons.push(`not in ${dirname(join(job.folder, file.file))}`);
  const bytes = file.bytes ?? job.recorded[file.name]?.bytes;
  return { file: file.file, state: 'missing', bytes, sha256: expected, reason: reasons.join('; ') };
}

async function keepPresent(
  file: ManifestFile,
  expected: string | undefined,
  job: FetchJob,
): Promise<FetchedFile | undefined> {
  const sum = await job.checked.sum(file.file, job.signal);
  if (!sum) return undefined;
  if (!expected) recordSum(job.cache, job.manifest, file.name, { ...sum, source: 'put there by hand' });
  if (!expected || sum.sha256 === expected) return { file: file.file, state: 'present', ...sum };
  if (job.manifest.inPlace) {
    return {
      file: file.file,
      state: 'damaged',
      ...sum,
      reason: `its sha256 is ${sum.sha256}, not ${expected}`,
    };
  }
  const place = join(job.folder, file.file);
  job.quarantined.push(quarantine(job.cache, job.manifest.name, place, file.file, sum.sha256));
  return undefined;
}

/** The same for an archive: every file that was unpacked from it must be as it was. */
async function keepUnpacked(
  file: ManifestFile,
  expected: string | undefined,
  job: FetchJob,
): Promise<FetchedFile | undefined> {
  const unpacked = job.checked.unpacked(file.name, expected);
  if (!unpacked) return undefined;
  let whole = true;
  for (const [path, { sha256 }] of unpacked) {
    const sum = await job.checked.sum(path, job.signal);
    if (sum?.sha256 === sha256) continue;
    whole = false;
    if (!sum) continue;
    const place = join(job.folder, path);
    job.quarantined.push(quarantine(job.cache, job.manifest.name, place, path, sum.sha256));
  }
  return whole
    ? { file: file.file, state: 'present', sha256: expected, unpackedFiles: unpacked.size }
    : undefined;
}

async function fromLocalFolders(
  file: ManifestFile,
  expected: string | undefined,
  job: FetchJob,
  reasons: string[],
): Promise<FetchedFile | undefined> {
  const byHand = file.unpack ? [join(job.folder, file.file)] : []; // an archive that somebody put where the message said
  const copies = [
    ...byHand.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile()),
    ...localCopies(job.dataPath, job.manifest.name, file.file),
  ];
  for (const source of copies) {
    if (file.unpack) {
      const sum = await fileSum(source, job.signal);
      if (!isRight(sum, expected, source, job, reasons)) continue;
      const fetched = await unpack(file, source, sum, job).catch((error) => noteRefusal(error, reasons));
      if (fetched) return accept(file, sum, expected, source, job, { ...fetched, state: 'copied' });
      continue;
    }
    const copy = `${partOf(file, job)}.copy`; // not the part itself, which may be half of a download
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(source, copy, fsConstants.COPYFILE_FICLONE); // shares the blocks where the file system can
    const sum = await fileSum(copy, job.signal); // of the copy: the original may change meanwhile
    if (!isRight(sum, expected, source, job, reasons)) rmSync(copy);
    else return accept(file, sum, expected, source, job, settle(file, copy, sum, job, 'copied'));
  }
  return undefined;
}

async function fromAddresses(
  file: ManifestFile,
  expected: string | undefined,
  job: FetchJob,
  reasons: string[],
): Promise<FetchedFile | undefined> {
  const part = partOf(file, job);
  for (const url of file.urls) {
    const host = new URL(url).host;
    const out = job.unreachable.get(host);
    if (out) {
      reasons.push(out);
      continue;
    }
    // a part left by an earlier run may be what is wrong: then the same address is asked once more, for the whole file
    for (let again = true; again; ) {
      again = statSync(part, { throwIfNoEntry: false }) !== undefined;
      try {
        await download(url, part, {
          ...job.download,
          sumIsKnown: expected !== undefined,
          bytes: file.bytes,
          signal: job.signal,
          onBytes: (received, total) => job.onBytes?.(file.file, received, total),
        });
      } catch (error) {
        if (!(error instanceof DownloadError)) throw error;
        if (error.unreachable) job.unreachable.set(host, error.message);
        reasons.push(error.message);
        break;
      }
      const sum = await fileSum(part, job.signal);
      if (isRight(sum, expected, url, job, reasons)) {
        const fetched = file.unpack
          ? await unpack(file, part, sum, job).catch((error) => noteRefusal(error, reasons))
          : settle(file, part, sum, job, 'downloaded');
        if (fetched) {
          rmSync(part, { force: true });
          return accept(file, sum, expected, url, job, { ...fetched, state: 'downloaded' });
        }
        again = false;
      }
      job.quarantined.push(quarantine(job.cache, job.manifest.name, part, file.file, sum.sha256));
    }
  }
  return undefined;
}

function isRight(
  sum: FileSum,
  expected: string | undefined,
  source: string,
  job: FetchJob,
  reasons: string[],
): boolean {
  if (!expected || sum.sha256 === expected) return true;
  const line = `${source} has sha256 ${sum.sha256}, not ${expected}, and was not used`;
  reasons.push(line);
  job.refused.push(line);
  return false;
}

/** An archive with a right sum that must not, or cannot, be unpacked counts as one more source that failed. */
function noteRefusal(error: unknown, reasons: string[]): undefined {
  if (!(error instanceof DataError)) throw error;
  reasons.push(messageOf(error));
  return undefined;
}

async function unpack(
  file: ManifestFile,
  archive: string,
  sum: FileSum,
  job: FetchJob,
): Promise<FetchedFile> {
  const { kind, to } = file.unpack!;
  const unpacked = await unpackArchive(archive, kind, join(job.folder, to), { signal: job.signal });
  const files = new Map([...unpacked].map(([path, fileSum]) => [`${to}/${path}`, fileSum]));
  job.checked.noteArchive(file.name, sum.sha256, files);
  return { file: file.file, state: 'present', ...sum, unpackedFiles: files.size };
}

/** Moves a checked file to its place. */
function settle(
  file: ManifestFile,
  from: string,
  sum: FileSum,
  job: FetchJob,
  state: FetchedFile['state'],
): FetchedFile {
  const place = join(job.folder, file.file);
  mkdirSync(dirname(place), { recursive: true });
  renameSync(from, place);
  job.checked.note(file.file, sum);
  return { file: file.file, state, ...sum };
}

/** Records the sum of a first download, and adds where the file came from. */
function accept(
  file: ManifestFile,
  sum: FileSum,
  expected: string | undefined,
  source: string,
  job: FetchJob,
  fetched: FetchedFile,
): FetchedFile {
  if (!expected) recordSum(job.cache, job.manifest, file.name, { ...sum, source });
  return { ...fetched, source };
}

function partOf(file: ManifestFile, { cache, manifest }: FetchJob): string {
  return join(cache, 'downloads', manifest.name, `${file.file}.part`);
}
