/** Tables on disk: CSV, Parquet and Arrow, by the file's extension. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { type ColumnTable, loadArquero } from '../util/arquero';
import { csvField, csvRows } from '../util/csv';
import { DataError, messageOf } from '../util/errors';
import { writeAtomicWith, writeFileAtomic } from '../util/files';
import { sqlName, sqlText, tableOfColumns, withDuckDb } from './duckdb';

/** Columns that stay text even when every value looks like a number: dates, codes and names. */
const textColumns = new Set([
  'path',
  'date',
  'cell_type',
  'series',
  'track',
  'tumor',
  'label',
  'group',
  'fold',
  'day',
]);
const number = /^[+-]?(?:\d+\.?\d*|\.\d+|Infinity)(?:[eE][+-]?\d+)?$|^NaN$/;

/** Whole numbers that float64 would not give back digit by digit: leading zeros ("007"), and long ones. */
function isCode(text: string): boolean {
  return /^[+-]?\d+$/.test(text) && String(Number(text)) !== text.replace('+', '').replace(/^-0$/, '0');
}

/**
 * Reads a table. In CSV, a column is numeric when every value that is not empty is a number (empty becomes NaN); dates (yymmdd), cell
 * types, series, tracks and tumors stay text, and so does a column with a code such as 007 or a whole number beyond 2⁵³.
 *
 * @throws DataError when the file is missing, of another kind, or damaged
 */
export async function readTable(path: string): Promise<ColumnTable> {
  try {
    switch (extname(path).toLowerCase()) {
      case '.csv':
        return await readCsv(readFileSync(path, 'utf8'));
      case '.parquet':
        closeSync(openSync(path, 'r')); // says plainly when there is none
        return await readParquet(path);
      case '.arrow':
        return (await loadArquero()).fromArrow(new Uint8Array(readFileSync(path)));
    }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new DataError(
      missing
        ? `the table ${path} does not exist`
        : `the table ${path} cannot be read: ${messageOf(error).split('\n')[0]}`,
      { cause: error },
    );
  }
  throw new DataError(`the table ${path} must end in .csv, .parquet or .arrow`);
}

/**
 * Writes a table so that it is whole or not there. CSV holds numbers with all their digits; NaN and missing values become empty.
 *
 * @throws DataError for another extension, or when it cannot be written
 */
export async function writeTable(path: string, table: ColumnTable): Promise<void> {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return writeFileAtomic(path, toCsv(table));
    case '.parquet':
      return writeAtomicWith(path, (temporary) => writeParquet(temporary, table));
    case '.arrow': {
      const bytes = table.toArrowIPC({ format: 'file' });
      if (!bytes) throw new DataError(`the table ${path} cannot be written as Arrow`);
      return writeFileAtomic(path, bytes);
    }
  }
  throw new DataError(`the table ${path} must end in .csv, .parquet or .arrow`);
}

function toCsv(table: ColumnTable): string {
  const names = table.columnNames();
  const columns = names.map((name) => table.array(name) as ArrayLike<unknown>);
  const lines = [names.map(csvField).join(',')];
  for (let row = 0; row < table.numRows(); row++)
    lines.push(columns.map((column) => csvField(column[row])).join(','));
  return `${lines.join('\n')}\n`;
}

async function readCsv(text: string): Promise<ColumnTable> {
  const [header, ...rows] = csvRows(text);
  if (!header) throw new DataError('a CSV table needs a first line with column names');
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) throw new DataError(`column ${twice} stands there twice; rename one of them`);
  const uneven = rows.findIndex((row) => row.length !== header.length);
  if (uneven >= 0) {
    throw new DataError(
      `row ${uneven + 1} has ${rows[uneven].length} fields where the first line names ${header.length}; mend it`,
    );
  }
  const columns: Record<string, ArrayLike<unknown>> = {};
  header.forEach((name, i) => {
    const values = rows.map((row) => row[i]);
    const numeric =
      !textColumns.has(name) &&
      values.some((value) => value !== '') &&
      values.every((value) => value === '' || (number.test(value) && !isCode(value)));
    columns[name] = numeric
      ? Float64Array.from(values, (value) => (value === '' ? Number.NaN : Number(value)))
      : values;
  });
  const { table } = await loadArquero();
  return table(columns as Record<string, unknown[]>);
}

async function readParquet(path: string): Promise<ColumnTable> {
  return withDuckDb(async (connection) => {
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet(${sqlText(path)})`);
    return tableOfColumns(reader.columnNames(), reader.columnTypes().map(String), reader.getColumnsJS());
  });
}

async function writeParquet(path: string, table: ColumnTable): Promise<void> {
  await withDuckDb(async (connection) => {
    const names = table.columnNames();
    const columns = names.map((name) => table.array(name) as ArrayLike<unknown>);
    const types = columns.map((column, i) =>
      table.column(names[i]) instanceof Float32Array // array() above has made plain numbers of it
        ? 'FLOAT'
        : Array.from(column).every((value) => value === null || typeof value === 'number')
          ? 'DOUBLE'
          : 'VARCHAR',
    );
    const quoted = names.map(sqlName);
    await connection.run(`CREATE TABLE t (${quoted.map((name, i) => `${name} ${types[i]}`).join(', ')})`);
    const appender = await connection.createAppender('t');
    for (let row = 0; row < table.numRows(); row++) {
      columns.forEach((column, i) => {
        const value = column[row];
        if (value === null || value === undefined) appender.appendNull();
        else if (types[i] === 'FLOAT') appender.appendFloat(value as number);
        else if (types[i] === 'DOUBLE') appender.appendDouble(value as number);
        else appender.appendVarchar(String(value));
      });
      appender.endRow();
    }
    appender.closeSync();
    await connection.run(`COPY t TO ${sqlText(path)} (FORMAT parquet)`);
  });
}

/** Names of the columns z1, z2, … in the order of their numbers. */
export function latentColumns(table: ColumnTable): string[] {
  return table
    .columnNames()
    .filter((name) => /^z\d+$/.test(name))
    .sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
}

/**
 * The descriptors of a table as a matrix.
 *
 * @returns values [n, dims] row by row
 * @throws DataError when there are no columns z1, z2, …, one is missing in between, or a value is not a number
 */
export function latentMatrix(table: ColumnTable): { values: Float64Array; n: number; dims: number } {
  const names = latentColumns(table);
  if (names.length === 0) {
    throw new DataError(
      `the table has no descriptors (no columns z1, z2, …; it has ${table.columnNames().slice(0, 8).join(', ')}); make them with lch encode`,
    );
  }
  names.forEach((name, i) => {
    if (name !== `z${i + 1}`)
      throw new DataError(`the table of descriptors lacks column z${i + 1}; encode the crops again`);
  });
  const n = table.numRows();
  const dims = names.length;
  const values = new Float64Array(n * dims);
  names.forEach((name, j) => {
    const column = table.array(name) as ArrayLike<unknown>;
    for (let i = 0; i < n; i++) {
      const value = column[i];
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw new DataError(
          `row ${i + 1} of the descriptors has ${name} "${value}", which is no number; encode the crops again`,
        );
      }
      values[i * dims + j] = value;
    }
  });
  return { values, n, dims };
}
