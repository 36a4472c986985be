/** Arquero is an ES module: its types come through here, its functions through {@link loadArquero}. */

/** A typed table of columns. Exported again and not given another name, so that a notebook's declarations can name it. */
// biome-ignore syntax/correctness/noTypeOnlyImportAttributes: TypeScript wants them for a type from an ES module
export type { ColumnTable } from 'arquero' with { 'resolution-mode': 'import' };

/** Loads Arquero. */
export function loadArquero(): Promise<typeof import('arquero', { with: { 'resolution-mode': 'import' }})> {
  return import('arquero');
}
