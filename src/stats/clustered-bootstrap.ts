import { breather } from '../util/breather';
import { OptionError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import { quantile } from '../util/quantile';
import type { Random } from '../util/random';
import { clusterResampling } from './cluster-resampling';
import { checkNumber } from './matrix';
import type { Interval } from './normal';
import { weightedAveragePrecision } from './precision-recall';
import { checkScores } from './roc-curve';
import { type SortedScores, sortScores } from './sorted-scores';

export interface BootstrapOptions {
  /**
   * What cells are drawn together by, from the outermost level: `[tumors, days]` draws tumors, then days within each. Empty draws
   * single cells, which is too optimistic when cells of a day are alike.
   */
  clusters: readonly ArrayLike<string | number>[];
  /** `auc` (default), or `averagePrecision` for the area under the precision–recall curve. */
  statistic?: 'auc' | 'averagePrecision';
  /** Default 1000. */
  resamples?: number;
  /** Coverage of the interval. Default 0.95. */
  level?: number;
  random: Random;
  progress?: Progress;
  signal?: AbortSignal;
}

/** A statistic with its bootstrap interval. */
export interface BootstrapResult extends Interval {
  value: number;
  standardError: number;
  /** Outermost clusters. Fewer than about 10 make the interval too narrow; `clusteredAuc` allows for that. */
  clusters: number;
  /** Of every resample, ascending. */
  resamples: Float64Array;
}

/**
 * Percentile bootstrap of an AUC over whole clusters. The cells are sorted once; each resample is one pass with a weight per cluster,
 * so 1000 resamples of 100,000 cells take about a second.
 *
 * @param scores higher means more likely positive
 * @param labels true (or 1) for the positive class
 * @throws DataError when a class has no cell or a score is NaN; OptionError, ShapeError; InterruptedError
 * @example
 * const { low, high } = await clusteredBootstrap(scores, labels, { clusters: [tumors, days], random: seededRandom(7) });
 */
export async function clusteredBootstrap(
  scores: ArrayLike<number>,
  labels: ArrayLike<number | boolean>,
  options: BootstrapOptions,
): Promise<BootstrapResult> {
  const { resamples = 1000, level = 0.95, statistic = 'auc', random, progress = defaultProgress } = options;
  checkScores('clusteredBootstrap', scores, labels);
  checkNumber('clusteredBootstrap', 'resamples', resamples, 2);
  checkNumber('clusteredBootstrap', 'level', level, 0, 1);
  if (statistic !== 'auc' && statistic !== 'averagePrecision') {
    throw new OptionError(
      `clusteredBootstrap: unknown statistic "${statistic}"; use auc or averagePrecision`,
    );
  }
  const evaluate = statistic === 'auc' ? weightedAuc : weightedAveragePrecision;
  const { unit, units, outer, draw } = clusterResampling('clusteredBootstrap', options.clusters, labels);
  const sorted = sortScores(scores, labels, unit);
  const value = evaluate(sorted, new Float64Array(units).fill(1));

  const breathe = breather(options.signal, 'bootstrap');
  const results = new Float64Array(resamples);
  progress.start('bootstrap', resamples, 'resamples');
  for (let r = 0; r < resamples; r++) {
    await breathe();
    do results[r] = evaluate(sorted, draw(random));
    while (Number.isNaN(results[r])); // a resample of one class only is drawn again
    progress.update(r + 1);
  }
  progress.finish();
  results.sort();
  const mean = results.reduce((sum, x) => sum + x, 0) / resamples;
  const variance = results.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (resamples - 1);
  return {
    value,
    standardError: Math.sqrt(variance),
    low: quantile(results, (1 - level) / 2),
    high: quantile(results, (1 + level) / 2),
    level,
    clusters: outer,
    resamples: results,
  };
}

/** AUC in which each cell counts with the weight of its unit; NaN when a class has no weight. */
export function weightedAuc({ unit, positive, endsTie }: SortedScores, weights: Float64Array): number {
  let above = 0; // positive weight above the current tie
  let tiedPositive = 0;
  let tiedNegative = 0;
  let negatives = 0;
  let pairs = 0;
  for (let k = 0; k < unit.length; k++) {
    const weight = weights[unit[k]];
    if (positive[k]) tiedPositive += weight;
    else tiedNegative += weight;
    if (endsTie[k]) {
      pairs += tiedNegative * (above + tiedPositive / 2);
      above += tiedPositive;
      negatives += tiedNegative;
      tiedPositive = 0;
      tiedNegative = 0;
    }
  }
  return above > 0 && negatives > 0 ? pairs / (above * negatives) : Number.NaN;
}
