/** Completion, documentation and "is it complete?" for what is written in magics; the TypeScript in them is left to the kernel. */
import type { OptionSpec, OptionTable } from '../commands/command';
import type { CellAssistant, KernelServices } from '../kernel/services';
import { completePath } from './complete-path';
import type { AnyMagic } from './magic';
import { magicHelp, magicHelpMarkdown } from './magic-help';
import { magicTable } from './magic-table';
import { type FoundMagic, findMagics } from './scan/find-magics';
import type { Notebook } from './scan/magic-syntax';

interface Matches {
  matches: string[];
  start: number;
  end: number;
}

export function magicAssistant(kernel: KernelServices, notebook: Notebook): CellAssistant {
  return {
    async complete(source, offset) {
      const found = magicAround(source, offset, notebook);
      if (!found) return null;
      if (offset <= found.nameEnd) return found.sigil === '!' ? null : completeName(source, found, offset);
      const magic = found.syntax && magicOf(found);
      return magic ? completeWord(source, found, magic, offset, kernel) : null;
    },
    async inspect(source, offset) {
      const found = magicAround(source, offset, notebook);
      const magic = found && magicOf(found);
      if (!magic || isInCode(found, offset)) return null;
      return { 'text/plain': magicHelp(magic), 'text/markdown': magicHelpMarkdown(magic) };
    },
    isComplete(source) {
      if (!/^[\s\uFEFF]*%%/.test(source)) return null;
      // as in IPython: an empty line ends the cell
      return /\n[^\S\n]*$/.test(source) ? { status: 'complete' } : { status: 'incomplete', indent: '' };
    },
  };
}

function magicOf({ name }: FoundMagic): AnyMagic | undefined {
  return magicTable().find((magic) => magic.name === name);
}

/** The magic whose line holds the offset. */
function magicAround(source: string, offset: number, notebook: Notebook): FoundMagic | undefined {
  return findMagics(source, notebook).find(({ start, end, sigil, argument }) => {
    const lineEnd = sigil === '%%' ? argument.end : end;
    return start < offset && offset <= lineEnd;
  });
}

function isInCode({ argument, words, syntax, body }: FoundMagic, offset: number): boolean {
  if (body && offset >= body.start) return true;
  const isCode = syntax?.argument === 'value' || syntax?.argument === 'function';
  if (isCode && argument.start < argument.end && argument.start <= offset && offset <= argument.end)
    return true;
  return words.some(({ parts }) =>
    parts.some(
      (part) => 'expression' in part && part.expression.start <= offset && offset <= part.expression.end,
    ),
  );
}

function completeName(source: string, { start, sigil, nameEnd }: FoundMagic, offset: number): Matches {
  const typed = source.slice(start + sigil.length, offset);
  const isFirst = source.slice(0, start).trim() === '';
  const names = magicTable().flatMap(({ name, kind }) => [
    ...(sigil === '%' && kind !== 'cell' ? [`%${name}`] : []),
    ...(isFirst && kind !== 'line' ? [`%%${name}`] : []),
  ]);
  const matches = names.filter((name) => name.replace(/^%+/, '').startsWith(typed)).sort();
  return { matches, start, end: nameEnd };
}

function completeWord(
  source: string,
  found: FoundMagic,
  magic: AnyMagic,
  offset: number,
  kernel: KernelServices,
): Matches | null {
  if (isInCode(found, offset)) return null;
  const options = magic.options as OptionTable;
  const before = found.words
    .filter(({ end }) => end < offset)
    .map(({ start, end }) => source.slice(start, end));
  const current = found.words.find(({ start, end }) => start <= offset && offset <= end);
  const start = current?.start ?? offset;
  const end = current?.end ?? offset;
  const typed = source.slice(start, offset);
  const last = before.at(-1);
  const owner = /^--([^=]+)$/.exec(last ?? '')?.[1];
  if (owner && options[owner] && options[owner].type !== 'boolean') {
    return valuesOf(options[owner], typed, { start, end }, kernel);
  }
  const inline = /^--([^=]+)=/.exec(typed);
  if (inline) {
    const from = start + inline[0].length;
    const spec = options[inline[1]];
    return spec ? valuesOf(spec, source.slice(from, offset), { start: from, end }, kernel) : null;
  }
  const given = new Set(before.map((word) => /^--([^=]+)/.exec(word)?.[1]));
  const names = Object.keys(options)
    .filter((name) => !given.has(name) && !magic.positional?.includes(name))
    .map((name) => `--${name}`);
  const matchingNames = [...names, '--help'].filter((name) => name.startsWith(typed));
  if (typed.startsWith('-')) return { matches: matchingNames, start, end };

  const next = magic.positional?.[countPositional(before, options)];
  const values = next === undefined ? null : valuesOf(options[next], typed, { start, end }, kernel);
  const own = magic.complete?.(kernel).filter((word) => word.startsWith(typed)) ?? [];
  const matches = [...own, ...(values?.matches ?? []), ...(typed === '' ? matchingNames : [])];
  return { matches: [...new Set(matches)], start: values?.start ?? start, end };
}

/** Words without `--name` among those before. */
function countPositional(words: readonly string[], options: OptionTable): number {
  return words.filter((word, i) => {
    const owner = /^--([^=]+)$/.exec(words[i - 1] ?? '')?.[1];
    return !word.startsWith('--') && !(owner && options[owner] && options[owner].type !== 'boolean');
  }).length;
}

function valuesOf(
  spec: OptionSpec,
  typed: string,
  { start, end }: { start: number; end: number },
  kernel: KernelServices,
): Matches {
  if (spec.type === 'choice') {
    return { matches: spec.choices.filter((choice) => choice.startsWith(typed)), start, end };
  }
  if (spec.path) return { matches: completePath(typed, kernel.workingFolder), start, end };
  if (spec.default !== undefined && typed === '') return { matches: [String(spec.default)], start, end };
  return { matches: [], start, end };
}
