/** Tables larger than memory: SQL over files, run by DuckDB, which reads only the columns and row groups a question needs. */

import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnTable } from '../util/arquero';
import { DataError, messageOf, OptionError, throwIfInterrupted } from '../util/errors';
import { writeAtomicWith } from '../util/files';
import { sqlName, sqlText, tableOfColumns, withDuckDb } from './duckdb';

export interface QueryOptions {
  /** Most memory that DuckDB takes before it goes on in temporary files, such as "512MB". Default "1GB". */
  memory?: string;
  /** Values for $name in the SQL. */
  values?: Record<string, string | number>;
  signal?: AbortSignal;
}

/** Names used in the SQL, and their files: .parquet or .csv, with * for many files. */
export type TableFiles = Record<string, string>;

/**
 * Asks a question about table files and returns the answer as a table in memory.
 *
 * @param sql DuckDB's SQL (SELECT …) over the names of `files`
 * @returns numbers as float64 (FLOAT as float32), everything else as text
 * @throws DataError when a file is missing or the SQL cannot be run; InterruptedError
 * @example
 * const perTumor = await queryTables('SELECT tumor, count(*) AS cells FROM z GROUP BY tumor ORDER BY tumor', { z: 'z.parquet' });
 */
export function queryTables(
  sql: string,
  files: TableFiles,
  options: QueryOptions = {},
): Promise<ColumnTable> {
  return withTables('queryTables', files, options, async (connection) => {
    const reader = await connection.runAndReadAll(sql, options.values);
    return tableOfColumns(reader.columnNames(), reader.columnTypes().map(String), reader.getColumnsJS());
  });
}

/**
 * Hands the answer over in tables of a few thousand rows, so that it may be larger than memory.
 *
 * @param visit called with one table after the other, in the answer's order; the next is fetched when it is done
 * @throws DataError as {@link queryTables}; InterruptedError
 * @example
 * await eachTable('SELECT * FROM z WHERE tumor = $tumor', { z: 'z.parquet' }, async (part) => { … }, { values: { tumor: 'm481' } });
 */
export function eachTable(
  sql: string,
  files: TableFiles,
  visit: (part: ColumnTable) => void | Promise<void>,
  options: QueryOptions = {},
): Promise<void> {
  return withTables('eachTable', files, options, async (connection) => {
    const result = await connection.stream(sql, options.values);
    const names = result.columnNames();
    const types = result.columnTypes().map(String);
    for await (const rows of result.yieldRowsJs()) {
      throwIfInterrupted(options.signal, 'eachTable');
      const columns = names.map((_, column) => rows.map((row) => row[column]));
      await visit(await tableOfColumns(names, types, columns));
    }
  });
}

/**
 * Writes the answer to a Parquet or CSV file without it ever being in memory as a whole.
 *
 * @throws DataError as {@link queryTables}; OptionError for another extension
 * @example
 * await queryToFile('SELECT * FROM z JOIN u USING (path)', { z: 'z.parquet', u: 'u.parquet' }, 'joined.parquet');
 */
export function queryToFile(
  sql: string,
  files: TableFiles,
  path: string,
  options: QueryOptions = {},
): Promise<void> {
  const extension = extname(path).toLowerCase();
  if (extension !== '.parquet' && extension !== '.csv') {
    throw new OptionError(`queryToFile: ${path} must end in .parquet or .csv`);
  }
  const format = extension === '.csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet';
  return withTables('queryToFile', files, options, (connection) =>
    writeAtomicWith(path, async (temporary) => {
      await connection.run(`COPY (${sql}) TO ${sqlText(temporary)} (${format})`, options.values);
    }),
  );
}

async function withTables<T>(
  who: string,
  files: TableFiles,
  { memory = '1GB', signal }: QueryOptions,
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  throwIfInterrupted(signal, who);
  for (const path of Object.values(files)) {
    if (!path.includes('*') && !existsSync(path))
      throw new DataError(`${who}: the table ${path} does not exist`);
  }
  return withDuckDb(async (connection) => {
    const stop = () => connection.interrupt();
    signal?.addEventListener('abort', stop);
    let visiting = false;
    try {
      await connection.run(`SET memory_limit = ${sqlText(memory)}`);
      await connection.run(`SET temp_directory = ${sqlText(tmpdir())}`);
      for (const [name, path] of Object.entries(files)) {
        await connection.run(`CREATE VIEW ${sqlName(name)} AS SELECT * FROM ${readerOf(who, path)}`);
      }
      visiting = true;
      return await use(connection);
    } catch (error) {
      throwIfInterrupted(signal, who);
      if (error instanceof Error && error.constructor !== Error) throw error;
      const part = visiting ? 'the query' : 'a table';
      throw new DataError(`${who}: ${part} cannot be read: ${messageOf(error).split('\n')[0]}`, {
        cause: error,
      });
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  });
}

function readerOf(who: string, path: string): string {
  const extension = extname(path).toLowerCase();
  if (extension === '.parquet') return `read_parquet(${sqlText(path)})`;
  // all columns as text: a cell type such as 007 must not become a number; cast in the SQL what is one
  if (extension === '.csv') return `read_csv(${sqlText(path)}, header = true, all_varchar = true)`;
  throw new OptionError(`${who}: the table ${path} must end in .parquet or .csv`);
}
