import type { ColumnTable } from '../util/arquero';
import { DataError } from '../util/errors';

export interface JoinOptions {
  /** Columns that both tables have and that tell which row belongs to which, such as ['date', 'series']. */
  by: readonly string[];
  /** Columns to add. Default: all that the crops do not have yet. */
  columns?: readonly string[];
  /** What crops without a partner get in a text column. Default ''. In a numeric one they get NaN. */
  missing?: string;
}

/**
 * Adds what is known of cell types, days or experiments to a table of crops. Rows keep their number and order; columns that the crops have
 * already stay as they are.
 *
 * @param metadata one row per value of `by`
 * @throws DataError when a column to join by is missing, or a value stands there twice
 * @example
 * const experiments = await readTable('experiments.csv'); // date, series, microscope, passage
 * const table = joinMetadata(crops.table, experiments, { by: ['date', 'series'] });
 */
export function joinMetadata(
  crops: ColumnTable,
  metadata: ColumnTable,
  { by, columns, missing = '' }: JoinOptions,
): ColumnTable {
  const rowOf = new Map<string, number>();
  keysOf(metadata, by, 'the metadata').forEach((key, row) => {
    const earlier = rowOf.get(key);
    if (earlier !== undefined) {
      throw new DataError(
        `joinMetadata: the metadata have ${by.join(', ')} ${JSON.parse(key).join(', ')} in row ${earlier + 1} and row ${row + 1}; keep one of them`,
      );
    }
    rowOf.set(key, row);
  });
  const partners = keysOf(crops, by, 'the crops').map((key) => rowOf.get(key));
  const has = new Set(crops.columnNames());
  const wanted = (columns ?? metadata.columnNames()).filter((name) => !has.has(name));
  const added = wanted.map((name): [string, unknown[] | Float64Array] => {
    const values = columnOf(metadata, name, 'the metadata');
    const numeric = Array.from(values).every((value) => typeof value === 'number');
    return [
      name,
      numeric
        ? Float64Array.from(partners, (row) => (row === undefined ? Number.NaN : Number(values[row])))
        : partners.map((row) => (row === undefined ? missing : values[row])),
    ];
  });
  return added.length === 0 ? crops : crops.assign(Object.fromEntries(added));
}

function keysOf(table: ColumnTable, by: readonly string[], which: string): string[] {
  const columns = by.map((name) => columnOf(table, name, which));
  return Array.from({ length: table.numRows() }, (_, row) =>
    JSON.stringify(columns.map((column) => String(column[row]))),
  );
}

function columnOf(table: ColumnTable, name: string, which: string): ArrayLike<unknown> {
  const names = table.columnNames();
  if (!names.includes(name)) {
    throw new DataError(
      `joinMetadata: ${which} have no column ${name} (they have ${names.slice(0, 12).join(', ')})`,
    );
  }
  return table.array(name) as ArrayLike<unknown>;
}
