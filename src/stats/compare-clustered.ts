import { breather } from '../util/breather';
import { DataError } from '../util/errors';
import { quantile } from '../util/quantile';
import type { Random } from '../util/random';
import { clusterResampling } from './cluster-resampling';
import { weightedAuc } from './clustered-bootstrap';
import { checkNumber } from './matrix';
import type { Interval } from './normal';
import { checkScores } from './roc-curve';
import { sortScores } from './sorted-scores';

export interface CompareClusteredOptions {
  /** What cells are drawn together by, from the outermost level: `[tumors, days]`. */
  clusters: readonly ArrayLike<string | number>[];
  /** Default 1000. */
  resamples?: number;
  /** Coverage of the interval. Default 0.95. */
  level?: number;
  random: Random;
  signal?: AbortSignal;
}

/** The difference of two AUCs over the same cells, with its bootstrap interval. */
export interface ClusteredComparison extends Interval {
  aucA: number;
  aucB: number;
  /** A − B. */
  difference: number;
  /** Outermost clusters; fewer than about 10 make the interval too narrow. */
  clusters: number;
}

/**
 * Compares two scores of the same cells by the percentile bootstrap over whole clusters: both are evaluated on every resample, so what
 * they have in common cancels. `compareAuc` does the same for independent cells.
 *
 * @param scoresA higher means more likely positive
 * @param labels true (or 1) for the positive class
 * @throws DataError when a class has no cell, a score is NaN, or the lengths differ; OptionError, ShapeError; InterruptedError
 */
export async function compareClustered(
  scoresA: ArrayLike<number>,
  scoresB: ArrayLike<number>,
  labels: ArrayLike<number | boolean>,
  options: CompareClusteredOptions,
): Promise<ClusteredComparison> {
  const { clusters, resamples = 1000, level = 0.95, random, signal } = options;
  if (scoresA.length !== scoresB.length) {
    throw new DataError(
      `compareClustered needs two scores of the same cells, got ${scoresA.length} and ${scoresB.length}`,
    );
  }
  checkScores('compareClustered', scoresA, labels);
  checkScores('compareClustered', scoresB, labels);
  checkNumber('compareClustered', 'resamples', resamples, 2);
  checkNumber('compareClustered', 'level', level, 0, 1);
  const { unit, units, outer, draw } = clusterResampling('compareClustered', clusters, labels);
  const [a, b] = [sortScores(scoresA, labels, unit), sortScores(scoresB, labels, unit)];
  const all = new Float64Array(units).fill(1);
  const [aucA, aucB] = [weightedAuc(a, all), weightedAuc(b, all)];
  const breathe = breather(signal, 'compare');
  const differences = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    await breathe();
    do {
      const weights = draw(random);
      differences[r] = weightedAuc(a, weights) - weightedAuc(b, weights);
    } while (Number.isNaN(differences[r])); // a resample of one class only is drawn again
  }
  differences.sort();
  return {
    aucA,
    aucB,
    difference: aucA - aucB,
    low: quantile(differences, (1 - level) / 2),
    high: quantile(differences, (1 + level) / 2),
    level,
    clusters: outer,
  };
}
