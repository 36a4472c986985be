import type { ColumnTable } from '../../util/arquero';
import { DataError } from '../../util/errors';
import type { Fold } from './fold';
import { groupRows, type Unit } from './group-rows';

/**
 * Makes sure that nothing stands on both sides of a split: no row, and none of the units asked for.
 *
 * @param units such as ['track', 'series', 'day']
 * @throws DataError that names the first offender and its rows
 * @example
 * for (const fold of folds) checkNoLeak(crops.table, fold, ['track', 'day']);
 */
export function checkNoLeak(table: ColumnTable, fold: Fold, units: readonly Unit[]): void {
  const trained = new Set(fold.train);
  for (const row of fold.test) {
    if (trained.has(row)) {
      throw new DataError(
        `checkNoLeak: row ${row + 1} is in training and in test (fold ${fold.name}); split again`,
      );
    }
  }
  for (const unit of units) {
    const { names, of } = groupRows(table, unit);
    const trainRow = new Int32Array(names.length).fill(-1);
    for (const row of fold.train) if (trainRow[of[row]] < 0) trainRow[of[row]] = row;
    for (const row of fold.test) {
      const other = trainRow[of[row]];
      if (other < 0) continue;
      throw new DataError(
        `checkNoLeak: ${unit} ${names[of[row]]} stands on both sides of fold ${fold.name} (training row ${other + 1}, test row ${row + 1}); split by ${unit}`,
      );
    }
  }
}
