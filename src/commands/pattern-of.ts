import { type Classifier, scoreCells } from '../classify/classifier';
import { patternWithin } from '../interpret/pattern-within';
import { takeRows } from '../stats/matrix';
import { OptionError } from '../util/errors';
import type { Progress } from '../util/progress';
import { type Cells, rowsWhere } from './cell-columns';

/** Share of the score's variance between days from which a direction over all days is worth a word. */
const dayShare = 0.2;

/**
 * The classifier with the pattern that cells are shifted along: inside the values of the column that --within names, else as it was stored. Logs a warning where
 * the stored one would show what sets days apart.
 *
 * @throws OptionError for --within beside --feature; DataError, ShapeError
 */
export function patternOf(
  classifier: Classifier,
  cells: Cells,
  { within, feature }: { within?: string; feature?: number },
  progress: Progress,
): Classifier {
  if (within !== undefined && feature !== undefined) {
    throw new OptionError(
      `${cells.who}: --within takes the pattern inside days, --feature shifts one feature; give one of the two`,
    );
  }
  const column = within ?? 'date';
  if (feature !== undefined || (within === undefined && !cells.has(column))) return classifier;
  const days = cells.column(column);
  const rows = rowsWhere([days]);
  const known = rows.map((row) => days[row]);
  const latents = takeRows(cells.values, cells.dims, rows);
  if (within !== undefined) return patternWithin(classifier, latents, rows.length, known);
  const share = shareBetween(scoreCells(classifier, latents, rows.length), known);
  if (share > dayShare) {
    progress.log(
      `warning: ${Math.round(100 * share)} % of the score's variance lies between days (column ${column}), so the pictures also show what sets days apart, such as ` +
        `the lamp; --within ${column} leaves that out`,
    );
  }
  return classifier;
}

/** Sum of squares between groups over that of all values. */
function shareBetween(values: Float64Array, groups: readonly string[]): number {
  const sums = new Map<string, { sum: number; n: number }>();
  let [total, squares] = [0, 0];
  values.forEach((value, i) => {
    const group = sums.get(groups[i]) ?? { sum: 0, n: 0 };
    sums.set(groups[i], { sum: group.sum + value, n: group.n + 1 });
    total += value;
    squares += value * value;
  });
  const mean = (total * total) / values.length;
  const between = [...sums.values()].reduce((sum, group) => sum + group.sum ** 2 / group.n, 0) - mean;
  return between / (squares - mean);
}
