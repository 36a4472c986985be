/** How much of what a classifier sees its decoder can show, in cells that the classifier never saw. */
import type { Autoencoder } from '../autoencoder/autoencoder';
import { rawWeights } from '../classify/classifier';
import { type ClassifierOptions, fitClassifier } from '../classify/fit-classifier';
import type { ByGroupResult } from '../classify/leave-one-group-out';
import { encodeCells } from '../latent/encode-cells';
import { clusteredAuc } from '../stats/clustered-auc';
import { compareClustered } from '../stats/compare-clustered';
import { spearman } from '../stats/correlation';
import { checkLength, checkMatrix, type FloatArray, takeRows } from '../stats/matrix';
import { ShapeError, throwIfInterrupted } from '../util/errors';
import { defaultProgress, type Progress, silentProgress } from '../util/progress';
import type { Random } from '../util/random';

export interface DecodedAucOptions extends ClassifierOptions {
  /** [n, d] descriptors. */
  latents: FloatArray;
  n: number;
  d: number;
  /** True (or 1) for positive cells. */
  labels: ArrayLike<number | boolean>;
  /** [n] the tumor of each cell. */
  groups: ArrayLike<string | number>;
  /** The cells as they were judged by `classifyByGroup` (or `explainScore`) with the same options. */
  judged: Pick<ByGroupResult, 'scores' | 'fold' | 'auc' | 'perGroup'>;
  /** For the interval of the loss. */
  random: Random;
  progress?: Progress;
  signal?: AbortSignal;
}

export interface DecodedAuc {
  /** Of the cells, and of the same cells decoded and encoded again: pooled, each scored by the classifier that its tumor did not train. */
  auc: { value: number; ci95: [number, number] };
  decodedAuc: { value: number; ci95: [number, number] };
  /** The first less the second, with a 95 % interval by bootstrap over groups (too narrow with fewer than about 10). */
  lost: { value: number; ci95: [number, number] };
  /** Share of the AUC above 0.5 that is left; NaN where there was none. */
  kept: number;
  /** Spearman's rank correlation of both scores over all cells. */
  scoreRho: number;
  /** [n] out-of-group scores of the decoded cells. */
  decodedScores: Float64Array;
  /** In one sentence. */
  verdict: string;
}

/** Cells that are decoded at once: images of that many are in memory. */
const cellsAtOnce = 256;

/**
 * Decodes every cell, encodes the picture, and scores it by the held-out classifiers that judged the cell itself. Where little is left, a picture
 * without change says nothing about the feature: the decoder cannot draw it. Cost: n decoder and encoder passes and one fit for each group.
 *
 * @throws ShapeError when model, cells and judgement do not fit together; InterruptedError
 * @example
 * const judged = await classifyByGroup(options);
 * const { verdict } = await decodedAuc(model, { ...options, judged, random: seededRandom(1) });
 */
export async function decodedAuc(model: Autoencoder, options: DecodedAucOptions): Promise<DecodedAuc> {
  const { latents, n, d, labels, groups, judged, random, signal } = options;
  checkMatrix('decodedAuc', latents, n, d);
  checkLength('decodedAuc', 'labels', labels, n);
  checkLength('decodedAuc', 'groups', groups, n);
  checkLength('decodedAuc', 'judged scores', judged.scores, n);
  if (model.architecture.latentDims !== d) {
    throw new ShapeError(
      `decodedAuc needs descriptors of the model's ${model.architecture.latentDims} features, got ${d}; encode with this model`,
    );
  }
  const again = await decodeAndEncode(model, latents, n, options);
  const decodedScores = new Float64Array(n);
  const all = Array.from({ length: n }, (_, i) => i);
  judged.perGroup.forEach((_, g) => {
    throwIfInterrupted(signal, 'decodedAuc');
    const learnt = all.filter((i) => judged.fold[i] !== g);
    const classifier = fitClassifier(
      takeRows(latents, d, learnt),
      learnt.length,
      d,
      learnt.map((i) => Boolean(labels[i])),
      options,
    );
    const { weights, intercept } = rawWeights(classifier);
    for (const i of all) {
      if (judged.fold[i] !== g) continue;
      decodedScores[i] = weights.reduce((sum, weight, j) => sum + weight * again[i * d + j], intercept);
    }
  });
  const pooled = clusteredAuc(decodedScores, labels, groups);
  const compared = await compareClustered(judged.scores, decodedScores, labels, {
    clusters: [groups],
    random,
    signal,
  });
  const { value, ci95 } = judged.auc;
  const kept = value > 0.5 ? (pooled.auc - 0.5) / (value - 0.5) : Number.NaN;
  return {
    auc: { value, ci95 },
    decodedAuc: { value: pooled.auc, ci95: [pooled.low, pooled.high] },
    lost: { value: compared.difference, ci95: [compared.low, compared.high] },
    kept,
    scoreRho: spearman(judged.scores, decodedScores),
    decodedScores,
    verdict: verdictOf(value, pooled.auc, kept),
  };
}

/** Share of the AUC above 0.5 below which pictures are not to be trusted. */
const enough = 0.5;

function verdictOf(before: number, after: number, kept: number): string {
  const figures = `AUC ${before.toFixed(2)} of the cells, ${after.toFixed(2)} of the same cells decoded and encoded again`;
  if (Number.isNaN(kept)) return `${figures}: there is nothing that the decoder could show.`;
  return kept >= enough
    ? `${figures}: the decoder shows what the classifier sees.`
    : `${figures}: the decoder drops most of what the classifier sees, so a picture without change does not mean that there is none.`;
}

/** [n, d] descriptors of the decoded cells. */
async function decodeAndEncode(
  model: Autoencoder,
  latents: FloatArray,
  n: number,
  { d, progress = defaultProgress, signal }: DecodedAucOptions,
): Promise<Float32Array> {
  const again = new Float32Array(n * d);
  progress.start('decode and encode', n, 'cells');
  for (let start = 0; start < n; start += cellsAtOnce) {
    const end = Math.min(n, start + cellsAtOnce);
    const images = model.decode(Float32Array.from(latents.subarray(start * d, end * d)));
    const quiet = { progress: silentProgress, signal };
    again.set(await encodeCells(model, images, quiet), start * d);
    progress.update(end);
  }
  progress.finish(`${n} cells`);
  return again;
}
