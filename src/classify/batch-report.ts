import { centerBatches } from '../stats/center-batches';
import { fitCombat } from '../stats/combat';
import { harmonise } from '../stats/harmony';
import { checkLength, checkMatrix, type FloatArray, takeRows } from '../stats/matrix';
import { auc } from '../stats/roc-curve';
import { type Factors, type VarianceExplained, varianceExplained } from '../stats/variance-explained';
import { breather } from '../util/breather';
import { DataError, messageOf } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import type { Random } from '../util/random';
import type { ClassifierOptions } from './fit-classifier';
import { checkFolds, groupCells, linearTrainer, outOfGroupScores } from './grouped-cells';

/** Corrections that the report tries. */
export type Correction = 'none' | 'center' | 'combat' | 'harmony';

export interface BatchReportOptions extends ClassifierOptions {
  /** [n, d] descriptors. */
  latents: FloatArray;
  n: number;
  d: number;
  /** True (or 1) for positive cells. */
  labels: ArrayLike<number | boolean>;
  /** The day (or series) of each cell. */
  batches: ArrayLike<string | number>;
  /** Factors whose variance is measured beside the batch, such as `{ tumor, category }`. */
  factors?: Factors;
  /** Cells that a batch is measured by when centring, such as a control type imaged every day. Default all. */
  reference?: ArrayLike<boolean | number>;
  /** Default all four. */
  corrections?: readonly Correction[];
  random: Random;
  progress?: Progress;
  signal?: AbortSignal;
}

/** What the classifier reaches when cells are split in three ways. */
export interface SplitAucs {
  /** Cells split at random into five parts: cells of a day are in training and in test. The misleading one. */
  naive: number;
  /** The same inside each day that has both classes, averaged; free of day effects, not of tumor effects. Null without such a day. */
  withinBatch: number | null;
  /** Each day scored by training on the others. Null when it cannot be done, for the reason in `why`. */
  betweenBatch: number | null;
  why: string | null;
}

export interface CorrectionReport extends SplitAucs {
  correction: Correction;
  /** Share of the variance that lies between batches afterwards. */
  batchR2: number;
  /** What it was allowed to see of a left-out day. */
  sees: string;
}

export interface BatchReport {
  /** Of the uncorrected descriptors, by batch and the other factors. */
  variance: VarianceExplained;
  corrections: CorrectionReport[];
  /** One sentence per finding. */
  warnings: string[];
}

const SEES: Record<Correction, string> = {
  none: 'nothing',
  center: 'the left-out day’s own cells, without labels',
  combat: 'the left-out day’s own cells, without labels; shrinkage and target come from the training days',
  harmony: 'all cells, without labels',
};

/**
 * Measures batch effects and what corrections do about them: variance explained, and AUC with cells split naively, within days, and
 * between days, before and after each correction. A naive AUC far above the one between days means that the classifier reads the day.
 *
 * @throws DataError when a class is missing or there is a single batch; ShapeError, OptionError; InterruptedError
 */
export async function batchReport(options: BatchReportOptions): Promise<BatchReport> {
  const { latents, n, d, labels, batches, factors = {}, random, progress = defaultProgress } = options;
  const { corrections = ['none', 'center', 'combat', 'harmony'] } = options;
  checkMatrix('batchReport', latents, n, d);
  checkLength('batchReport', 'labels', labels, n);
  checkLength('batchReport', 'batches', batches, n);
  const variance = varianceExplained(latents, n, d, { batch: batches, ...factors });
  const reports: CorrectionReport[] = [];
  progress.start('batch report', corrections.length, 'corrections');
  const refused: string[] = [];
  for (const [done, correction] of corrections.entries()) {
    try {
      const whole = await correctBatches(correction, options);
      const split = await splitAucs(whole, options, random.fork('folds'));
      if (correction === 'combat' && split.betweenBatch !== null) {
        split.betweenBatch = await combatBetweenBatches(options);
      }
      const batchR2 = varianceExplained(whole, n, d, { batch: batches }).factors[0].r2;
      reports.push({ correction, ...split, batchR2, sees: SEES[correction] });
    } catch (error) {
      if (correction === 'none' || !(error instanceof DataError)) throw error;
      refused.push(`${correction} cannot be applied: ${messageOf(error)}`);
    }
    progress.update(done + 1, correction);
  }
  progress.finish();
  return { variance, corrections: reports, warnings: [...findings(reports), ...refused] };
}

/**
 * The descriptors after a correction of all batches.
 *
 * @returns [n, d]; the given array itself for `none`
 * @throws DataError where it cannot be applied (a batch of one cell); ShapeError, OptionError; InterruptedError
 */
export async function correctBatches(
  correction: Correction,
  options: Pick<BatchReportOptions, 'latents' | 'n' | 'd' | 'batches' | 'reference' | 'random' | 'signal'>,
): Promise<FloatArray> {
  const { latents, n, d, batches, reference, random, signal } = options;
  // centring a left-out day on its own cells moves every fold alike, so it need not be repeated per fold
  if (correction === 'center') return centerBatches(latents, n, d, batches, { reference });
  if (correction === 'combat') return fitCombat(latents, n, d, batches).adjusted;
  if (correction === 'harmony') {
    return harmonise(latents, n, d, batches, { random: random.fork('harmony'), signal });
  }
  return latents;
}

