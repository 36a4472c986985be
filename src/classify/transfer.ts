import { clusterResampling } from '../stats/cluster-resampling';
import { checkLength, checkNumber, type FloatArray } from '../stats/matrix';
import { breather } from '../util/breather';
import { defaultProgress, type Progress } from '../util/progress';
import { quantile } from '../util/quantile';
import type { Random } from '../util/random';
import { type Classifier, scoreCells } from './classifier';

export interface TransferOptions {
  /** Trained on other cells, such as the tumors' when these are cell lines. */
  classifier: Classifier;
  /** [n, d] descriptors of cells that the classifier never saw. */
  latents: FloatArray;
  n: number;
  /** The cell line (or tumor) of each cell. */
  groups: ArrayLike<string | number>;
  /** Cells drawn together for the intervals, such as the day; default single cells. */
  clusters?: ArrayLike<string | number>;
  /** Default 1000. */
  resamples?: number;
  random: Random;
  progress?: Progress;
  signal?: AbortSignal;
}

/** Where one cell line stands. Intervals are 95 % bootstrap. */
export interface TransferGroup {
  group: string;
  cells: number;
  meanScore: number;
  scoreInterval: [number, number];
  /** Mean score in standard deviations from the training cells' mean. */
  standardisedScore: number;
  /** Share of its cells called positive. */
  positiveShare: number;
  positiveInterval: [number, number];
  /** 1 for the highest mean score. */
  rank: number;
  rankInterval: [number, number];
}

export interface TransferResult {
  /** [n] */
  scores: Float64Array;
  /** Highest mean score first. */
  groups: TransferGroup[];
}

/**
 * Applies a stored classifier to cells it never saw and ranks their groups by mean score.
 *
 * @throws ShapeError when the descriptors have another number of features; DataError, OptionError
 */
export async function transferClassifier(options: TransferOptions): Promise<TransferResult> {
  const { classifier, latents, n, groups, resamples = 1000, random, progress = defaultProgress } = options;
  checkLength('transferClassifier', 'groups', groups, n);
  checkNumber('transferClassifier', 'resamples', resamples, 2);
  const scores = scoreCells(classifier, latents, n);
  const numbers = new Map<string, number>();
  const member = Int32Array.from({ length: n }, (_, i) => {
    const name = String(groups[i]);
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    return numbers.get(name)!;
  });
  const names = [...numbers.keys()];
  const summary = (weightOf: (cell: number) => number) => {
    const cells = new Float64Array(names.length);
    const sum = new Float64Array(names.length);
    const positive = new Float64Array(names.length);
    for (let i = 0; i < n; i++) {
      const weight = weightOf(i);
      cells[member[i]] += weight;
      sum[member[i]] += weight * scores[i];
      if (scores[i] > 0) positive[member[i]] += weight;
    }
    const means = sum.map((value, g) => value / cells[g]);
    return { cells, means, shares: positive.map((value, g) => value / cells[g]), ranks: ranksOf(means) };
  };
  const observed = summary(() => 1);

  // each group keeps its number of clusters: groups are the strata of the resampling
  const resamplings = names.map((_, g) => {
    const own = [...member.keys()].filter((i) => member[i] === g);
    const levels = options.clusters ? [own.map((i) => options.clusters![i])] : [];
    return { own, ...clusterResampling('transferClassifier', levels, new Uint8Array(own.length)) };
  });
  const draws = names.map(() => ({ means: [] as number[], shares: [] as number[], ranks: [] as number[] }));
  const weights = new Float64Array(n);
  const breathe = breather(options.signal, 'transfer');
  progress.start('bootstrap', resamples, 'resamples');
  for (let r = 0; r < resamples; r++) {
    await breathe();
    for (const { own, unit, draw } of resamplings) {
      const drawn = draw(random);
      own.forEach((i, k) => {
        weights[i] = drawn[unit[k]];
      });
    }
    const { means, shares, ranks } = summary((i) => weights[i]);
    draws.forEach((lists, g) => {
      lists.means.push(means[g]);
      lists.shares.push(shares[g]);
      lists.ranks.push(ranks[g]);
    });
    progress.update(r + 1);
  }
  progress.finish();
  const interval = (values: number[]): [number, number] => {
    const sorted = Float64Array.from(values).sort();
    return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  };
  const result = names.map((group, g) => ({
    group,
    cells: observed.cells[g],
    meanScore: observed.means[g],
    scoreInterval: interval(draws[g].means),
    standardisedScore: (observed.means[g] - classifier.scoreMean) / (classifier.scoreSd || 1),
    positiveShare: observed.shares[g],
    positiveInterval: interval(draws[g].shares),
    rank: observed.ranks[g],
    rankInterval: interval(draws[g].ranks),
  }));
  return { scores, groups: result.sort((a, b) => a.rank - b.rank) };
}

/** 1 for the largest value. */
function ranksOf(values: Float64Array): Int32Array {
  const ranks = new Int32Array(values.length);
  [...values.keys()]
    .sort((a, b) => values[b] - values[a])
    .forEach((g, rank) => {
      ranks[g] = rank + 1;
    });
  return ranks;
}
