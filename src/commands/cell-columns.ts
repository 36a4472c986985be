/** What is known of cells beside their descriptors: columns of the descriptors' own table or, by path, of a second one. */
import { basename } from 'node:path';
import { readTable } from '../data/table-io';
import { takeRows } from '../stats/matrix';
import type { ColumnTable } from '../util/arquero';
import { DataError, OptionError } from '../util/errors';
import { nearestName } from '../util/nearest-name';
import type { OptionSpec } from './command';
import { type Latents, readLatents } from './shared';

export const metadataOption = {
  type: 'string',
  placeholder: 'CELLS.csv',
  help: 'Table with a column path and the columns named here, where the descriptors’ own table lacks them.',
  path: true,
} as const satisfies OptionSpec;

export const onlyOption = {
  type: 'string',
  placeholder: 'COLUMN=VALUE,…',
  help: 'Only cells with one of these values, such as category=PDX; default all.',
} as const satisfies OptionSpec;

/** Descriptors, and where their columns are looked up. */
export interface Cells extends Latents {
  /** The command's name, the first word of its messages. */
  who: string;
  /** Whether a table has this column. */
  has(name: string): boolean;
  /** The value of a column for every cell as text; '' where it is missing. @throws DataError when no table has it */
  column(name: string): string[];
}

/** Reads the descriptors and, if given, the second table; keeps the cells that `--only` names. @throws DataError, OptionError */
export async function openCells(
  who: string,
  options: { latents: string; metadata?: string; only?: string },
): Promise<Cells> {
  const all = await openAllCells(who, options);
  if (options.only === undefined) return all;
  const [name, text] = splitOnce(options.only);
  const wanted = text.split(',').filter((value) => value !== '');
  if (name === '' || wanted.length === 0) {
    throw new OptionError(
      `${who}: --only needs COLUMN=VALUE or COLUMN=VALUE,VALUE, such as category=PDX, got "${options.only}"`,
    );
  }
  const values = all.column(name);
  const rows = [...values.keys()].filter((i) => wanted.includes(values[i]));
  if (rows.length === 0) {
    throw new DataError(
      `${who}: no cell has ${name} ${wanted.join(' or ')}; its values are ${[...new Set(values)].slice(0, 10).join(', ')}`,
    );
  }
  return {
    ...all,
    table: all.table.reify(rows),
    paths: rows.map((i) => all.paths[i]),
    values: takeRows(all.values, all.dims, rows),
    n: rows.length,
    column(other) {
      const whole = all.column(other);
      return rows.map((i) => whole[i]);
    },
  };
}

/** COLUMN=VALUE → both; the value is '' without an equals sign. */
export function splitOnce(text: string): [column: string, value: string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

async function openAllCells(who: string, options: { latents: string; metadata?: string }): Promise<Cells> {
  const latents = await readLatents(options.latents);
  const metadata = options.metadata ? await readTable(options.metadata) : null;
  if (metadata && !metadata.columnNames().includes('path')) {
    throw new DataError(
      `${who}: ${options.metadata} has no column path (it has ${metadata.columnNames().slice(0, 8).join(', ')} …); rows are joined by it`,
    );
  }
  return {
    ...latents,
    who,
    has: (name) =>
      latents.table.columnNames().includes(name) || metadata?.columnNames().includes(name) === true,
    column(name) {
      if (latents.table.columnNames().includes(name)) return textColumn(latents.table, name);
      if (metadata?.columnNames().includes(name)) {
        const values = textColumn(metadata, name);
        return rowsByPath(who, latents.paths, metadata, options.metadata!, (row) => values[row]).map((row) =>
          row < 0 ? '' : values[row],
        );
      }
      const known = [
        ...latents.table.columnNames().filter((column) => !/^z\d+$/.test(column)),
        ...(metadata?.columnNames() ?? []),
      ];
      const nearest = nearestName(name, known);
      throw new DataError(
        `${who}: neither ${options.latents}${options.metadata ? ` nor ${options.metadata}` : ''} has a column ${name}; ${nearest ? `nearest is ${nearest}` : `they have ${known.join(', ')}`}`,
      );
    },
  };
}

/** False for an empty value and for "unknown". */
export function isKnown(value: string): boolean {
  return value !== '' && value !== 'unknown' && value !== 'null' && value !== 'undefined' && value !== 'NaN';
}

/** Rows for which all columns are known. */
export function rowsWhere(columns: readonly (readonly string[])[]): number[] {
  return Array.from(columns[0].keys()).filter((i) => columns.every((column) => isKnown(column[i])));
}

/**
 * Numbers of cells from another table, such as shape measures: its numeric columns, joined by path.
 *
 * @returns values [n, names.length]; rows of cells that the table lacks or has no number for hold NaN
 * @throws DataError when the table has no column path or no numeric one
 */
export async function numbersOf(
  who: string,
  paths: readonly string[],
  file: string,
): Promise<{ names: string[]; values: Float64Array }> {
  const table = await readTable(file);
  const names = table
    .columnNames()
    .filter((name) => name !== 'path' && isNumeric(table.array(name) as ArrayLike<unknown>));
  if (!table.columnNames().includes('path') || names.length === 0) {
    throw new DataError(
      `${who}: ${file} needs a column path and columns of numbers, it has ${table.columnNames().slice(0, 8).join(', ')}; make such a table with lch hallmarks`,
    );
  }
  const columns = names.map((name) => table.array(name) as ArrayLike<number>);
  const rows = rowsByPath(who, paths, table, file, (row) => columns.map((column) => column[row]).join());
  const values = new Float64Array(paths.length * names.length).fill(Number.NaN);
  rows.forEach((row, i) => {
    if (row >= 0)
      columns.forEach((column, j) => {
        values[i * names.length + j] = column[row] ?? Number.NaN;
      });
  });
  return { names, values };
}

/** Some numbers, and nothing but numbers and missing values. */
function isNumeric(values: ArrayLike<unknown>): boolean {
  const present = Array.from(values).filter((value) => value !== null && value !== undefined);
  return present.length > 0 && present.every((value) => typeof value === 'number');
}

function textColumn(table: ColumnTable, name: string): string[] {
  return Array.from(table.array(name) as ArrayLike<unknown>, (value) =>
    value === null || value === undefined ? '' : String(value),
  );
}

/**
 * The row of `table` for each path: of the same path, else of the same file name; −1 without one.
 *
 * @param contentOf tells rows apart: two of one name and different content are an error, since nobody can say which is meant
 */
function rowsByPath(
  who: string,
  paths: readonly string[],
  table: ColumnTable,
  file: string,
  contentOf: (row: number) => string,
): number[] {
  const byPath = new Map<string, number>();
  const byName = new Map<string, number>();
  const ambiguous = new Set<string>();
  textColumn(table, 'path').forEach((path, row) => {
    byPath.set(path, row);
    const name = basename(path);
    const earlier = byName.get(name);
    if (earlier !== undefined && contentOf(earlier) !== contentOf(row)) ambiguous.add(name);
    byName.set(name, row);
  });
  return paths.map((path) => {
    const same = byPath.get(path);
    if (same !== undefined) return same;
    const name = basename(path);
    if (ambiguous.has(name)) {
      throw new DataError(
        `${who}: ${file} has several rows for a file ${name}, none of path ${path}; give it the same paths as the descriptors`,
      );
    }
    return byName.get(name) ?? -1;
  });
}