async function splitAucs(x: FloatArray, options: BatchReportOptions, random: Random): Promise<SplitAucs> {
  const { d, labels, batches, signal } = options;
  const breathe = breather(signal, 'batch report');
  const all = Array.from({ length: labels.length }, (_, i) => i);
  const naive = await foldedAuc(x, d, labels, all, options, random, breathe);
  if (naive === null) {
    throw new DataError(
      'batchReport needs at least five cells of each class; check the label and the positive value',
    );
  }
  const days = groupCells(x, d, labels, batches);
  let weighted = 0;
  let weight = 0;
  for (const {
    rows: [negative, positive],
  } of days.parts) {
    if (Math.min(negative.length, positive.length) < 5) continue;
    const own = await foldedAuc(x, d, labels, [...negative, ...positive], options, random, breathe);
    if (own === null) continue;
    weighted += own * Math.min(negative.length, positive.length);
    weight += Math.min(negative.length, positive.length);
  }
  const withinBatch = weight > 0 ? weighted / weight : null;
  try {
    checkFolds('batchReport', days, ['negative', 'positive']);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { naive, withinBatch, betweenBatch: null, why: messageOf(error) };
  }
  const scores = await outOfGroupScores(days, linearTrainer(x, d, options), breathe);
  return { naive, withinBatch, betweenBatch: auc(scores, labels), why: null };
}

/** AUC of five random folds, both classes dealt out evenly; null with fewer than five cells of a class. */
async function foldedAuc(
  x: FloatArray,
  d: number,
  labels: ArrayLike<number | boolean>,
  rows: number[],
  options: ClassifierOptions,
  random: Random,
  breathe: () => Promise<void>,
): Promise<number | null> {
  const truth = rows.map((i) => Boolean(labels[i]));
  const positives = truth.filter(Boolean).length;
  if (Math.min(positives, rows.length - positives) < 5) return null;
  const fold = new Int32Array(rows.length);
  const dealt = [0, 0];
  for (const i of random.permutation(rows.length)) fold[i] = dealt[truth[i] ? 1 : 0]++ % 5;
  const cells = takeRows(x, d, rows);
  const grouped = groupCells(cells, d, truth, fold);
  return auc(await outOfGroupScores(grouped, linearTrainer(cells, d, options), breathe), truth);
}

/** Leave one day out with ComBat fitted on the training days and the left-out day adjusted to them. */
async function combatBetweenBatches(options: BatchReportOptions): Promise<number> {
  const { latents, n, d, labels, batches } = options;
  const breathe = breather(options.signal, 'batch report');
  const scores = new Float64Array(n);
  for (const day of new Set(Array.from(batches))) {
    await breathe();
    const inside: number[] = [];
    const outside: number[] = [];
    for (let i = 0; i < n; i++) (batches[i] === day ? inside : outside).push(i);
    const own = takeRows(latents, d, inside);
    const days = outside.map((i) => batches[i]);
    const several = new Set(days).size > 1;
    const fit = several ? fitCombat(takeRows(latents, d, outside), outside.length, d, days) : null;
    const training = fit ? fit.adjusted : takeRows(latents, d, outside);
    const test = fit ? fit.adjustNewBatch(own, inside.length) : own;
    const both = new Float64Array(n * d);
    both.set(training);
    both.set(test, training.length);
    const truth = [...outside, ...inside].map((i) => Boolean(labels[i]));
    const grouped = groupCells(
      both,
      d,
      truth,
      truth.map((_, i) => (i < outside.length ? 'training' : 'test')),
    );
    const train = linearTrainer(both, d, options);
    const score = train(() => grouped.parts[0].rows, grouped.parts[0].moments);
    inside.forEach((i, k) => {
      scores[i] = score(outside.length + k);
    });
  }
  return auc(scores, labels);
}

function findings(reports: CorrectionReport[]): string[] {
  const plain = reports.find(({ correction }) => correction === 'none');
  if (!plain) return [];
  const warnings: string[] = [];
  const percent = (value: number) => value.toFixed(2);
  const honest = plain.betweenBatch ?? plain.withinBatch;
  if (honest !== null && plain.naive - honest > 0.05) {
    const where = plain.betweenBatch !== null ? 'between days' : 'within days';
    warnings.push(
      `confounded by day: cells split at random reach an AUC of ${percent(plain.naive)}, but only ${percent(honest)} ${where}; the classifier reads the day, report the second`,
    );
  }
  if (plain.why) warnings.push(`the AUC between days cannot be measured: ${plain.why}`);
  for (const { correction, betweenBatch } of reports) {
    if (correction === 'none' || betweenBatch === null || plain.betweenBatch === null) continue;
    const change = betweenBatch - plain.betweenBatch;
    if (Math.abs(change) <= 0.02) continue;
    const verb = change > 0 ? 'raises' : 'lowers';
    warnings.push(
      `${correction} ${verb} the AUC between days from ${percent(plain.betweenBatch)} to ${percent(betweenBatch)}`,
    );
  }
  return warnings;
}
