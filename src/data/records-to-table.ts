import { type ColumnTable, loadArquero } from '../util/arquero';
import type { CropRecord } from './find-crops';

/** Columns in this order, the others behind them. */
const firstColumns = ['path', 'date', 'cell_type', 'series', 'x', 'y', 'start', 'end', 'frame'];

/**
 * Puts what is known of crops into a table with one type per column: numbers where every value is one (missing ones NaN), else text
 * (missing ones empty). The path comes first, then what file names say, then the source's own columns.
 */
export async function recordsToTable(records: readonly CropRecord[]): Promise<ColumnTable> {
  const names = new Set(records.flatMap(({ metadata }) => Object.keys(metadata)));
  const ordered = [
    ...firstColumns.filter((name) => names.has(name)),
    ...[...names].filter((name) => !firstColumns.includes(name)),
  ];
  const columns: Record<string, ArrayLike<unknown>> = { path: records.map(({ path }) => path) };
  for (const name of ordered) {
    const values = records.map(({ metadata }) => metadata[name] ?? null);
    const numeric = values.every((value) => value === null || typeof value === 'number');
    columns[name] = numeric
      ? Float64Array.from(values, (value) => (value as number | null) ?? Number.NaN)
      : values.map((value) => (value === null ? '' : String(value)));
  }
  const { table } = await loadArquero();
  return table(columns as Record<string, unknown[]>);
}
