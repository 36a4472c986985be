import { type Calibration, calibration, toProbability } from '../stats/calibration';
import { clusteredBootstrap } from '../stats/clustered-bootstrap';
import { type ClusteredComparison, compareClustered } from '../stats/compare-clustered';
import { type Confusion, confusionByGroup } from '../stats/confusion';
import { curveBands, type PrecisionBandPoint, type RocBandPoint } from '../stats/curve-bands';
import { type AucComparison, compareAuc } from '../stats/delong';
import { type EffectSize, effectSize } from '../stats/effect-size';
import { checkLength, checkNumber, type FloatArray } from '../stats/matrix';
import { type PermutationResult, permuteUnits } from '../stats/permutation';
import { type PrecisionRecall, precisionRecall } from '../stats/precision-recall';
import { auc } from '../stats/roc-curve';
import { DataError, messageOf } from '../util/errors';
import { silentProgress } from '../util/progress';
import type { Random } from '../util/random';
import { averageTracks } from './average-tracks';
import { type ByGroupOptions, type ByGroupResult, classifyByGroup } from './leave-one-group-out';
import { type LeavePairOutResult, leavePairOut } from './leave-pair-out';
import { networkByGroup } from './network-by-group';

export interface EvaluationOptions extends ByGroupOptions {
  random: Random;
  /** The day of each cell: drawn inside groups by the bootstrap, and reported as a leak where it is in training and in test. */
  days?: ArrayLike<string | number>;
  /** The track of each cell, unique over the study: adds the AUC of time-averaged descriptors. */
  tracks?: ArrayLike<string | number>;
  /** [n, d] other numbers of the same cells, such as shape measures, judged in the same way. */
  rival?: { values: FloatArray; d: number };
  /** Adds the small network. Default false. */
  network?: boolean;
  /** Resamples of the clustered bootstrap. Default 1000. */
  resamples?: number;
}

/** A number with a 95 % interval. */
export interface WithInterval {
  value: number;
  ci95: [number, number];
}

/** Everything that {@link classifyByGroup} gives, and what a reviewer asks for beside it. */
export interface Evaluation extends ByGroupResult {
  /** Of the AUC and of the average precision, drawing groups, then days inside them. Too narrow below about ten groups (`clusters`). */
  bootstrap: { auc: WithInterval; averagePrecision: WithInterval; clusters: number };
  precisionRecall: PrecisionRecall;
  /** Both curves with pointwise intervals from the same kind of bootstrap. */
  bands: { roc: RocBandPoint[]; precisionRecall: PrecisionBandPoint[] };
  /** Of the out-of-group scores as probabilities. */
  calibration: Calibration;
  confusion: Map<string, Confusion>;
  /** Without offsets between folds; null where groups hold both classes or too few of each are there, for the reason in `why`. */
  pairOut: LeavePairOutResult | null;
  /** Judged by the mean score of each group; null where groups hold both classes. */
  groupMeans: GroupMeans | null;
  /** Of the scores of positive against negative cells. */
  effect: EffectSize;
  /** Time-averaged descriptors, evaluated in the same way; null without tracks. */
  trackAverages: { auc: WithInterval; tracks: number } | null;
  rival: RivalResult | null;
  /** Out-of-group AUC of the small network; DeLong's interval. */
  network: WithInterval | null;
  /** What could not be measured, and why. */
  why: { pairOut?: string; groupMeans?: string };
}

export interface GroupMeans {
  auc: number;
  groups: number;
  calledRight: number;
  /** Exact where there are few labelings: the share of relabelings of the groups whose AUC of means is at least as high. */
  permutation: Pick<PermutationResult, 'p' | 'n' | 'exact' | 'smallestP'>;
}

export interface RivalResult {
  auc: WithInterval;
  /** AUC of the descriptors over the same cells. */
  descriptors: WithInterval;
  /** Descriptors − rival, drawing groups, then days inside them. */
  difference: ClusteredComparison;
  /** DeLong's test, which takes cells as independent. */
  delong: AucComparison;
  /** Cells that have all of the rival's numbers. */
  cells: number;
}

/**
 * Leave-one-group-out validation with the statistics of a methods section: precision and recall, calibration, confusion per group, pairs
 * of groups left out, group means, effect size, bootstrap over groups and days, time averages, and a rival set of features.
 *
 * Cost: that of {@link classifyByGroup} for each of the comparisons, plus the resamples.
 *
 * @throws as {@link classifyByGroup} does; OptionError, ShapeError for what is added here
 */
