/** Temporary folders that take the place of a data set's folder once they are complete. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Lets `fill` write into an empty folder beside `folder`, then renames that to `folder`, replacing what was there. When `fill` throws,
 * `folder` is as before. What a killed process left of an earlier try is removed: whoever calls this holds the data set's turn.
 */
export async function replaceFolder<T>(folder: string, fill: (empty: string) => Promise<T>): Promise<T> {
  const parent = dirname(folder);
  const prefix = `.${basename(folder)}.unfinished.`;
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    if (name.startsWith(prefix)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const temporary = join(parent, prefix + randomBytes(4).toString('hex'));
  mkdirSync(temporary);
  try {
    const result = await fill(temporary);
    rmSync(folder, { recursive: true, force: true });
    renameSync(temporary, folder);
    return result;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
}
