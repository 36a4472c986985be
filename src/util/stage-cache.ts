/**
 * Heavy results kept between runs. A stage's folder is named by the sum of what the result depends on (inputs, parameters and code), so a changed
 * parameter makes only what depends on it again.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from './files';

/** A folder of one result, finished or not. */
export interface StageFolder {
  folder: string;
  /** Sum of what the result depends on. */
  key: string;
  /** Whether an earlier run completed it. */
  done: boolean;
  /** Call when everything is written. */
  finish(): void;
}

const doneMark = 'done.json';

/**
 * The folder of a stage's result, made if it is new.
 *
 * @param name of the stage, the folder's first word
 * @param inputs plain values and bytes that the result follows from
 * @param code folders below `src/` whose code makes the result
 * @example
 * const stage = openStage(cache, 'descriptors', [modelKey, imagesSum], ['autoencoder', 'compute', 'latent']);
 * if (!stage.done) { write(join(stage.folder, 'z.bin')); stage.finish(); }
 */
export function openStage(
  cache: string,
  name: string,
  inputs: readonly unknown[],
  code: readonly string[],
): StageFolder {
  const stage = stageOf(cache, name, inputs, code);
  mkdirSync(stage.folder, { recursive: true });
  markUsed(stage.folder);
  return stage;
}

/** The same stage, if an earlier run completed it; nothing is made. */
export function findStage(...of: Parameters<typeof openStage>): StageFolder | null {
  const stage = stageOf(...of);
  if (!stage.done) return null;
  markUsed(stage.folder);
  return stage;
}

function stageOf(...[cache, name, inputs, code]: Parameters<typeof openStage>): StageFolder {
  const key = sumOf([name, ...inputs, codeSum(code)]);
  const folder = join(cache, `${name}-${key.slice(0, 16)}`);
  const mark = join(folder, doneMark);
  return {
    folder,
    key,
    done: existsSync(mark) && JSON.parse(readFileSync(mark, 'utf8')).key === key,
    finish: () => writeFileAtomic(mark, `${JSON.stringify({ stage: name, key }, null, 2)}\n`),
  };
}

/** The folder's own time says when it was last used; pruneStages goes by it. */
function markUsed(folder: string): void {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // a cache shared with others that only they may change: theirs to prune
  }
}

/** SHA-256 over values; bytes by content, everything else as JSON. */
export function sumOf(values: readonly unknown[]): string {
  const hash = createHash('sha256');
  for (const value of values) {
    if (ArrayBuffer.isView(value)) {
      hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else hash.update(JSON.stringify(value) ?? 'undefined');
    hash.update('\0');
  }
  return hash.digest('hex');
}

const codeSums = new Map<string, string>();

/** SHA-256 of the compiled files of some folders beside this one. */
function codeSum(folders: readonly string[]): string {
  const name = [...folders].sort().join(',');
  const known = codeSums.get(name);
  if (known) return known;
  const hash = createHash('sha256');
  for (const folder of [...folders].sort()) {
    const root = resolve(__dirname, '..', folder);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js') && statSync(join(root, file)).isFile())
      .sort();
    for (const file of files) hash.update(`${folder}/${file}\0`).update(readFileSync(join(root, file)));
  }
  const sum = hash.digest('hex');
  codeSums.set(name, sum);
  return sum;
}
