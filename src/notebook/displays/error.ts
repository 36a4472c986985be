/** Errors that are values: the message, and the stack folded away. */
import type { MimeBundle } from '../../kernel/services';
import { escapeHtml, folded } from './html';

export function displayError(value: unknown): MimeBundle | null {
  if (!(value instanceof Error)) return null;
  const title = `${value.name}: ${value.message}`;
  const stack = (value.stack ?? '').split('\n').slice(1).join('\n');
  const cause =
    value.cause === undefined
      ? ''
      : `\ncaused by ${value.cause instanceof Error ? value.cause.message : String(value.cause)}`;
  return {
    'text/plain': `${title}${cause}`,
    'text/html': `<p><strong>${escapeHtml(title)}</strong>${escapeHtml(cause)}</p>${stack ? folded('where', `<pre>${escapeHtml(stack)}</pre>`) : ''}`,
  };
}
