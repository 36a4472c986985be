import { checkLength, checkMatrix, type FloatArray, takeRows } from '../stats/matrix';
import { auc } from '../stats/roc-curve';
import { DataError } from '../util/errors';
import { defaultProgress, type Progress, silentProgress } from '../util/progress';
import type { Random } from '../util/random';
import { scoreCells } from './classifier';
import { fitClassifier } from './fit-classifier';
import { classifyByGroup } from './leave-one-group-out';
import { linearProbe, probeFolds } from './linear-probe';
import { networkByGroup } from './network-by-group';

export interface AuditOptions {
  /** [n, d] descriptors. */
  latents: FloatArray;
  n: number;
  d: number;
  /** True (or 1) for positive cells. */
  labels: ArrayLike<number | boolean>;
  /** The tumor of each cell. */
  groups: ArrayLike<string | number>;
  /** The planted factors that make the label, by name, one number per cell. */
  factors: Readonly<Record<string, ArrayLike<number>>>;
  /** Other planted factors: only how well they can be read is stated. */
  others?: Readonly<Record<string, ArrayLike<number>>>;
  /** Adds the small network to the classifiers. Default true. */
  network?: boolean;
  random: Random;
  progress?: Progress;
  signal?: AbortSignal;
}

/** An AUC with every tumor left out in turn, and with cells dealt to five parts at random. */
export interface SplitPair {
  leftOut: number;
  randomSplit: number;
}

export interface Audit {
  /** LDA on the planted factors themselves: the best that can be hoped for. */
  trueFactors: SplitPair;
  /** LDA on the factors as a linear probe of the other tumors reads them from the descriptor. */
  readFactors: SplitPair;
  /** Classifiers on the descriptor. */
  lda: SplitPair;
  logistic: SplitPair;
  /** Null when it was not asked for. */
  network: SplitPair | null;
  /** R² of the linear probe, tumors left out and at random. */
  probes: Record<string, { leftOut: number; randomSplit: number; label: boolean }>;
  /**
   * Where the AUC goes between the planted factors and LDA on the descriptor, tumors left out. `encoder` + `classifier` = `total`.
   *
   * - `encoder`: true factors less those read from the descriptor, which do not hold what the encoder dropped or bent.
   * - `classifier`: read factors less LDA on the descriptor, which must find the factors from the labels of a few tumors.
   * - `bestClassifier`: what is left of it with the best of the classifiers.
   * - `split`: how much more the descriptor loses than the true factors when tumors are left out instead of cells at random. It is part of
   *   the other two, not a third.
   */
  loss: { total: number; encoder: number; classifier: number; bestClassifier: number; split: number };
  /** The same in sentences. */
  sentences: string[];
}

/** Below this, half the width of what a few thousand cells can tell, a loss is called none. */
const NOTABLE = 0.01;

/**
 * States the held-out AUC of a synthetic study beside that of its planted factors, and where the rest is lost: in the encoder, by the
 * split, or in the classifier.
 *
 * @throws DataError as `classifyByGroup` and `linearProbe` do; ShapeError, OptionError; InterruptedError
 * @example
 * const audit = await auditStudy({ latents, n, d, labels, groups: tumors, factors: { pseudopod_extension, light_scattering }, random });
 * audit.loss; // { total: 0.06, encoder: 0.05, classifier: 0.01, … }
 */
export async function auditStudy(options: AuditOptions): Promise<Audit> {
  const { latents, n, d, labels, groups, factors, others = {}, network = true, random } = options;
  const { progress = defaultProgress, signal } = options;
  const quiet = { progress: silentProgress, signal }; // the steps are reported as a whole
  checkMatrix('auditStudy', latents, n, d);
  checkLength('auditStudy', 'labels', labels, n);
  checkLength('auditStudy', 'groups', groups, n);
  const names = Object.keys(factors);
  if (names.length === 0) {
    throw new DataError('auditStudy needs at least one planted factor that makes the label');
  }
  const folds = randomFolds(labels, random.fork('folds'));
  const judge = async (x: FloatArray, width: number, method: 'lda' | 'logistic'): Promise<SplitPair> => {
    const of = async (split: ArrayLike<string | number>) =>
      (await classifyByGroup({ latents: x, n, d: width, labels, groups: split, method, ...quiet })).auc.value;
    return { leftOut: await of(groups), randomSplit: await of(folds) };
  };
  progress.start('audit', network ? 6 : 5, 'steps');
  let done = 0;
  const step = <T>(result: T): T => {
    progress.update(++done);
    return result;
  };
  const trueFactors = step(await judge(columns(names.map((name) => factors[name])), names.length, 'lda'));
  const everything = { ...factors, ...others };
  const probed = {
    leftOut: linearProbe(latents, n, d, everything, groups),
    randomSplit: linearProbe(latents, n, d, everything, folds),
  };
  step(null);
  const readAuc = (by: ArrayLike<string | number>) => aucOfReadFactors(latents, n, d, labels, factors, by);
  const readFactors = step({ leftOut: readAuc(groups), randomSplit: readAuc(folds) });
  const lda = step(await judge(latents, d, 'lda'));
  const logistic = step(await judge(latents, d, 'logistic'));
  const netOf = async (split: ArrayLike<string | number>) =>
    auc(
      (
        await networkByGroup({
          latents,
          n,
          d,
          labels,
          groups: split,
          random: random.fork('network'),
          ...quiet,
        })
      ).scores,
      labels,
    );
  const net = network ? step({ leftOut: await netOf(groups), randomSplit: await netOf(folds) }) : null;
  progress.finish();
  const best = Math.max(lda.leftOut, logistic.leftOut, net?.leftOut ?? 0);
  const loss = {
    total: trueFactors.leftOut - lda.leftOut,
    encoder: trueFactors.leftOut - readFactors.leftOut,
    classifier: readFactors.leftOut - lda.leftOut,
    bestClassifier: readFactors.leftOut - best,
    split: lda.randomSplit - lda.leftOut - (trueFactors.randomSplit - trueFactors.leftOut),
  };
  const probes = Object.fromEntries(
    Object.keys(everything).map((name) => [
      name,
      {
        leftOut: probed.leftOut[name].r2,
        randomSplit: probed.randomSplit[name].r2,
        label: name in factors,
      },
    ]),
  );
  const audit = { trueFactors, readFactors, lda, logistic, network: net, probes, loss };
  return { ...audit, sentences: sentencesOf(audit) };
}

