import { centerBatches } from '../stats';
import { DataError } from '../util/errors';
import { type Descriptors, takeRows } from './study';

/**
 * Descriptors without what the day of imaging does to them: cells that are no PDX tumors were imaged on the same days, and how far their mean of a day lies from their mean of all days is
 * taken off every cell of that day. No label of efficiency and no cell of a tumor takes part, so a tumor that is left out stays unseen.
 *
 * @param category [n] `PDX` for cells of tumors; all others are the reference
 * @param date [n] day of imaging
 * @returns new descriptors of all cells; those of days without any tumor are as they were where too few other cells show the day
 * @throws DataError when a day with tumors has fewer than two other cells
 * @example
 * const z = await describeCells(study);
 * const tumors = tumorCells(study, withoutDays(z, column(study, 'category'), column(study, 'date')));
 */
export function withoutDays(
  { latents, n, d }: Descriptors,
  category: readonly string[],
  date: readonly string[],
): Descriptors {
  const isReference = category.map((name) => name !== 'PDX');
  const references = new Map<string, number>();
  date.forEach((day, i) => {
    references.set(day, (references.get(day) ?? 0) + Number(isReference[i]));
  });
  const bare = date.find((day, i) => !isReference[i] && (references.get(day) as number) < 2);
  if (bare !== undefined) {
    throw new DataError(
      `withoutDays needs at least two cells that are no tumors on every day with tumors, got ${references.get(bare)} on ${bare}; use the descriptors as they are and say that days are in them`,
    );
  }
  const rows = date.flatMap((day, i) => ((references.get(day) as number) > 1 ? [i] : []));
  const centred = centerBatches(
    takeRows(latents, d, rows),
    rows.length,
    d,
    rows.map((i) => date[i]),
    { reference: rows.map((i) => isReference[i]), scale: false },
  );
  const result = latents.slice();
  rows.forEach((i, k) => {
    result.set(centred.subarray(k * d, (k + 1) * d), i * d);
  });
  return { latents: result, n, d };
}
