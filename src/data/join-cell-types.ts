/** What is known of the study's cell types: category, tumor, metastatic efficiency. */
import { join } from 'node:path';
import type { ColumnTable } from '../util/arquero';
import { packageRoot } from '../util/files';
import { readTable } from './table-io';

/** The project's own table of cell types. */
export function cellTypesFile(): string {
  return join(packageRoot(), 'data-manifests', 'cell-types.csv');
}

const joined = ['category', 'metastatic_efficiency', 'tumor'];

/**
 * Adds the columns category, metastatic_efficiency and tumor to a table of crops by its column `cell_type`; columns that the table has
 * already stay as they are, cell types that the list does not know get "unknown".
 *
 * @param crops a table of crops; without a column cell_type it is returned as it is
 * @param cellTypes a table with cell_type and the columns to join, such as `readTable(cellTypesFile())`
 */
export function joinCellTypes(crops: ColumnTable, cellTypes: ColumnTable): ColumnTable {
  const missing = joined.filter((name) => !crops.columnNames().includes(name));
  if (missing.length === 0 || !crops.columnNames().includes('cell_type')) return crops;
  const row = new Map<string, number>();
  Array.from(cellTypes.array('cell_type') as ArrayLike<string>).forEach((name, i) => {
    row.set(name, i);
  });
  const wanted = Array.from(crops.array('cell_type') as ArrayLike<string>, (name) => row.get(name));
  const columns = missing.map((name): [string, string[]] => {
    const values = cellTypes.array(name) as ArrayLike<string>;
    return [name, wanted.map((i) => (i === undefined ? 'unknown' : values[i]))];
  });
  return crops.assign(Object.fromEntries(columns));
}

/** {@link joinCellTypes} with the project's own list. */
export async function withCellTypes(crops: ColumnTable): Promise<ColumnTable> {
  return joinCellTypes(crops, await readTable(cellTypesFile()));
}
