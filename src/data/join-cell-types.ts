/** What is known of the study's cell types: category, tumor, metastatic efficiency. */
import { join } from 'node:path';
import type { ColumnTable } from '../util/arquero';
import { packageRoot } from '../util/files';
import { joinMetadata } from './join-metadata';
import { readTable } from './table-io';

/** The project's own table of cell types. */
export function cellTypesFile(): string {
  return join(packageRoot(), 'data-manifests', 'cell-types.csv');
}

const joined = ['category', 'metastatic_efficiency', 'tumor'];

/**
 * Adds the columns category, metastatic_efficiency and tumor to a table of crops by its column `cell_type`; columns that the table has
 * already stay as they are, cell types that the list does not know get "unknown". With the efficiency comes efficiency_confirmed ("true",
 * "false" or "unknown"): some efficiencies in the project's list are from memory or read off a figure.
 *
 * @param crops a table of crops; without a column cell_type it is returned as it is
 * @param cellTypes a table with cell_type and the columns to join, such as `readTable(cellTypesFile())`
 * @throws DataError when the list has a cell type twice, or lacks a column
 */
export function joinCellTypes(crops: ColumnTable, cellTypes: ColumnTable): ColumnTable {
  if (!crops.columnNames().includes('cell_type')) return crops;
  const stated = crops.columnNames().includes('metastatic_efficiency');
  const marks = !stated && cellTypes.columnNames().includes('confirmed');
  const list = marks ? cellTypes.rename({ confirmed: 'efficiency_confirmed' }) : cellTypes;
  const columns = marks ? [...joined, 'efficiency_confirmed'] : joined;
  return joinMetadata(crops, list, { by: ['cell_type'], columns, missing: 'unknown' });
}

/** {@link joinCellTypes} with the project's own list. */
export async function withCellTypes(crops: ColumnTable): Promise<ColumnTable> {
  return joinCellTypes(crops, await readTable(cellTypesFile()));
}
