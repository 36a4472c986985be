import { DataError } from '../util/errors';
import { nearestName } from '../util/nearest-name';

/** A cell's (or step's, or tumor's) values by column name: what every chart draws. */
// biome-ignore lint/suspicious/noExplicitAny: with unknown, no declared interface (a log entry, a report's row) could be drawn
export type Row = Readonly<Record<string, any>>;

/** Throws {@link DataError} when rows lack a column that a chart was told to draw; no rows at all lack nothing. */
export function requireColumns(
  who: string,
  rows: readonly Row[],
  columns: readonly (string | undefined)[],
): void {
  if (rows.length === 0) return;
  const known = Object.keys(rows[0]);
  for (const column of columns) {
    if (column === undefined || known.includes(column)) continue;
    const near = nearestName(column, known);
    throw new DataError(
      `${who}: the rows have no column "${column}"${near ? `; nearest is "${near}"` : ''} (columns: ${known.join(', ')})`,
    );
  }
}

/** A column's name as Vega-Lite's `field`, which otherwise reads dots and brackets as paths into nested objects. */
export function fieldOf(column: string): string {
  return column.replace(/[\\.[\]'"]/g, '\\$&');
}

/** Keeps the named columns only, so that a specification carries what it draws and nothing more. */
export function pickColumns(row: Row, columns: readonly (string | undefined)[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const column of columns) if (column !== undefined) picked[column] = row[column];
  return picked;
}

/** A finite number, or false for missing values, NaN and infinities. */
export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** A value as the name of a category: missing ones are "unknown". */
export function categoryOf(value: unknown): string {
  return value === null || value === undefined || value === '' ? 'unknown' : String(value);
}

/**
 * The categories of a column: first those of `order` that occur, then the others, numbers by size and names by alphabet
 * (m9 before m10).
 */
export function categoriesOf(rows: readonly Row[], column: string, order: readonly string[] = []): string[] {
  const present = new Set(rows.map((row) => categoryOf(row[column])));
  const first = order.filter((name) => present.delete(name));
  const rest = [...present].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return [...new Set(first), ...rest];
}
