/** Which features drive a classifier's score, and whether that is more than labels without meaning would show. */

import { rawWeights, scoreCells } from '../classify/classifier';
import { type ClassifierOptions, fitClassifier } from '../classify/fit-classifier';
import { type ByGroupResult, classifyByGroup } from '../classify/leave-one-group-out';
import { pearson } from '../stats/correlation';
import { checkLength, checkMatrix, type FloatArray, takeRows } from '../stats/matrix';
import { permuteUnits } from '../stats/permutation';
import { auc } from '../stats/roc-curve';
import { studentQuantile } from '../stats/student-t';
import { breather } from '../util/breather';
import { DataError } from '../util/errors';
import { defaultProgress, type Progress, silentProgress } from '../util/progress';
import type { Random } from '../util/random';

export interface ExplainOptions extends ClassifierOptions {
  /** [n, d] descriptors. */
  latents: FloatArray;
  n: number;
  d: number;
  /** True (or 1) for positive cells. */
  labels: ArrayLike<number | boolean>;
  /** The tumor of each cell. */
  groups: ArrayLike<string | number>;
  classes?: readonly [string, string];
  /** Labelings of the tumors that the features are held against; all of them where there are no more. Default 1000. */
  permutations?: number;
  random: Random;
  progress?: Progress;
  signal?: AbortSignal;
}

/** What one feature has to do with the score. */
export interface FeatureReport {
  /** From 1, as in the paper. */
  feature: number;
  /** Weight of the standardised feature in the classifier of all cells, as a z-score among the weights. */
  weightZ: number;
  /** Correlation with the out-of-group score in each group, in the order of `groups`. */
  correlations: number[];
  /** Mean of these over groups, and its 95 % interval over groups. */
  correlation: number;
  correlationInterval: [number, number];
  /** Pooled out-of-group AUC of this feature alone, and of all others. */
  onlyAuc: number;
  dropAuc: number;
  /** Fall of the out-of-group AUC when each left-out cell gets the feature of another cell, of any group. */
  permutationImportance: number;
  /** Share of the folds in which the feature's weight has the sign that it has in all cells. */
  signStability: number;
  /** Difference of the classes' tumor means, in standard deviations between tumors of a class. */
  difference: number;
  /** Share of labelings of the tumors under which *any* feature differs as much: corrected for looking at all features. */
  p: number;
}

export interface ScoreExplanation {
  judged: ByGroupResult;
  groups: string[];
  /** Strongest mean correlation first. */
  features: FeatureReport[];
  /** Numbers of the features with p ≤ 0.05. */
  standOut: number[];
  /** Smallest p that so few groups allow. */
  smallestP: number;
  /** In one sentence. */
  verdict: string;
}

/**
 * Explains a score, feature by feature. Cost: 2 d + 1 leave-one-group-out validations.
 *
 * @throws DataError, ShapeError, OptionError as `classifyByGroup`
 * @example
 * const { verdict } = await explainScore({ latents, n, d: 56, labels: isHigh, groups: tumors, random: seededRandom(1) });
 */
export async function explainScore(options: ExplainOptions): Promise<ScoreExplanation> {
  const { latents, n, d, labels, groups, classes, permutations = 1000, random } = options;
  const { progress = defaultProgress, signal } = options;
  checkMatrix('explainScore', latents, n, d);
  checkLength('explainScore', 'labels', labels, n);
  checkLength('explainScore', 'groups', groups, n);
  const breathe = breather(signal, 'explain');
  const base = { ...options, progress: silentProgress, permutations: 0 };
  const judged = await classifyByGroup(base);
  const names = judged.perGroup.map(({ group }) => group);
  const rowsOf = names.map((_, g) =>
    Array.from({ length: n }, (_, i) => i).filter((i) => judged.fold[i] === g),
  );
  const truth = Array.from({ length: n }, (_, i) => Boolean(labels[i]));
  const whole = fitClassifier(latents, n, d, labels, options, classes);
  const zWeights = zScores(whole.weights);

  // the classifier of each fold: how stable its weights are, and what shuffling a feature in the left-out group does to its scores
  const folds = names.map((_, g) => {
    const rows = Array.from({ length: n }, (_, i) => i).filter((i) => judged.fold[i] !== g);
    return rawWeights(
      fitClassifier(
        takeRows(latents, d, rows),
        rows.length,
        d,
        rows.map((i) => truth[i]),
        options,
        classes,
      ),
    ).weights;
  });

  const difference = await differences(
    options,
    rowsOf,
    truth,
    permutations,
    random.fork('labelings'),
    signal,
  );
  progress.start('explain the score', d, 'features');
  const features: FeatureReport[] = [];
  for (let j = 0; j < d; j++) {
    await breathe();
    const column = Float64Array.from({ length: n }, (_, i) => latents[i * d + j]);
    const correlations = rowsOf.map((rows) =>
      pearsonOrZero(
        rows.map((i) => judged.scores[i]),
        rows.map((i) => column[i]),
      ),
    );
    const only = await classifyByGroup({ ...base, latents: column, d: 1 });
    const others =
      d > 1 ? await classifyByGroup({ ...base, latents: without(latents, n, d, j), d: d - 1 }) : null;
    // held-out scores with the feature of another cell in place of the cell's own
    const exchanged = random.fork(`shuffle ${j}`).permutation(n);
    const shuffled = judged.scores.map(
      (score, i) => score + folds[judged.fold[i]][j] * (column[exchanged[i]] - column[i]),
    );
    features.push({
      feature: j + 1,
      weightZ: zWeights[j],
      correlations,
      ...meanWithInterval(correlations),
      onlyAuc: only.auc.value,
      dropAuc: others?.auc.value ?? 0.5,
      permutationImportance: auc(judged.scores, truth) - auc(shuffled, truth),
      signStability:
        folds.filter((weights) => Math.sign(weights[j]) === Math.sign(whole.weights[j])).length /
        folds.length,
      difference: difference.observed[j],
      p: difference.p[j],
    });
    progress.update(j + 1);
  }
  progress.finish();
  features.sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation));
  const standOut = features.filter(({ p }) => p <= 0.05).map(({ feature }) => feature);
  return {
    judged,
    groups: names,
    features,
    standOut,
    smallestP: difference.smallestP,
    verdict: verdictOf(standOut, difference.smallestP),
  };
}

