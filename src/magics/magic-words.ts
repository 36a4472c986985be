/** Words of a magic as they come at run time: texts, and the values of `{expression}`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OptionValues } from '../commands/command';
import { parseOptions } from '../commands/parse-options';
import { writeTable } from '../data/table-io';
import type { ColumnTable } from '../util/arquero';
import { OptionError } from '../util/errors';
import type { AnyMagic } from './magic';

/** The value of an expression that is a word of its own, or of `--name={expression}`. */
export class WordValue {
  constructor(
    readonly value: unknown,
    readonly option?: string,
  ) {}
}

/**
 * Options of a call, checked by the magic's table. A table that is given where a file is wanted becomes a file for as long as `use` runs.
 *
 * @throws OptionError naming the option, what it needs, and what came
 */
export async function withOptions<R>(
  magic: AnyMagic,
  words: readonly unknown[],
  use: (options: OptionValues<AnyMagic['options']>) => R | Promise<R>,
): Promise<R> {
  const folder = mkdtempOnce();
  try {
    const texts = await asTexts(magic, words, folder);
    return await use(parseOptions(magic, joinRest(magic, texts), '%'));
  } finally {
    folder.remove();
  }
}

async function asTexts(
  magic: AnyMagic,
  words: readonly unknown[],
  folder: TemporaryFolder,
): Promise<string[]> {
  const texts: string[] = [];
  for (const word of words) {
    if (!(word instanceof WordValue)) {
      texts.push(longOption(magic, String(word)));
      continue;
    }
    const text = await textOf(`%${magic.name}`, word.value, folder);
    const before = texts.at(-1);
    const isOfOption = before !== undefined && /^--[^=]+$/.test(before) && takesValue(magic, before.slice(2));
    if (word.option !== undefined) texts.push(`--${word.option}=${text}`);
    // behind "=", so that a value that begins with dashes is not taken for an option
    else if (isOfOption) texts[texts.length - 1] = `${before}=${text}`;
    else texts.push(text);
  }
  return texts;
}

function takesValue(magic: AnyMagic, option: string): boolean {
  return magic.options[option] !== undefined && magic.options[option].type !== 'boolean';
}

/** `-n` → `--loops`. */
function longOption(magic: AnyMagic, word: string): string {
  const letter = /^-([A-Za-z])$/.exec(word)?.[1];
  return letter && magic.letters?.[letter] ? `--${String(magic.letters[letter])}` : word;
}

/** Makes one word of all those that belong to the last positional option. */
function joinRest(magic: AnyMagic, texts: string[]): string[] {
  const places = magic.positional?.length ?? 0;
  if (!magic.takesRest || places === 0) return texts;
  const first = texts.findIndex(
    (_, i) => isPositional(magic, texts, i) && countPositional(magic, texts, i) === places - 1,
  );
  return first < 0 ? texts : [...texts.slice(0, first), texts.slice(first).join(' ')];
}

function isPositional(magic: AnyMagic, texts: readonly string[], i: number): boolean {
  if (texts[i].startsWith('--')) return false;
  const before = texts[i - 1];
  return !(before?.startsWith('--') && !before.includes('=') && takesValue(magic, before.slice(2)));
}

function countPositional(magic: AnyMagic, texts: readonly string[], end: number): number {
  return texts.slice(0, end).filter((_, i) => isPositional(magic, texts, i)).length;
}

async function textOf(who: string, value: unknown, folder: TemporaryFolder): Promise<string> {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return Array.from(value as ArrayLike<unknown>).join(',');
  if (isTable(value)) {
    const file = folder.fileName('.parquet');
    await writeTable(file, value);
    return file;
  }
  const came = value === null ? 'null' : typeof value === 'object' ? value.constructor?.name : typeof value;
  throw new OptionError(
    `${who}: {expression} must give text, a number, a list of numbers or a table, got ${came}`,
  );
}

/** An Arquero table, whichever copy of Arquero made it. */
export function isTable(value: unknown): value is ColumnTable {
  const table = value as Partial<ColumnTable> | null | undefined;
  return typeof table?.columnNames === 'function' && typeof table.numRows === 'function';
}

export interface TemporaryFolder {
  fileName(extension: string): string;
  remove(): void;
}

/** A folder that is made when its first file is wanted. */
export function mkdtempOnce(): TemporaryFolder {
  let folder: string | undefined;
  let files = 0;
  return {
    fileName(extension) {
      folder ??= mkdtempSync(join(tmpdir(), 'lch-magic-'));
      return join(folder, `${++files}${extension}`);
    },
    remove() {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
