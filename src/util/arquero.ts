/** Arquero is an ES module: its types come through here, its functions through {@link loadArquero}. */

/** A typed table of columns. */
export type ColumnTable = import('arquero', { with: { 'resolution-mode': 'import' }}).ColumnTable;

/** Loads Arquero. */
export function loadArquero(): Promise<typeof import('arquero', { with: { 'resolution-mode': 'import' }})> {
  return import('arquero');
}
