import { checkLength, checkMatrix, type FloatArray } from '../stats/matrix';
import { type Moments, mergeMoments, momentsOf } from '../stats/moments';
import { aucOfSorted } from '../stats/roc-curve';
import { breather } from '../util/breather';
import { DataError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import { type ClassifierOptions, fitLinear } from './fit-classifier';

export interface LeavePairOutOptions extends ClassifierOptions {
  /** [n, d] descriptors. */
  latents: FloatArray;
  n: number;
  d: number;
  /** True (or 1) for positive cells; one value per group. */
  labels: ArrayLike<number | boolean>;
  /** The tumor of each cell. */
  groups: ArrayLike<string | number>;
  progress?: Progress;
  signal?: AbortSignal;
}

/** One positive against one negative group, both unseen in training. */
export interface PairResult {
  positive: string;
  negative: string;
  auc: number;
}

export interface LeavePairOutResult {
  /** Mean over all pairs. */
  auc: number;
  pairs: PairResult[];
  /** Pairs in which the positive group's mean score is the higher one. */
  pairsRight: number;
}

/**
 * Leave-one-pair-of-groups-out: a positive and a negative group are scored by a classifier trained on the others, and compared with each
 * other only. Scores of different folds never meet, so offsets between folds (priors, training means) cannot move the AUC, as they do
 * in leave-one-group-out. Cost for LDA: n × d² once, then d³ per pair.
 *
 * @throws DataError when a group holds both classes, or a class has fewer than two groups; ShapeError, OptionError
 */
export async function leavePairOut(options: LeavePairOutOptions): Promise<LeavePairOutResult> {
  const { latents, n, d, labels, groups, progress = defaultProgress } = options;
  checkMatrix('leavePairOut', latents, n, d);
  checkLength('leavePairOut', 'labels', labels, n);
  checkLength('leavePairOut', 'groups', groups, n);
  const sides = sortGroups(labels, groups).map((side) =>
    [...side].map(([name, rows]) => ({ name, rows, moments: momentsOf(latents, d, rows) })),
  );
  const pairs: PairResult[] = [];
  let pairsRight = 0;
  const breathe = breather(options.signal, 'leave pair out');
  progress.start('leave a pair of groups out', sides[0].length * sides[1].length, 'pairs');
  for (const positive of sides[1]) {
    for (const negative of sides[0]) {
      await breathe();
      const training = [
        sides[0].filter((group) => group !== negative),
        sides[1].filter((group) => group !== positive),
      ];
      const moments = training.map((side) => mergeMoments(side.map((group): Moments => group.moments)));
      const rowsOf = () =>
        [training[0].flatMap((group) => group.rows), training[1].flatMap((group) => group.rows)] as const;
      const fit = fitLinear(latents, d, rowsOf, [moments[0], moments[1]], options);
      const scoresOf = (members: number[]) =>
        Float64Array.from(members, (i) => {
          let sum = fit.intercept;
          for (let j = 0; j < d; j++) {
            sum += (fit.weights[j] * (latents[i * d + j] - fit.mean[j])) / fit.scale[j];
          }
          return sum;
        });
      const up = scoresOf(positive.rows);
      const down = scoresOf(negative.rows);
      if (meanOf(up) > meanOf(down)) pairsRight++;
      pairs.push({
        positive: positive.name,
        negative: negative.name,
        auc: aucOfSorted(up.sort(), down.sort()),
      });
      progress.update(pairs.length);
    }
  }
  progress.finish();
  return { auc: pairs.reduce((sum, pair) => sum + pair.auc, 0) / pairs.length, pairs, pairsRight };
}

/** Cells of each negative and of each positive group. */
function sortGroups(
  labels: ArrayLike<number | boolean>,
  groups: ArrayLike<string | number>,
): [Map<string, number[]>, Map<string, number[]>] {
  const sides: [Map<string, number[]>, Map<string, number[]>] = [new Map(), new Map()];
  for (let i = 0; i < labels.length; i++) {
    const name = String(groups[i]);
    const side = labels[i] ? 1 : 0;
    if (sides[1 - side].has(name)) {
      throw new DataError(
        `leavePairOut needs groups of one class each, but "${name}" holds both; group by what carries the label, such as the tumor`,
      );
    }
    const rows = sides[side].get(name);
    if (rows) rows.push(i);
    else sides[side].set(name, [i]);
  }
  if (sides[0].size < 2 || sides[1].size < 2) {
    throw new DataError(
      `leavePairOut needs at least two groups of each class, got ${sides[1].size} positive and ${sides[0].size} negative`,
    );
  }
  return sides;
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
