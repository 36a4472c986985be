/** Maps, sets and promises. */
import util from 'node:util';
import type { MimeBundle } from '../../kernel/services';
import { escapeHtml, htmlTable, textTable } from './html';

const mostEntries = 50;

export function displayCollection(value: unknown): MimeBundle | null {
  if (value instanceof Map)
    return collection('Map', value.size, ['key', 'value'], [...value].slice(0, mostEntries));
  if (value instanceof Set) {
    const members = [...value].slice(0, mostEntries).map((member) => [member]);
    return collection('Set', value.size, ['member'], members);
  }
  if (value instanceof Promise) {
    const state = /^Promise \{\s*(<pending>|<rejected>)?/.exec(util.inspect(value, { depth: 1 }))?.[1];
    const told = state === '<pending>' ? 'pending' : state === '<rejected>' ? 'rejected' : 'fulfilled';
    return { 'text/plain': `Promise, ${told}; write await before it to see its value` };
  }
  return null;
}

function collection(kind: string, size: number, columns: string[], rows: unknown[][]): MimeBundle {
  const summary = `${kind} of ${size.toLocaleString('en-US')}${size > rows.length ? `, the first ${rows.length} shown` : ''}`;
  return {
    'text/plain': `${summary}\n${textTable(columns, rows)}`,
    'text/html': `<p>${escapeHtml(summary)}</p>\n${htmlTable(columns, rows)}`,
  };
}
