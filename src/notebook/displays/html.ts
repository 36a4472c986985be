/** The little HTML that displays are made of. Everything from a value is escaped. */
import util from 'node:util';
import { escapeXml } from '../../plots/escape';

export const escapeHtml = escapeXml;

/** One line of text for a value inside a table or a list. */
export function shortText(value: unknown, most = 80): string {
  if (typeof value === 'string') return cut(value, most);
  if (typeof value === 'number') return numberText(value);
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  return cut(
    util.inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 6, maxStringLength: 60 }),
    most,
  );
}

/** Up to six digits that matter; whole numbers in full. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);
}

/** A table of text; numbers stand to the right, those of a column with the same number of decimals. */
export function htmlTable(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const [sides, texts] = [sidesOf(columns, rows), textsOf(columns, rows, 80)];
  const tag = (name: string, text: string, column: number) =>
    `<${name} style="text-align:${sides[column]}">${escapeHtml(text)}</${name}>`;
  const head = columns.map((text, column) => tag('th', text, column)).join('');
  const body = texts.map((row) => `<tr>${row.map((text, column) => tag('td', text, column)).join('')}</tr>`);
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
}

/** A text table for where HTML is not shown. */
export function textTable(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const sides = sidesOf(columns, rows);
  const lines = [columns.map((name) => shortText(name, 40)), ...textsOf(columns, rows, 40)];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((text, column) =>
          sides[column] === 'right' ? text.padStart(widths[column]) : text.padEnd(widths[column]),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What stands for rows that are left out. */
export const leftOut = '…';

/** Columns of numbers stand to the right, with their heads. */
function sidesOf(columns: readonly string[], rows: readonly (readonly unknown[])[]): ('left' | 'right')[] {
  return columns.map((_, column) => {
    const known = rows
      .map((row) => row[column])
      .filter((value) => value !== leftOut && value !== null && value !== undefined);
    return known.length > 0 && known.every((value) => typeof value === 'number') ? 'right' : 'left';
  });
}

function textsOf(
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
  most: number,
): string[][] {
  const writers = columns.map((_, column) => numberWriter(rows.map((row) => row[column])));
  return rows.map((row) =>
    row.map((value, column) => (typeof value === 'number' ? writers[column](value) : shortText(value, most))),
  );
}

/** Writes the numbers of one column: whole ones in full, others so that the largest shows four digits; what would vanish then, with two digits. */
function numberWriter(values: readonly unknown[]): (value: number) => string {
  const finite = values.filter((value) => Number.isFinite(value)) as number[];
  if (finite.every(Number.isInteger)) return numberText;
  const largest = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const decimals = Math.min(20, Math.max(0, 3 - Math.floor(Math.log10(largest))));
  return (value) => {
    if (!Number.isFinite(value) || Math.abs(value) >= 1e15) return String(value);
    const vanishes = value !== 0 && Math.abs(value) < 10 ** (1 - decimals);
    return vanishes ? String(Number(value.toPrecision(2))) : value.toFixed(decimals);
  };
}

/** A summary line that opens onto the rest. */
export function folded(summary: string, html: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>${html}</details>`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
