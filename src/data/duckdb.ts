/** DuckDB, opened for one piece of work. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { type ColumnTable, loadArquero } from '../util/arquero';

/** Opens a database in memory, runs `use` and closes it again. */
export async function withDuckDb<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    try {
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** A text inside SQL. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name of a table or column inside SQL. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Columns as DuckDB gives them to a table: numbers (missing ones NaN; FLOAT stays float32), everything else as text (missing ones empty).
 *
 * @param types DuckDB's type of each column, such as "FLOAT"
 */
export async function tableOfColumns(
  names: readonly string[],
  types: readonly string[],
  values: readonly (readonly unknown[])[],
): Promise<ColumnTable> {
  const columns: Record<string, ArrayLike<unknown>> = {};
  names.forEach((name, i) => {
    const column = values[i];
    const toNumber = (value: unknown) => (value === null ? Number.NaN : Number(value));
    if (types[i] === 'FLOAT') columns[name] = Float32Array.from(column, toNumber);
    else if (isNumeric(types[i])) columns[name] = Float64Array.from(column, toNumber);
    else columns[name] = column.map((value) => (value === null ? '' : String(value)));
  });
  const { table } = await loadArquero();
  return table(columns as Record<string, unknown[]>);
}

function isNumeric(type: string): boolean {
  return /^(DOUBLE|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL)/.test(type);
}
