/** Errors that are values: the message, and where in the notebook they arose folded away. */
import type { MimeBundle } from '../../kernel/services';
import { messageOf } from '../../util/errors';
import { escapeHtml, folded } from './html';

/** @param translateStack makes positions those of cells as typed */
export function displayError(value: unknown, translateStack: (stack: string) => string): MimeBundle | null {
  if (!(value instanceof Error)) return null;
  const title = `${value.name}: ${value.message}`;
  // frames outside cells hold paths of this machine, which have no place in a stored notebook
  const frames = translateStack(value.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at .*Cell\[/.test(line));
  const where = frames.length > 0 ? `\n${frames.join('\n')}` : '';
  const cause = value.cause === undefined ? '' : `\ncaused by ${messageOf(value.cause)}`;
  return {
    'text/plain': `${title}${where}${cause}`,
    'text/html': `<p><strong>${escapeHtml(title)}</strong>${escapeHtml(cause)}</p>${where && folded('where', `<pre>${escapeHtml(frames.join('\n'))}</pre>`)}`,
  };
}
