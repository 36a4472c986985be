/** SHA-256 of files and folders. */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { throwIfInterrupted } from '../../util/errors';

/** A file's size and its SHA-256 in lower-case hexadecimal digits. */
export interface FileSum {
  bytes: number;
  sha256: string;
}

// Up to here a file is read in one go: a crop has 30 kB, and a stream costs ten times the reading of it.
const SMALL = 1 << 20;

/** Reads a file once and sums it, in constant memory. @throws InterruptedError when `signal` is aborted */
export async function fileSum(path: string, signal?: AbortSignal): Promise<FileSum> {
  const hash = createHash('sha256');
  if (statSync(path).size <= SMALL) {
    const content = readFileSync(path);
    return { bytes: content.length, sha256: hash.update(content).digest('hex') };
  }
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: SMALL })) {
    throwIfInterrupted(signal, 'fetchDataset');
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** The sums of all files below a folder, by path from there with `/` between the parts, in the order of the paths. */
export async function folderSums(folder: string, signal?: AbortSignal): Promise<Map<string, FileSum>> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name)) // Node 20.9 has only `path`, Node 24 only `parentPath`
    .sort();
  const sums = new Map<string, FileSum>();
  for (const path of paths)
    sums.set(relative(folder, path).split(sep).join('/'), await fileSum(path, signal));
  return sums;
}
