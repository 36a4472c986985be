/** The rich display of a value, as the last expression of a cell is shown. */
import util from 'node:util';
import type { MimeBundle } from './services';

/** A method of this name makes a value's own mime bundle, sync or async; Deno's notebooks use the same name. */
export const DISPLAY_METHOD: unique symbol = Symbol.for('Jupyter.display') as never;

/** Long values end in "… n more items". */
const INSPECT_OPTIONS: util.InspectOptions = { depth: 4, maxArrayLength: 100, maxStringLength: 10_000 };

/**
 * @param value anything
 * @param formatter asked for values without a display method; null leaves a value to its text
 * @returns mime type → content, always with text/plain; binary content as base64. Null for a value whose display method gives null: it
 *   wants to show nothing
 */
export async function formatValue(
  value: unknown,
  formatter?: (value: unknown) => MimeBundle | null | Promise<MimeBundle | null>,
): Promise<MimeBundle | null> {
  const own = await ownDisplay(value);
  if (own === null) return null;
  const bundle = own ?? (await formatter?.(value)) ?? {};
  const encoded = Object.fromEntries(
    Object.entries(bundle).map(([mime, content]) => [
      mime,
      content instanceof Uint8Array ? Buffer.from(content).toString('base64') : content,
    ]),
  );
  return 'text/plain' in encoded ? encoded : { ...encoded, 'text/plain': plainText(value) };
}

export function plainText(value: unknown): string {
  try {
    return util.inspect(value, INSPECT_OPTIONS);
  } catch (error) {
    return `[cannot be shown: ${String(error)}]`;
  }
}

/** Undefined for values without a display method. */
async function ownDisplay(value: unknown): Promise<MimeBundle | null | undefined> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  const method = (value as Record<symbol, unknown>)[DISPLAY_METHOD];
  if (typeof method !== 'function') return undefined;
  const bundle: unknown = await method.call(value);
  if (bundle === null) return null;
  return typeof bundle === 'object' ? (bundle as MimeBundle) : undefined;
}
