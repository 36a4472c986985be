import { breather } from '../util/breather';
import { quantile } from '../util/quantile';
import type { Random } from '../util/random';
import { clusterResampling } from './cluster-resampling';
import { checkNumber } from './matrix';
import { checkScores } from './roc-curve';
import { type SortedScores, sortScores } from './sorted-scores';

export interface CurveBandOptions {
  /** What cells are drawn together by, from the outermost level: `[tumors, days]`. */
  clusters: readonly ArrayLike<string | number>[];
  /** Default 1000. */
  resamples?: number;
  /** Coverage at each point of the curve, not of the curve as a whole. Default 0.95. */
  level?: number;
  /** Points of the grid, both ends included. Default 101. */
  points?: number;
  random: Random;
  signal?: AbortSignal;
}

/** A ROC curve on an even grid of false positive rates; what `rocPlot` draws with its band. */
export interface RocBandPoint {
  falsePositiveRate: number;
  truePositiveRate: number;
  lower: number;
  upper: number;
}

/** Precision on an even grid of recalls above 0. */
export interface PrecisionBandPoint {
  recall: number;
  precision: number;
  lower: number;
  upper: number;
}

/**
 * ROC and precision–recall curves with pointwise bootstrap intervals over whole clusters: cells of a tumor, or a day, come and go together.
 * Every curve is one pass over the cells, sorted once.
 *
 * @param scores higher means more likely positive
 * @param labels true (or 1) for the positive class
 * @throws DataError when a class has no cell or a score is NaN; OptionError, ShapeError; InterruptedError
 * @example
 * const { roc } = await curveBands(scores, labels, { clusters: [tumors, days], random });
 * rocPlot(roc, { auc, ci95 });
 */
export async function curveBands(
  scores: ArrayLike<number>,
  labels: ArrayLike<number | boolean>,
  options: CurveBandOptions,
): Promise<{ roc: RocBandPoint[]; precisionRecall: PrecisionBandPoint[] }> {
  const { resamples = 1000, level = 0.95, points = 101, random } = options;
  checkScores('curveBands', scores, labels);
  checkNumber('curveBands', 'resamples', resamples, 2);
  checkNumber('curveBands', 'level', level, 0, 1);
  checkNumber('curveBands', 'points', points, 2);
  const { unit, units, draw } = clusterResampling('curveBands', options.clusters, labels);
  const sorted = sortScores(scores, labels, unit);
  const grid = Float64Array.from({ length: points }, (_, g) => g / (points - 1));
  const observed = curvesOn(grid, sorted, new Float64Array(units).fill(1))!;
  const drawn = grid.length * resamples;
  const sensitivity = new Float64Array(drawn);
  const precision = new Float64Array(drawn);
  const breathe = breather(options.signal, 'curve bands');
  for (let r = 0; r < resamples; r++) {
    await breathe();
    let curves = curvesOn(grid, sorted, draw(random));
    while (!curves) curves = curvesOn(grid, sorted, draw(random)); // one class only: drawn again
    for (let g = 0; g < points; g++) {
      sensitivity[g * resamples + r] = curves.sensitivity[g];
      precision[g * resamples + r] = curves.precision[g];
    }
  }
  const band = (values: Float64Array, g: number) => {
    const own = values.subarray(g * resamples, (g + 1) * resamples).sort();
    return { lower: quantile(own, (1 - level) / 2), upper: quantile(own, (1 + level) / 2) };
  };
  return {
    roc: Array.from(grid, (falsePositiveRate, g) => ({
      falsePositiveRate,
      truePositiveRate: observed.sensitivity[g],
      ...band(sensitivity, g),
    })),
    // at a recall of 0 no cell is called
    precisionRecall: Array.from(grid.subarray(1), (recall, g) => ({
      recall,
      precision: observed.precision[g + 1],
      ...band(precision, g + 1),
    })),
  };
}

/** True positive rate by false positive rate and precision by recall, cells weighted by their unit; null when a class has no weight. */
function curvesOn(
  grid: Float64Array,
  { unit, positive, endsTie }: SortedScores,
  weights: Float64Array,
): { sensitivity: Float64Array; precision: Float64Array } | null {
  let positives = 0;
  let negatives = 0;
  for (let k = 0; k < unit.length; k++) {
    if (positive[k]) positives += weights[unit[k]];
    else negatives += weights[unit[k]];
  }
  if (positives === 0 || negatives === 0) return null;
  const sensitivity = new Float64Array(grid.length);
  const precision = new Float64Array(grid.length);
  let [hits, falseAlarms] = [0, 0];
  let [x, y] = [0, 0]; // the ROC's last corner
  let [g, h] = [0, 1]; // next points of both grids
  for (let k = 0; k < unit.length; k++) {
    if (positive[k]) hits += weights[unit[k]];
    else falseAlarms += weights[unit[k]];
    if (!endsTie[k]) continue;
    const [nextX, nextY] = [falseAlarms / negatives, hits / positives];
    // straight between corners, as the area takes it; of several heights at one rate the highest counts
    for (; g < grid.length && grid[g] < nextX; g++) {
      sensitivity[g] = y + ((nextY - y) * (grid[g] - x)) / (nextX - x);
    }
    for (; h < grid.length && grid[h] <= nextY + 1e-12; h++) precision[h] = hits / (hits + falseAlarms);
    [x, y] = [nextX, nextY];
  }
  for (; g < grid.length; g++) sensitivity[g] = 1;
  return { sensitivity, precision };
}
