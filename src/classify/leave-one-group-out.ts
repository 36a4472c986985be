import { clusteredAuc } from '../stats/clustered-auc';
import { delong } from '../stats/delong';
import { checkLength, checkMatrix, type FloatArray } from '../stats/matrix';
import { momentsOf } from '../stats/moments';
import { type PermutationResult, permuteUnits } from '../stats/permutation';
import { auc } from '../stats/roc-curve';
import { breather } from '../util/breather';
import { DataError, OptionError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import type { Random } from '../util/random';
import type { Classifier } from './classifier';
import { type ClassifierOptions, fitClassifier } from './fit-classifier';
import {
  checkFolds,
  type GroupedCells,
  groupCells,
  linearTrainer,
  outOfGroupScores,
  type Part,
  scorePart,
  type Trainer,
} from './grouped-cells';
import { leakWarnings } from './leak-warnings';

/** Cells, what is to be predicted, and how. */
export interface ByGroupOptions extends ClassifierOptions {
  /** [n, d] descriptors. */
  latents: FloatArray;
  n: number;
  d: number;
  /** True (or 1) for positive cells, such as those of highly metastatic tumors. */
  labels: ArrayLike<number | boolean>;
  /** What is left out together and counts as one piece of evidence: the tumor, or the day. */
  groups: ArrayLike<string | number>;
  /**
   * Left out with it: `{ day: […] }` beside groups of tumors scores the cells of a tumor and day by training on other tumors on other
   * days only.
   */
  alsoLeaveOut?: Record<string, ArrayLike<string | number>>;
  /** Names of the classes [negative, positive] for messages and the stored classifier. */
  classes?: readonly [string, string];
  /**
   * Other units whose cells are alike, by name: `{ day: […], track: […] }`. A unit with cells in training and in test is reported
   * as a leak.
   */
  units?: Record<string, ArrayLike<string | number>>;
  /** Labelings of a permutation test at the level of the group; 0 (default) for none. */
  permutations?: number;
  /** Needed for permutations. */
  random?: Random;
  progress?: Progress;
  signal?: AbortSignal;
}

/** How one left-out group came out. */
export interface GroupResult {
  group: string;
  /** Name of the class of its cells; "mixed" when it holds both. */
  label: string;
  cells: number;
  positives: number;
  meanScore: number;
  medianScore: number;
  /** Share of its cells on the right side of 0. */
  accuracy: number;
  /** Mean score on the right side of 0; null for a mixed group. */
  calledRight: boolean | null;
  /** Within the group; null unless it holds both classes. */
  auc: number | null;
}

export interface ByGroupResult {
  /** [n] out-of-group score of each cell; > 0 means positive. */
  scores: Float64Array;
  /** [n] index into `perGroup` of the fold in which the cell was left out. */
  fold: Int32Array;
  /** Pooled over folds. `ci95` takes groups as the units of evidence; `delong95` takes cells as independent and is too narrow. */
  auc: { value: number; ci95: [number, number]; delong95: [number, number] };
  accuracy: number;
  /** Mean of the accuracies of both classes. */
  balancedAccuracy: number;
  perGroup: GroupResult[];
  /** With the pooled AUC as statistic; null when not asked for. Its `null` shows where a meaningless label ends up, often below 0.5. */
  permutation: PermutationResult | null;
  /** Fitted on all cells. */
  classifier: Classifier;
  /** Leaks between folds and other reasons to mistrust the numbers, one sentence each. */
  warnings: string[];
  method: 'lda' | 'logistic';
  options: ClassifierOptions;
}

/**
 * Leave-one-group-out validation: each group's cells are scored by a classifier (standardisation included) trained on all others,
 * then the scores are pooled. Class priors are equal by default; see {@link ClassifierOptions.priors}.
 *
 * Cost for LDA: n × d² once, then d³ per fold and labeling.
 *
 * @throws DataError when there is one class, one group, or a fold whose training cells lack a class; ShapeError, OptionError
 * @example
 * const result = await classifyByGroup({ latents, n, d: 56, labels: isHigh, groups: tumors, permutations: 1000, random });
 * result.auc; // { value: 0.71, ci95: [0.58, 0.81], … }
 */
export async function classifyByGroup(options: ByGroupOptions): Promise<ByGroupResult> {
  const { latents, n, d, labels, groups, classes = ['negative', 'positive'], permutations = 0 } = options;
  const { progress = defaultProgress, signal } = options;
  checkMatrix('classifyByGroup', latents, n, d);
  checkLength('classifyByGroup', 'labels', labels, n);
  checkLength('classifyByGroup', 'groups', groups, n);
  if (permutations > 0 && !options.random) {
    throw new OptionError('classifyByGroup needs random for permutations; pass seededRandom(seed)');
  }
  const settings = classifierOptions(options);
  for (const [unit, values] of Object.entries(options.alsoLeaveOut ?? {})) {
    checkLength('classifyByGroup', unit, values, n);
  }
  const study = groupCells(latents, d, labels, groups, options.alsoLeaveOut);
  checkFolds('classifyByGroup', study, classes);
  const { truth } = study;

  const train = linearTrainer(latents, d, settings);
  const scores = await outOfGroupScores(study, train, breather(signal, 'classify'), progress);
  const pooled = clusteredAuc(scores, truth, study.group);
  const narrow = delong(scores, truth);
  const warnings = leakWarnings(latents, study, options.units);
  if (pooled.auc < 0.5) {
    warnings.push(
      `the pooled AUC is ${pooled.auc.toFixed(2)}; below 0.5 is no reason to invert the score: leaving a group out moves the others' mean away from it, so a label without meaning also ends up below 0.5`,
    );
  }
  if (settings.priors === 'empirical') {
    warnings.push(
      'empirical priors shift each fold against the class of its left-out group, which lowers the pooled AUC; equal priors do not',
    );
  }
  const permutation =
    permutations > 0
      ? await permuteLabels(study, train, { permutations, random: options.random!, progress, signal })
      : null;
  const perGroup = study.names.map((name, g) => describeGroup(name, g, study, scores, classes));
  const hits = [0, 0];
  for (let i = 0; i < n; i++) if (scores[i] > 0 === (truth[i] === 1)) hits[truth[i]]++;
  const positives = truth.reduce((sum, label) => sum + label, 0);
  return {
    scores,
    fold: study.group,
    auc: { value: pooled.auc, ci95: [pooled.low, pooled.high], delong95: [narrow.low, narrow.high] },
    accuracy: (hits[0] + hits[1]) / n,
    balancedAccuracy: (hits[0] / (n - positives) + hits[1] / positives) / 2,
    perGroup,
    permutation,
    classifier: fitClassifier(latents, n, d, truth, settings, classes),
    warnings,
    method: settings.method ?? 'lda',
    options: settings,
  };
}

/** The options of a classifier alone, with defaults filled in. */
export function classifierOptions(options: ClassifierOptions): ClassifierOptions {
  const {
    method = 'lda',
    priors = 'equal',
    solver = 'svd',
    shrinkage = 'none',
    standardise = true,
  } = options;
  if (method === 'logistic') return { method, priors, penalty: options.penalty ?? 1, standardise };
  return { method, priors, solver, shrinkage, standardise };
}

/**
 * Where each group carries one label, the groups are relabelled. A mixed group cannot be; there the test is refused with the reason.
 */
async function permuteLabels(
  study: GroupedCells,
  train: Trainer,
  how: { permutations: number; random: Random; progress: Progress; signal?: AbortSignal },
): Promise<PermutationResult> {
  const rows = study.names.map((_, g) => rowsOf(study, g));
  const mixed = rows.findIndex(([negative, positive]) => negative.length > 0 && positive.length > 0);
  if (mixed >= 0) {
    throw new DataError(
      `classifyByGroup: the permutation test relabels whole groups, but group "${study.names[mixed]}" holds both classes; group by what carries the label, such as the tumor`,
    );
  }
  const none = momentsOf(new Float64Array(0), study.d, []);
  const whole = study.parts.map((part) => {
    const k = part.rows[0].length > 0 ? 0 : 1;
    return { group: part.group, rows: part.rows[k], moments: part.moments[k] };
  });
  const scores = new Float64Array(study.truth.length);
  const labels = new Uint8Array(study.truth.length);
  const statistic = (labeling: readonly boolean[]): number => {
    const parts = whole.map(
      ({ group, rows, moments }): Pick<Part, 'rows' | 'moments'> =>
        labeling[group]
          ? { rows: [[], rows], moments: [none, moments] }
          : { rows: [rows, []], moments: [moments, none] },
    );
    for (const part of study.parts) scorePart(part, parts, train, scores);
    for (let i = 0; i < labels.length; i++) labels[i] = labeling[study.group[i]] ? 1 : 0;
    return auc(scores, labels);
  };
  return permuteUnits(
    rows.map(([, positive]) => positive.length > 0),
    statistic,
    how,
  );
}

/** Negative and positive cells of a group. */
function rowsOf(study: GroupedCells, g: number): [number[], number[]] {
  const parts = study.parts.filter((part) => part.group === g);
  return [parts.flatMap(({ rows }) => rows[0]), parts.flatMap(({ rows }) => rows[1])];
}

function describeGroup(
  name: string,
  g: number,
  study: GroupedCells,
  scores: Float64Array,
  classes: readonly [string, string],
): GroupResult {
  const [negative, positive] = rowsOf(study, g);
  const members = [...negative, ...positive];
  const own = Float64Array.from(members, (i) => scores[i]);
  const sorted = own.slice().sort();
  const middle = sorted.length / 2;
  const meanScore = own.reduce((sum, value) => sum + value, 0) / own.length;
  const mixed = negative.length > 0 && positive.length > 0;
  const right = members.filter((i) => scores[i] > 0 === (study.truth[i] === 1)).length;
  return {
    group: name,
    label: mixed ? 'mixed' : classes[positive.length > 0 ? 1 : 0],
    cells: members.length,
    positives: positive.length,
    meanScore,
    medianScore: (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2,
    accuracy: right / members.length,
    calledRight: mixed ? null : meanScore > 0 === positive.length > 0,
    auc: mixed
      ? auc(
          own,
          members.map((i) => study.truth[i]),
        )
      : null,
  };
}