export async function evaluateByGroup(options: EvaluationOptions): Promise<Evaluation> {
  const { n, labels, groups, days, tracks, rival, random, resamples = 1000, progress, signal } = options;
  checkNumber('evaluateByGroup', 'resamples', resamples, 2);
  for (const [name, values] of Object.entries({ days, tracks })) {
    if (values) checkLength('evaluateByGroup', name, values, n);
  }
  const units = { ...(days ? { day: days } : {}), ...(tracks ? { track: tracks } : {}), ...options.units };
  const result = await classifyByGroup({ ...options, units });
  const { scores } = result;
  const clusters = days ? [groups, days] : [groups];
  const draw = (statistic: 'auc' | 'averagePrecision') =>
    clusteredBootstrap(scores, labels, {
      clusters,
      statistic,
      resamples,
      random: random.fork(statistic),
      progress,
      signal,
    });
  const [drawnAuc, drawnPrecision] = [await draw('auc'), await draw('averagePrecision')];
  const why: Evaluation['why'] = {};
  const pairOut = await leavePairOut(options).catch((error: unknown) => {
    if (!(error instanceof DataError)) throw error;
    why.pairOut = messageOf(error);
    return null;
  });
  const groupMeans = await judgeGroupMeans(result, random, signal);
  if (!groupMeans) why.groupMeans = 'a group holds both classes, so its mean score has no side to be on';
  const positive: number[] = [];
  const negative: number[] = [];
  scores.forEach((score, i) => {
    (labels[i] ? positive : negative).push(score);
  });
  return {
    ...result,
    bootstrap: {
      auc: { value: drawnAuc.value, ci95: [drawnAuc.low, drawnAuc.high] },
      averagePrecision: { value: drawnPrecision.value, ci95: [drawnPrecision.low, drawnPrecision.high] },
      clusters: drawnAuc.clusters,
    },
    precisionRecall: precisionRecall(scores, labels),
    bands: await curveBands(scores, labels, { clusters, resamples, random: random.fork('bands'), signal }),
    calibration: calibration(scores.map(toProbability), labels),
    confusion: confusionByGroup(scores, labels, groups),
    pairOut,
    groupMeans,
    effect: effectSize(positive, negative),
    trackAverages: tracks ? await evaluateTracks(options, tracks) : null,
    rival: rival ? await compareRival(options, rival, clusters, resamples) : null,
    network: options.network ? await evaluateNetwork(options) : null,
    why,
  };
}

async function judgeGroupMeans(
  { perGroup }: ByGroupResult,
  random: Random,
  signal?: AbortSignal,
): Promise<GroupMeans | null> {
  if (perGroup.some(({ calledRight }) => calledRight === null)) return null;
  const means = perGroup.map(({ meanScore }) => meanScore);
  const truth = perGroup.map(({ positives }) => positives > 0);
  const { p, n, exact, smallestP, observed } = await permuteUnits(truth, (labels) => auc(means, labels), {
    random: random.fork('group means'),
    progress: silentProgress, // moments
    signal,
  });
  return {
    auc: observed,
    groups: perGroup.length,
    calledRight: perGroup.filter(({ calledRight }) => calledRight).length,
    permutation: { p, n, exact, smallestP },
  };
}

async function evaluateTracks(
  options: EvaluationOptions,
  tracks: ArrayLike<string | number>,
): Promise<Evaluation['trackAverages']> {
  const { latents, n, d, labels, groups, alsoLeaveOut = {} } = options;
  const averages = averageTracks(latents, n, d, tracks);
  const of = <T>(values: ArrayLike<T>) => Array.from(averages.rows, (row) => values[row]);
  const { auc: found } = await classifyByGroup({
    ...options,
    latents: averages.latents,
    n: averages.m,
    labels: of(labels),
    groups: of(groups),
    alsoLeaveOut: Object.fromEntries(
      Object.entries(alsoLeaveOut).map(([unit, values]) => [unit, of(values)]),
    ),
    units: {},
    permutations: 0,
  });
  return { auc: { value: found.value, ci95: found.ci95 }, tracks: averages.m };
}

/** Both sets of features over the cells that have all of the rival's numbers. */
async function compareRival(
  options: EvaluationOptions,
  rival: { values: FloatArray; d: number },
  clusters: readonly ArrayLike<string | number>[],
  resamples: number,
): Promise<RivalResult> {
  const { latents, n, d, labels, alsoLeaveOut = {}, random, signal } = options;
  checkLength('evaluateByGroup', 'rival rows', { length: rival.values.length / rival.d }, n);
  const rows: number[] = [];
  for (let i = 0; i < n; i++) {
    if (rival.values.subarray(i * rival.d, (i + 1) * rival.d).every(Number.isFinite)) rows.push(i);
  }
  if (rows.length === 0) {
    throw new DataError(
      'evaluateByGroup: no cell has all of the rival’s numbers; check that its paths are those of the descriptors',
    );
  }
  const of = <T>(values: ArrayLike<T>) => rows.map((row) => values[row]);
  const take = (x: FloatArray, width: number) => {
    const taken = new Float64Array(rows.length * width);
    rows.forEach((row, i) => {
      taken.set(x.subarray(row * width, (row + 1) * width), i * width);
    });
    return taken;
  };
  const judge = (x: FloatArray, width: number) =>
    classifyByGroup({
      ...options,
      latents: take(x, width),
      n: rows.length,
      d: width,
      labels: of(labels),
      groups: of(options.groups),
      alsoLeaveOut: Object.fromEntries(
        Object.entries(alsoLeaveOut).map(([unit, values]) => [unit, of(values)]),
      ),
      units: {},
      permutations: 0,
    });
  const own = await judge(latents, d);
  const other = await judge(rival.values, rival.d);
  return {
    auc: { value: other.auc.value, ci95: other.auc.ci95 },
    descriptors: { value: own.auc.value, ci95: own.auc.ci95 },
    difference: await compareClustered(own.scores, other.scores, of(labels), {
      clusters: clusters.map((level) => of(level)),
      resamples,
      random: random.fork('rival'),
      signal,
    }),
    delong: compareAuc(own.scores, other.scores, of(labels)),
    cells: rows.length,
  };
}

async function evaluateNetwork(options: EvaluationOptions): Promise<WithInterval> {
  const { latents, n, d, labels, groups, alsoLeaveOut, random, progress, signal } = options;
  const found = await networkByGroup({
    latents,
    n,
    d,
    labels,
    groups,
    alsoLeaveOut,
    random: random.fork('network'),
    progress,
    signal,
  });
  return { value: found.auc.value, ci95: found.auc.delong95 };
}
