/** Text of several lines, as it is read rather than as it is typed. */
import type { MimeBundle } from '../../kernel/services';

/** What Node shows of a string. */
const mostCharacters = 10_000;

export function displayText(value: unknown): MimeBundle | null {
  if (typeof value !== 'string' || !value.includes('\n')) return null;
  const more = value.length - mostCharacters;
  const rest = more > 0 ? `\n… ${more.toLocaleString('en-US')} more characters` : '';
  return { 'text/plain': value.slice(0, mostCharacters) + rest };
}
