import { checkLength, checkNumber } from '../stats/matrix';
import { aucOfSorted, checkScores } from '../stats/roc-curve';
import { breather } from '../util/breather';
import { DataError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import { quantile } from '../util/quantile';
import type { Random } from '../util/random';

export interface CellsNeededOptions {
  /** [n] out-of-group score of each cell, as `classifyByGroup` gives them. */
  scores: ArrayLike<number>;
  /** True (or 1) for positive cells; one value per group. */
  labels: ArrayLike<number | boolean>;
  /** The tumor of each cell. */
  groups: ArrayLike<string | number>;
  /** Cells sampled per tumor. Default 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200. */
  sizes?: readonly number[];
  /** Samples per size. Default 1000. */
  resamples?: number;
  /** Share of right calls that counts as enough. Default 0.95. */
  target?: number;
  random: Random;
  progress?: Progress;
  signal?: AbortSignal;
}

/** What a sample of that many cells per tumor tells. */
export interface CellsNeededRow {
  cells: number;
  /** Mean share of tumors called right, and where 95 % of the samples lie. */
  accuracy: number;
  low: number;
  high: number;
  /** Mean AUC of the tumors' mean scores. */
  auc: number;
}

export interface CellsNeededResult {
  rows: CellsNeededRow[];
  perGroup: {
    group: string;
    positive: boolean;
    /** Share of right calls at each size, in the order of `rows`. */
    rightCalls: number[];
    /** Smallest size from which on right calls stay at the target; null when none does. */
    needed: number | null;
  }[];
  /** Smallest size from which on every tumor is called right often enough; null when some tumor never is. */
  needed: number | null;
}

/**
 * How many cells until a tumor is called right: draws k of its cells (with replacement), calls it by the sign of their mean score, and
 * repeats. The classifier stays the one that never saw the tumor.
 *
 * @throws DataError when a group holds both classes or a class is missing; ShapeError, OptionError
 */
export async function cellsNeeded(options: CellsNeededOptions): Promise<CellsNeededResult> {
  const { scores, labels, groups, resamples = 1000, target = 0.95, random } = options;
  const { sizes = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200], progress = defaultProgress } =
    options;
  checkScores('cellsNeeded', scores, labels);
  checkLength('cellsNeeded', 'groups', groups, scores.length);
  checkNumber('cellsNeeded', 'resamples', resamples, 1);
  checkNumber('cellsNeeded', 'target', target, 0, 1);
  for (const size of sizes) checkNumber('cellsNeeded', 'each size', size, 1);

  const byGroup = new Map<string, { positive: boolean; scores: number[] }>();
  for (let i = 0; i < scores.length; i++) {
    const name = String(groups[i]);
    const positive = Boolean(labels[i]);
    const group = byGroup.get(name) ?? { positive, scores: [] };
    if (group.positive !== positive) {
      throw new DataError(
        `cellsNeeded needs groups of one class each, but "${name}" holds both; group by tumor`,
      );
    }
    group.scores.push(scores[i]);
    byGroup.set(name, group);
  }
  const studied = [...byGroup].map(([group, { positive, scores: own }]) => ({ group, positive, own }));
  const rightCalls = studied.map(() => sizes.map(() => 0));
  const rows: CellsNeededRow[] = [];
  const breathe = breather(options.signal, 'cells needed');
  progress.start('cells needed', sizes.length, 'sizes');
  for (let s = 0; s < sizes.length; s++) {
    const accuracies = new Float64Array(resamples);
    let auc = 0;
    for (let r = 0; r < resamples; r++) {
      await breathe();
      const means: [number[], number[]] = [[], []];
      studied.forEach(({ positive, own }, g) => {
        let mean = 0;
        for (let k = 0; k < sizes[s]; k++) mean += own[random.integer(own.length)] / sizes[s];
        means[positive ? 1 : 0].push(mean);
        if (mean > 0 === positive) {
          accuracies[r] += 1 / studied.length;
          rightCalls[g][s] += 1 / resamples;
        }
      });
      auc += aucOfSorted(Float64Array.from(means[1]).sort(), Float64Array.from(means[0]).sort()) / resamples;
    }
    const accuracy = accuracies.reduce((sum, value) => sum + value, 0) / resamples;
    accuracies.sort();
    const [low, high] = [quantile(accuracies, 0.025), quantile(accuracies, 0.975)];
    rows.push({ cells: sizes[s], accuracy, low, high, auc });
    progress.update(s + 1);
  }
  progress.finish();
  const perGroup = studied.map(({ group, positive }, g) => ({
    group,
    positive,
    rightCalls: rightCalls[g],
    needed: enoughFrom(sizes, rightCalls[g], target),
  }));
  const worst = sizes.map((_, s) => Math.min(...rightCalls.map((calls) => calls[s])));
  return { rows, perGroup, needed: enoughFrom(sizes, worst, target) };
}

/** The smallest size from which on the share stays at the target. */
function enoughFrom(sizes: readonly number[], shares: readonly number[], target: number): number | null {
  let from: number | null = null;
  for (let s = sizes.length - 1; s >= 0 && shares[s] >= target - 1e-9; s--) from = sizes[s];
  return from;
}
