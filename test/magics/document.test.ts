/**
 * The tables of docs/magics.md are those of the magics. After a change of a magic:
 *
 *   LCH_ACCEPT_DOCS=1 node scripts/test.mjs magics/document
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { OptionTable } from '../../src/commands/command';
import { commandMagics } from '../../src/magics/command-magics';
import type { AnyMagic } from '../../src/magics/magic';
import { generalMagics, magicTable } from '../../src/magics/magic-table';
import { packageRoot } from '../../src/util/files';

const file = join(packageRoot(), 'docs', 'magics.md');
const [begin, end] = [/^<!-- made from the table of magics.*-->\n/m, /^<!-- end -->$/m];

describe('the table of magics', () => {
  it('is what docs/magics.md says', () => {
    const text = readFileSync(file, 'utf8');
    const from = begin.exec(text)!;
    const start = from.index + from[0].length;
    const stop = start + text.slice(start).search(end);
    const tables = document();
    if (process.env.LCH_ACCEPT_DOCS === '1') {
      writeFileSync(file, text.slice(0, start) + tables + text.slice(stop));
    } else assert.equal(text.slice(start, stop), tables, 'accept it with LCH_ACCEPT_DOCS=1');
  });

  it('names no magic twice', () => {
    const names = magicTable().map(({ name }) => name);
    assert.deepEqual([...new Set(names)], names);
  });

  it('has letters and positional words only for options that exist', () => {
    for (const { name, options, positional = [], letters = {} } of magicTable()) {
      for (const option of [...positional, ...Object.values(letters)]) {
        assert.ok(String(option) in (options as OptionTable), `%${name}: ${String(option)}`);
      }
    }
  });
});

function document(): string {
  const sections = [...Object.entries(generalMagics), ['Commands of the library', commandMagics] as const];
  return sections.map(([title, magics]) => `\n## ${title}\n\n${table(magics)}\n`).join('') + '\n';
}

function table(magics: readonly AnyMagic[]): string {
  const rows = magics.map((magic) => `| ${usages(magic)} | ${escapeBars(magic.summary)} |`);
  return ['| Magic | What it does |', '|---|---|', ...rows].join('\n');
}

function usages(magic: AnyMagic): string {
  const forms = [
    ...(magic.kind === 'cell' ? [] : [`%${magic.name}${behindName(magic, 'line')}`]),
    ...(magic.kind === 'line' ? [] : [`%%${magic.name}${behindName(magic, 'cell')}`]),
  ];
  return forms.map((form) => `\`${escapeBars(form)}\``).join('<br>');
}

function behindName(magic: AnyMagic, form: 'line' | 'cell'): string {
  const options = Object.entries(magic.options as OptionTable);
  const isPositional = (name: string) => (magic.positional as readonly string[] | undefined)?.includes(name);
  const words = options
    .filter(([name, { required }]) => isPositional(name) || required === true)
    .map(([name, { required, placeholder = name.toUpperCase() }]) => {
      if (!isPositional(name)) return `--${name} ${placeholder}`;
      return required ? placeholder : `[${placeholder}]`;
    });
  if (form === 'cell' && magic.namesResult) words.push('[NAME]');
  if (form === 'line' && magic.argument === 'text') words.push('…');
  if (form === 'line' && /^(value|function)$/.test(magic.argument ?? '')) words.push('CODE');
  if (options.length > words.length) words.push('[options]');
  return words.map((word) => ` ${word}`).join('');
}

function escapeBars(text: string): string {
  return text.replaceAll('|', '\\|');
}
