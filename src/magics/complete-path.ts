/** Completion of file and folder names. */
import { readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * @param typed the path so far, maybe with `~`
 * @returns whole paths, with a slash behind folders and a backslash before blanks; hidden ones only when asked for
 */
export function completePath(typed: string, folder: string): string[] {
  const path = typed.replaceAll('\\ ', ' ');
  const slash = path.lastIndexOf('/') + 1;
  const inFolder = path.slice(0, slash);
  const begin = path.slice(slash);
  const searched = inFolder.startsWith('~/') ? join(homedir(), inFolder.slice(2)) : resolve(folder, inFolder);
  return namesIn(searched)
    .filter((name) => name.startsWith(begin) && (begin.startsWith('.') || !name.startsWith('.')))
    .map((name) => `${inFolder}${name}${isFolder(join(searched, name)) ? '/' : ''}`.replaceAll(' ', '\\ '))
    .sort();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
