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

/** A table of text; numbers stand to the right. */
export function htmlTable(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cell = (value: unknown) => {
    const side = typeof value === 'number' ? 'right' : 'left';
    return `<td style="text-align:${side}">${escapeHtml(shortText(value))}</td>`;
  };
  const head = columns.map((name) => `<th style="text-align:left">${escapeHtml(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n');
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>`;
}

/** A text table for where HTML is not shown. */
export function textTable(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const lines = [columns, ...rows].map((row) => row.map((value) => shortText(value, 40)));
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines
    .map((line) =>
      line
        .map((text, i) => (i === line.length - 1 ? text : text.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A summary line that opens onto the rest. */
export function folded(summary: string, html: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>${html}</details>`;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