function verdictOf(standOut: readonly number[], smallestP: number): string {
  if (smallestP > 0.05) {
    return `No feature can stand out: with so few groups no p can fall below ${smallestP.toFixed(3)}.`;
  }
  if (standOut.length === 0) {
    return 'No feature stands out: labels exchanged between the groups make some feature differ as much in more than one in twenty cases.';
  }
  return `${standOut.length === 1 ? 'Feature' : 'Features'} ${standOut.join(', ')} ${standOut.length === 1 ? 'stands' : 'stand'} out from what labels without meaning show (p ≤ 0.05, all features looked at).`;
}

/** Difference of tumor means by class for every feature, against all labelings of the tumors, by the largest over features (Westfall and Young). */
async function differences(
  { latents, d }: ExplainOptions,
  rowsOf: readonly number[][],
  truth: readonly boolean[],
  permutations: number,
  random: Random,
  signal: AbortSignal | undefined,
) {
  const means = rowsOf.map((rows) =>
    Float64Array.from(
      { length: d },
      (_, j) => rows.reduce((sum, i) => sum + latents[i * d + j], 0) / rows.length,
    ),
  );
  const labels = rowsOf.map((rows) => truth[rows[0]]);
  if (rowsOf.some((rows, g) => rows.some((i) => truth[i] !== labels[g]))) {
    throw new DataError(
      'explainScore needs groups of one class each (a tumor is high or low); give the tumor as the group',
    );
  }
  const of = (labeling: readonly boolean[]) =>
    Float64Array.from({ length: d }, (_, j) => {
      const sides = [true, false].map((side) =>
        means.filter((_, g) => labeling[g] === side).map((mean) => mean[j]),
      );
      const centres = sides.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
      const squares = sides.reduce(
        (sum, values, s) => sum + values.reduce((part, value) => part + (value - centres[s]) ** 2, 0),
        0,
      );
      const sd = Math.sqrt(squares / Math.max(1, means.length - 2));
      return sd > 0 ? (centres[0] - centres[1]) / sd : 0;
    });
  const observed = of(labels);
  const largest = (labeling: readonly boolean[]) =>
    of(labeling).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const tested = await permuteUnits(labels, largest, {
    permutations,
    random,
    progress: silentProgress,
    signal,
  });
  const p = Float64Array.from(observed, (value) => {
    const atLeast = tested.null.filter((other) => other >= Math.abs(value) - 1e-12).length;
    // the true labeling counts; its own largest is at least this feature's
    return (atLeast + 1) / tested.n;
  });
  return { observed, p, smallestP: tested.smallestP };
}

function meanWithInterval(values: readonly number[]): {
  correlation: number;
  correlationInterval: [number, number];
} {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const half =
    values.length > 1
      ? studentQuantile(0.975, values.length - 1) * Math.sqrt(variance / values.length)
      : Infinity;
  return { correlation: mean, correlationInterval: [Math.max(-1, mean - half), Math.min(1, mean + half)] };
}

function zScores(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sd = Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1),
  );
  return values.map((value) => (sd > 0 ? (value - mean) / sd : 0));
}

function pearsonOrZero(a: readonly number[], b: readonly number[]): number {
  const r = a.length > 1 ? pearson(a, b) : Number.NaN;
  return Number.isFinite(r) ? r : 0; // a constant feature goes with nothing
}

function without(x: FloatArray, n: number, d: number, feature: number): Float64Array {
  const kept = new Float64Array(n * (d - 1));
  for (let i = 0; i < n; i++) {
    for (let j = 0, k = 0; j < d; j++) if (j !== feature) kept[i * (d - 1) + k++] = x[i * d + j];
  }
  return kept;
}

/** AUC of cells after decoding and encoding again: how much of what the classifier sees the decoder can show. */
export function reencodedAuc(
  judged: Pick<ByGroupResult, 'classifier'>,
  again: FloatArray,
  labels: ArrayLike<number | boolean>,
): number {
  return auc(scoreCells(judged.classifier, again, labels.length), labels);
}
