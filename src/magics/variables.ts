/** `%who`, `%whos`, `%reset`, `%pinfo`: what the notebook has declared. */
import { inspect } from 'node:util';
import { DataError } from '../util/errors';
import { defineMagic } from './magic';
import { isTable } from './magic-words';

export const whoMagic = defineMagic({
  name: 'who',
  kind: 'line',
  summary: 'Lists the names that cells have declared.',
  options: {},
  run(_, { kernel, print }) {
    const names = kernel.declaredNames().map(({ name }) => name);
    print(names.length > 0 ? names.sort().join('  ') : 'no cell has declared anything yet');
  },
});

export const whosMagic = defineMagic({
  name: 'whos',
  kind: 'line',
  summary: 'Lists the names that cells have declared, with their types and values.',
  options: {},
  run(_, { kernel, print }) {
    const names = kernel.declaredNames().sort((a, b) => (a.name < b.name ? -1 : 1));
    if (names.length === 0) return print('no cell has declared anything yet');
    const rows = names.map(({ name, type }) => [
      name,
      shorten(type.replace(/\bimport\("[^"]*"\)\./g, ''), 40),
      name in kernel.variables ? describeValue(kernel.variables[name]) : '',
    ]);
    print(alignColumns([['name', 'type', 'value'], ...rows]));
  },
});

export const resetMagic = defineMagic({
  name: 'reset',
  kind: 'line',
  summary: 'Forgets all variables and declarations; local modules run anew at their next import.',
  options: { force: { type: 'boolean', help: 'As in IPython; nothing is asked anyway.' } },
  letters: { f: 'force' },
  run(_, { kernel, print }) {
    const count = kernel.declaredNames().length;
    kernel.reset();
    print(`forgot ${count} ${count === 1 ? 'name' : 'names'}`);
  },
});

export const pinfoMagic = defineMagic({
  name: 'pinfo',
  kind: 'line',
  summary: 'Shows type and documentation of a name in the pager, as name? does.',
  options: {
    name: { type: 'string', placeholder: 'NAME', required: true, help: 'A variable or a function.' },
  },
  positional: ['name'],
  complete: (kernel) => kernel.declaredNames().map(({ name }) => name),
  async run({ options }, { kernel }) {
    const page = await kernel.inspect(options.name);
    const isDeclared = options.name in kernel.variables || options.name in globalThis;
    // TypeScript takes a name that it does not know for any
    if (!page || (!isDeclared && String(page['text/plain']).trim() === 'any'))
      throw new DataError(
        `%pinfo: ${options.name} is not known (%who lists the names that cells have declared)`,
      );
    kernel.page(page);
  },
});

/** A value in a few words. */
export function describeValue(value: unknown): string {
  if (isTable(value)) return `${value.numRows()} rows × ${value.columnNames().length} columns`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `${value.constructor.name} of ${(value as Uint8Array).length.toLocaleString('en-US')}`;
  }
  if (Array.isArray(value)) return `${value.length} items`;
  if (value instanceof Map || value instanceof Set) return `${value.constructor.name} of ${value.size}`;
  if (typeof value === 'function') return 'function';
  const text = inspect(value, { depth: 0, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60 });
  return shorten(text.replace(/\s+/g, ' '), 60);
}

/** Lines of text with columns below each other. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function shorten(text: string, width: number): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}
