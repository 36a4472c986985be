/**
 * Files that are either whole or not there: everything is written to a temporary name, synced and renamed.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError, messageOf } from './errors';

/**
 * Writes a file so that it is complete or absent: temporary name in the same folder, fsync, rename. Makes the folder.
 *
 * @param options.sync false for one of many files that can be made again: whole after a kill, but not after a power cut
 * @throws DataError when the disk is full or the folder cannot be written; an earlier file of that name is kept
 */
export function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  { sync: synced = true }: { sync?: boolean } = {},
): void {
  writeThrough(path, (temporary) => {
    const file = openSync(temporary, 'wx');
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
      let written = 0;
      while (written < bytes.byteLength) {
        written += writeSync(file, bytes, written, bytes.byteLength - written);
      }
      if (synced) fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

/**
 * For writers that only take a file name (a database, an encoder): `write` gets a temporary name in the same folder, with the
 * same extension; what it leaves there is synced and renamed to `path`.
 */
export async function writeAtomicWith(
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = prepare(path);
  try {
    await write(temporary);
    sync(temporary);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeFailure(path, error);
  }
}

function writeThrough(path: string, write: (temporary: string) => void): void {
  const temporary = prepare(path);
  try {
    write(temporary);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeFailure(path, error);
  }
}

function prepare(path: string): string {
  const folder = dirname(resolve(path));
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw writeFailure(path, error);
  }
  // the extension stays last, for writers that look at it
  return join(folder, `.${randomBytes(4).toString('hex')}.partial.${basename(path)}`);
}

function sync(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The error for a file that could not be written: what to do about a full disk or a closed folder. */
export function writeFailure(path: string, error: unknown): Error {
  if (error instanceof DataError) return error;
  const code = (error as NodeJS.ErrnoException)?.code;
  const advice =
    code === 'ENOSPC'
      ? 'the disk is full; free some space and run it again'
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'the folder cannot be written; choose another with --out'
        : messageOf(error);
  return new DataError(`cannot write ${path}: ${advice}`, { cause: error });
}

/**
 * Checks that a command may write into `folder`: it does not exist, is empty, or `force` is set. Makes it.
 *
 * @param who the command's name, the first word of the message
 * @throws DataError when something is already there
 */
export function claimFolder(who: string, folder: string, force: boolean): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) {
      throw new DataError(`${who} needs a folder to write to, but ${folder} is a file; choose another --out`);
    }
    if (!force && readdirSync(folder).length > 0) {
      throw new DataError(
        `${who}: ${folder} is not empty; choose another --out, or add --force to overwrite`,
      );
    }
  }
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw writeFailure(folder, error);
  }
}

/** The same for a single file: it must not exist unless `force` is set. */
export function claimFile(who: string, path: string, force: boolean): void {
  if (!force && existsSync(path)) {
    throw new DataError(`${who}: ${path} exists already; choose another --out, or add --force to overwrite`);
  }
}

/** The folder of this package (the one with its package.json), from wherever the compiled code lies. */
export function packageRoot(): string {
  let folder = __dirname;
  for (;;) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'live-cell-histology') {
      return folder;
    }
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('package.json of live-cell-histology not found above ' + __dirname);
    folder = parent;
  }
}

/** Version of this package, from its package.json. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version;
}
