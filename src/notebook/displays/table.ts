/** Tables: Arquero's, and arrays of records. First and last rows, types, counts. */
import type { MimeBundle } from '../../kernel/services';
import type { ColumnTable } from '../../util/arquero';
import { escapeHtml, htmlTable, leftOut, textTable } from './html';

/** Rows shown from each end of a longer table. */
const rowsAtEnds = 10;
/** Columns shown of a wider one: the first and the last. */
const mostColumns = 24;

export function displayTable(value: unknown): MimeBundle | null {
  if (isArquero(value)) {
    const names = value.columnNames();
    return tableBundle(names, value.numRows(), (name, row) => value.get(name, row), 'Table');
  }
  if (!isRecords(value)) return null;
  return tableBundle(Object.keys(value[0]), value.length, (name, row) => value[row][name], 'Array');
}

function tableBundle(
  names: readonly string[],
  count: number,
  get: (name: string, row: number) => unknown,
  kind: string,
): MimeBundle {
  const half = mostColumns / 2;
  const shown = names.length <= mostColumns ? [...names] : [...names.slice(0, half), ...names.slice(-half)];
  const cut = count > 2 * rowsAtEnds;
  const numbers = cut
    ? [...Array(rowsAtEnds).keys(), ...Array.from({ length: rowsAtEnds }, (_, i) => count - rowsAtEnds + i)]
    : [...Array(count).keys()];
  const rows: unknown[][] = numbers.map((row) => shown.map((name) => get(name, row)));
  if (cut)
    rows.splice(
      rowsAtEnds,
      0,
      shown.map(() => leftOut),
    );
  const heads = shown.map((name) => `${name} (${typeOf(numbers.map((row) => get(name, row)))})`);
  const left =
    names.length > shown.length ? `, ${names.length - shown.length} columns in the middle not shown` : '';
  const summary = `${kind}: ${count.toLocaleString('en-US')} rows × ${names.length} columns${left}`;
  return {
    'text/html': `${htmlTable(heads, rows)}\n<p>${escapeHtml(summary)}</p>`,
    'text/plain': `${textTable(heads, rows)}\n${summary}`,
  };
}

/** Of the values at hand. */
function typeOf(values: readonly unknown[]): string {
  const kinds = new Set(values.filter((value) => value !== null && value !== undefined).map(kindOf));
  return kinds.size === 1 ? [...kinds][0] : kinds.size === 0 ? 'empty' : 'mixed';
}

function kindOf(value: unknown): string {
  if (value instanceof Date) return 'date';
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return 'array';
  return typeof value === 'object' ? 'object' : typeof value === 'string' ? 'text' : typeof value;
}

function isArquero(value: unknown): value is ColumnTable {
  const table = value as Partial<ColumnTable> | null;
  return (
    typeof table === 'object' &&
    table !== null &&
    typeof table.numRows === 'function' &&
    typeof table.columnNames === 'function' &&
    typeof table.get === 'function'
  );
}

/** Two or more plain objects with the same few keys. */
function isRecords(value: unknown): value is Record<string, unknown>[] {
  if (!Array.isArray(value) || value.length < 2) return false;
  const keys = isPlain(value[0]) ? Object.keys(value[0]).join('\n') : '';
  return (
    keys !== '' &&
    value.slice(0, 100).every((row) => isPlain(row) && Object.keys(row).join('\n') === keys) &&
    value.length <= 1e6
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
