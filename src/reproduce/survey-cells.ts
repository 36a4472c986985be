/** What a data set has to offer to an analysis, from its table alone. */
import { findCrops } from '../data/find-crops';
import { withCellTypes } from '../data/join-cell-types';
import { recordsToTable } from '../data/records-to-table';
import type { ColumnTable } from '../util/arquero';

/** What an analysis may need of the cells. */
export type Need = 'synthetic' | 'efficiency' | 'cell types' | 'days';

/** Why each need is not met; nothing for those that are. */
export type Lacks = Partial<Record<Need, string>>;

/**
 * @param source a folder, list or table of crops
 * @throws DataError when there are none
 */
export async function surveyCells(source: string): Promise<{ lacks: Lacks; crops: number }> {
  const records = await findCrops(source);
  const table = await withCellTypes(await recordsToTable(records));
  return { lacks: lacksOf(table), crops: records.length };
}

function lacksOf(table: ColumnTable): Lacks {
  const column = (name: string) =>
    table.columnNames().includes(name) ? Array.from(table.array(name) as ArrayLike<unknown>, String) : null;
  const lacks: Lacks = {};
  if (!column('pseudopod_extension') || !column('light_scattering')) {
    lacks.synthetic = 'it compares with planted factors, which only synthetic cells have';
  }
  const [category, efficiency, tumor] = ['category', 'metastatic_efficiency', 'tumor'].map(column);
  const tumors = (kind: string) =>
    new Set(tumor?.filter((_, i) => category?.[i] === 'PDX' && efficiency?.[i] === kind)).size;
  if (tumors('high') < 2 || tumors('low') < 2) {
    lacks.efficiency = `it needs two PDX tumors of high and two of low metastatic efficiency, and these cells have ${tumors('high')} and ${tumors('low')}`;
  }
  const several = (name: string) => new Set(column(name)).size > 1;
  if (!several('cell_type')) lacks['cell types'] = 'it needs cells of two types or more';
  if (!several('date')) lacks.days = 'it needs cells of two days or more';
  return lacks;
}
