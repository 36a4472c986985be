/** Whether an amplification also moves what has nothing to do with it: size and shape of the body, focus, the day's lamp. */
import { studentQuantile } from '../stats/student-t';
import { ShapeError } from '../util/errors';
import type { Hallmarks } from './hallmarks';
import { type HallmarkSpread, seriesOf } from './hallmarks-against-shift';

/** Measures that follow their own planted factor in simulated cells and none of the hallmarks (docs/interpretation.md). */
export const nuisanceMeasures = ['body_area', 'body_elongation', 'focus', 'background'] as const;
/** What amplification is meant to move. */
const aims = ['pseudopod_extension', 'light_scattering'] as const;

export interface NuisanceOptions {
  /** [n] tumor of each cell: the unit of evidence of the intervals. Default: every cell for itself. */
  groups?: ArrayLike<string | number>;
  /** Standard deviation of each measure between cells; by default that of the given cells at the shift nearest to 0. */
  spread?: HallmarkSpread;
  /** Largest share of the hallmarks' movement that counts as none. Default 0.2. */
  limit?: number;
}

/** How far one nuisance measure moves over the shifts, beside the hallmarks. */
export interface NuisanceChange {
  measure: (typeof nuisanceMeasures)[number];
  /** Cells in which it and the hallmarks could be measured at every shift. */
  cells: number;
  /** Mean change from the lowest to the highest shift, by a straight line through all of them, in standard deviations between unshifted cells. */
  changeInSd: number;
  /** That over the mean change of pseudopod extension and light scattering, measured in the same way. */
  share: number;
  /** 95 % interval of the share, over groups (or cells); Infinity where there is but one. */
  interval: [number, number];
  /** `still`: the whole interval is within the limit; `moves`: all of it is beyond; `unclear` otherwise. */
  verdict: 'still' | 'unclear' | 'moves';
}

/**
 * Movement of nuisance as a share of the hallmarks' movement.
 *
 * @param measured hallmarks of the decoded images (`measureImages`), cell by cell, each at all shifts
 * @throws ShapeError when there is not one group for each cell
 * @example
 * const measured = await measureImages(amplified.images, 64);
 * nuisanceAgainstShift(measured, amplified.shifts, { groups: tumors }).filter(({ verdict }) => verdict !== 'still');
 */
export function nuisanceAgainstShift(
  measured: readonly Hallmarks[],
  shifts: readonly number[],
  { groups, spread, limit = 0.2 }: NuisanceOptions = {},
): NuisanceChange[] {
  const cells = measured.length / shifts.length;
  if (groups && groups.length !== cells) {
    throw new ShapeError(
      `nuisanceAgainstShift needs a group for each of ${cells} cells, got ${groups.length}`,
    );
  }
  const aimed = aims.map((aim) => movements(measured, shifts, aim, spread));
  return nuisanceMeasures.map((measure) => {
    const moved = movements(measured, shifts, measure, spread);
    const units = new Map<string, { nuisance: number; aim: number; cells: number }>();
    for (const [cell, nuisance] of moved) {
      const both = aimed.map((movement) => movement.get(cell));
      if (both.some((value) => value === undefined)) continue;
      const name = String(groups ? groups[cell] : cell);
      const unit = units.get(name) ?? { nuisance: 0, aim: 0, cells: 0 };
      unit.nuisance += nuisance;
      unit.aim += both.reduce<number>((sum, value) => sum + (value as number), 0) / both.length;
      unit.cells++;
      units.set(name, unit);
    }
    // groups count alike, whatever their cells
    const means = [...units.values()].map(({ nuisance, aim, cells: n }) => ({
      nuisance: nuisance / n,
      aim: aim / n,
    }));
    const { share, half } = ratioOfMeans(means);
    const interval: [number, number] = [share - half, share + half];
    const still = interval.every((end) => Math.abs(end) <= limit);
    const moves = interval[0] > limit || interval[1] < -limit;
    return {
      measure,
      cells: [...units.values()].reduce((sum, unit) => sum + unit.cells, 0),
      changeInSd: means.reduce((sum, { nuisance }) => sum + nuisance, 0) / means.length,
      share,
      interval,
      verdict: still ? 'still' : moves ? 'moves' : 'unclear',
    };
  });
}

/** Change of a measure from the lowest to the highest shift, by least squares, in standard deviations: by cell. */
function movements(
  measured: readonly Hallmarks[],
  shifts: readonly number[],
  measure: keyof Hallmarks,
  spread?: HallmarkSpread,
): Map<number, number> {
  const ascending = [...shifts].sort((a, b) => a - b);
  const mean = ascending.reduce((sum, shift) => sum + shift, 0) / ascending.length;
  const square = ascending.reduce((sum, shift) => sum + (shift - mean) ** 2, 0);
  const range = ascending[ascending.length - 1] - ascending[0];
  const { series, sd } = seriesOf(measured, shifts, measure, spread);
  return new Map(
    series.map(({ cell, values }) => {
      const slope = values.reduce((sum, value, s) => sum + value * (ascending[s] - mean), 0) / square;
      return [cell, (slope * range) / sd];
    }),
  );
}

/** Ratio of two means over units and half of its 95 % interval, by linearisation (Cochran, Sampling Techniques, 1977). */
function ratioOfMeans(units: readonly { nuisance: number; aim: number }[]): { share: number; half: number } {
  const n = units.length;
  const aim = units.reduce((sum, unit) => sum + unit.aim, 0) / n;
  const share = units.reduce((sum, unit) => sum + unit.nuisance, 0) / n / aim;
  if (n < 2) return { share, half: Infinity };
  const variance = units.reduce((sum, unit) => sum + (unit.nuisance - share * unit.aim) ** 2, 0) / (n - 1);
  return { share, half: (studentQuantile(0.975, n - 1) * Math.sqrt(variance / n)) / Math.abs(aim) };
}