/**
 * AUC of LDA on the factors as a linear probe reads them. Probe and LDA of a fold both learn from the other groups, and read their cells and
 * the left-out ones alike.
 */
function aucOfReadFactors(
  x: FloatArray,
  n: number,
  d: number,
  labels: ArrayLike<number | boolean>,
  factors: Readonly<Record<string, ArrayLike<number>>>,
  groups: ArrayLike<string | number>,
): number {
  const k = Object.keys(factors).length;
  const scores = new Float64Array(n);
  for (const { rows, read } of probeFolds(x, n, d, factors, groups)) {
    const factorsRead = Float64Array.from({ length: n * k }, (_, at) => read(Math.floor(at / k), at % k));
    const leftOut = new Set(rows);
    const training = Array.from({ length: n }, (_, i) => i).filter((i) => !leftOut.has(i));
    const classifier = fitClassifier(
      takeRows(factorsRead, k, training),
      training.length,
      k,
      training.map((i) => Boolean(labels[i])),
    );
    const own = scoreCells(classifier, takeRows(factorsRead, k, rows), rows.length);
    rows.forEach((i, r) => {
      scores[i] = own[r];
    });
  }
  return auc(scores, labels);
}

/** Five folds of cells at random, both classes dealt out evenly. */
function randomFolds(labels: ArrayLike<number | boolean>, random: Random): Int32Array {
  const folds = new Int32Array(labels.length);
  const dealt = [0, 0];
  for (const i of random.permutation(labels.length)) folds[i] = dealt[labels[i] ? 1 : 0]++ % 5;
  return folds;
}

/** Numbers side by side, [n, columns]. */
function columns(values: readonly ArrayLike<number>[]): Float64Array {
  const n = values[0].length;
  const k = values.length;
  return Float64Array.from({ length: n * k }, (_, at) => values[at % k][Math.floor(at / k)]);
}

function sentencesOf({
  trueFactors,
  readFactors,
  lda,
  network,
  logistic,
  probes,
  loss,
}: Omit<Audit, 'sentences'>): string[] {
  const two = (value: number) => value.toFixed(2);
  const sentences = [
    `Every tumor left out in turn, the descriptor reaches an AUC of ${two(lda.leftOut)}, the planted factors themselves ${two(trueFactors.leftOut)}: ${two(Math.max(0, loss.total))} is lost.`,
  ];
  const worst = Object.entries(probes)
    .filter(([, probe]) => probe.label)
    .sort(([, a], [, b]) => a.leftOut - b.leftOut)[0];
  sentences.push(
    loss.encoder > NOTABLE
      ? `Encoder: the factors as read linearly from the descriptor reach ${two(readFactors.leftOut)}, so ${two(loss.encoder)} is lost there; ${worst[0]} is read worst (R² ${two(worst[1].leftOut)}).`
      : `Encoder: the factors as read linearly from the descriptor reach ${two(readFactors.leftOut)}; hardly anything is lost there.`,
  );
  const best = Math.max(logistic.leftOut, network?.leftOut ?? 0);
  sentences.push(
    loss.classifier > NOTABLE
      ? `Classifier: LDA stays ${two(loss.classifier)} below the read factors, since it must find them from the labels of few tumors; the best other classifier reaches ${two(best)}.`
      : `Classifier: LDA stays no more than ${two(NOTABLE)} below the read factors; the best other classifier reaches ${two(best)}.`,
  );
  sentences.push(
    `Split: with cells at random the descriptor would seem to reach ${two(lda.randomSplit)} (the planted factors ${two(trueFactors.randomSplit)}); ${
      loss.split > NOTABLE
        ? `${two(loss.split)} of it is knowledge of the very tumors, days and cells that it was trained on.`
        : 'leaving tumors out costs the descriptor no more than it costs the factors.'
    }`,
  );
  return sentences;
}
