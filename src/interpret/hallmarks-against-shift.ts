/** Which hallmarks a person would see change when cells are amplified, measured in the decoded images. */
import { spearman } from '../stats/correlation';
import { adjustP } from '../stats/multiple-testing';
import { breather } from '../util/breather';
import { ShapeError } from '../util/errors';
import { median } from '../util/quantile';
import type { Amplification } from './amplify-cells';
import { type Hallmarks, measureHallmarks } from './hallmarks';

/** How one hallmark goes with the shift. */
export interface HallmarkChange {
  hallmark: keyof Hallmarks;
  /** Cells in which it could be measured at every shift. */
  cells: number;
  /** Share of the cells in which it rises from the lowest to the highest shift (Spearman above 0). */
  risingShare: number;
  /** Share of the cells in which its trend is clear: Spearman at least 0.5. */
  clearlyRisingShare: number;
  /** Median over cells of Spearman's rank correlation with the shift. */
  medianRho: number;
  /** Mean change from the lowest to the highest shift, in standard deviations between cells at no shift. */
  changeInSd: number;
  /** Sign test over cells, two-sided, adjusted for the number of hallmarks (Benjamini and Hochberg). */
  p: number;
}

/** Hallmarks of all decoded images, cell by cell. */
export async function measureImages(
  images: Float32Array,
  size: number,
  signal?: AbortSignal,
): Promise<Hallmarks[]> {
  const pixels = size * size;
  if (images.length % pixels !== 0) {
    throw new ShapeError(
      `measureImages needs images of ${size} × ${size} pixels, got ${images.length} values`,
    );
  }
  const breathe = breather(signal, 'measure hallmarks');
  const rows: Hallmarks[] = [];
  for (let at = 0; at < images.length; at += pixels) {
    await breathe();
    rows.push(measureHallmarks(images.subarray(at, at + pixels), size));
  }
  return rows;
}

/**
 * Amplified images measured, and how each measure goes with the shift.
 *
 * @param size side of the images
 * @param spread standard deviation of each hallmark between cells; by default that of the given cells at the shift nearest to 0
 * @example
 * const changes = await hallmarksAgainstShift(await amplifyCells(model, z, classifier, { shifts }), 64);
 */
export async function hallmarksAgainstShift(
  { images, shifts }: Pick<Amplification, 'images' | 'shifts'>,
  size: number,
  { spread, signal }: { spread?: HallmarkSpread; signal?: AbortSignal } = {},
): Promise<HallmarkChange[]> {
  return hallmarkChanges(await measureImages(images, size, signal), shifts, spread);
}

/** Standard deviation of hallmarks between cells. */
export type HallmarkSpread = Partial<Record<keyof Hallmarks, number>>;

/**
 * {@link hallmarksAgainstShift} for images that are measured already.
 *
 * @param measured cell by cell, each at all shifts
 */
export function hallmarkChanges(
  measured: readonly Hallmarks[],
  shifts: readonly number[],
  spread: HallmarkSpread = {},
): HallmarkChange[] {
  const names = Object.keys(measured[0] ?? {}) as (keyof Hallmarks)[];
  const changes = names.map((hallmark): HallmarkChange => {
    const { series, sd } = seriesOf(measured, shifts, hallmark, spread);
    const rhos = series.map(({ values }) => {
      const rho = spearman(values, Array.from(values.keys()));
      return Number.isFinite(rho) ? rho : 0; // a hallmark that does not change at all
    });
    const rising = rhos.filter((rho) => rho > 0).length;
    const falling = rhos.filter((rho) => rho < 0).length;
    const change =
      series.reduce((sum, { values }) => sum + values[values.length - 1] - values[0], 0) / series.length;
    return {
      hallmark,
      cells: series.length,
      risingShare: rising / series.length,
      clearlyRisingShare: rhos.filter((rho) => rho >= 0.5).length / series.length,
      medianRho: median(rhos),
      changeInSd: change / sd,
      p: signTest(rising, falling),
    };
  });
  const adjusted = adjustP(
    changes.map(({ p }) => p),
    'bh',
  );
  return changes.map((change, i) => ({ ...change, p: adjusted[i] }));
}

/**
 * One measure of every cell from the lowest shift to the highest, of the cells in which it could be measured at every shift, and its standard deviation
 * between them at the shift nearest to 0 unless `spread` names it.
 */
export function seriesOf(
  measured: readonly Hallmarks[],
  shifts: readonly number[],
  hallmark: keyof Hallmarks,
  spread: HallmarkSpread = {},
): { series: { cell: number; values: number[] }[]; sd: number } {
  const order = Array.from(shifts.keys()).sort((a, b) => shifts[a] - shifts[b]);
  const middle = order.reduce((best, s) => (Math.abs(shifts[s]) < Math.abs(shifts[best]) ? s : best));
  const series = Array.from({ length: measured.length / shifts.length }, (_, cell) => ({
    cell,
    values: order.map((s) => measured[cell * shifts.length + s][hallmark]),
  })).filter(({ values }) => values.every(Number.isFinite));
  const place = order.indexOf(middle);
  return { series, sd: spread[hallmark] ?? deviation(series.map(({ values }) => values[place])) };
}

/** Two-sided chance of so uneven a split of so many coin tosses. */
export function signTest(a: number, b: number): number {
  const n = a + b;
  const least = Math.min(a, b);
  let logChoose = 0; // of n over i
  let sum = 0;
  for (let i = 0; i <= least; i++) {
    sum += Math.exp(logChoose - n * Math.LN2);
    logChoose += Math.log(n - i) - Math.log(i + 1);
  }
  return Math.min(1, 2 * sum);
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
