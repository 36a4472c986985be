/** Long objects and arrays: one line, and the rest folded away. Short ones are their text. */
import util from 'node:util';
import type { MimeBundle } from '../../kernel/services';
import { escapeHtml, folded, shortText } from './html';

/** Text of so many lines is shown as it is. */
const fewLines = 20;

export function displayObject(value: unknown): MimeBundle | null {
  if (typeof value !== 'object' || value === null) return null;
  const text = util.inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 2000 });
  if (text.split('\n').length <= fewLines) return null;
  const keys = Object.keys(value);
  const name = value.constructor?.name ?? 'Object';
  const summary = Array.isArray(value)
    ? `${name} of ${value.length.toLocaleString('en-US')}: ${shortText(value[0])}, …`
    : `${name} with ${keys.slice(0, 8).join(', ')}${keys.length > 8 ? ', …' : ''}`;
  return { 'text/plain': text, 'text/html': folded(summary, `<pre>${escapeHtml(text)}</pre>`) };
}
