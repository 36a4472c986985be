import type { FloatArray } from '../stats/matrix';
import { type Moments, mergeMoments, momentsOf } from '../stats/moments';
import { DataError } from '../util/errors';
import { type Progress, silentProgress } from '../util/progress';
import { type ClassifierOptions, fitLinear } from './fit-classifier';

/** Cells sorted into the groups that are left out, with the moments of each group's negative and positive cells. */
export interface GroupedCells {
  d: number;
  names: string[];
  /** [n] group number of each cell. */
  fold: Int32Array;
  /** [n] 1 for positive cells. */
  truth: Uint8Array;
  /** Cells of each group by class: rows[g][label]. */
  rows: [number[], number[]][];
  moments: [Moments, Moments][];
}

/** Sorts cells into groups, in order of first appearance. */
export function groupCells(
  latents: FloatArray,
  d: number,
  labels: ArrayLike<number | boolean>,
  groups: ArrayLike<string | number>,
): GroupedCells {
  const truth = Uint8Array.from({ length: labels.length }, (_, i) => (labels[i] ? 1 : 0));
  const numbers = new Map<string, number>();
  const rows: GroupedCells['rows'] = [];
  const fold = new Int32Array(truth.length);
  for (let i = 0; i < truth.length; i++) {
    const name = String(groups[i]);
    let g = numbers.get(name);
    if (g === undefined) {
      g = numbers.size;
      numbers.set(name, g);
      rows.push([[], []]);
    }
    fold[i] = g;
    rows[g][truth[i]].push(i);
  }
  const moments = rows.map(([negative, positive]): [Moments, Moments] => [
    momentsOf(latents, d, negative),
    momentsOf(latents, d, positive),
  ]);
  return { d, names: [...numbers.keys()], fold, truth, rows, moments };
}

/**
 * Checks that every group can be left out with both classes still in training.
 *
 * @param classes names [negative, positive] for the message
 * @throws DataError otherwise
 */
export function checkFolds(who: string, cells: GroupedCells, classes: readonly [string, string]): void {
  const groupsWith = [0, 1].map((k) => cells.rows.filter((rows) => rows[k].length > 0).length);
  const missing = groupsWith.indexOf(0);
  if (missing >= 0) {
    throw new DataError(
      `${who} needs cells of both classes, but none is "${classes[missing]}"; check the label and the positive value`,
    );
  }
  if (cells.names.length < 2) {
    throw new DataError(
      `${who} needs at least two groups, got only "${cells.names[0]}"; choose another group column`,
    );
  }
  const alone = groupsWith.indexOf(1);
  if (alone >= 0) {
    const g = cells.rows.findIndex((rows) => rows[alone].length > 0);
    throw new DataError(
      `${who}: all "${classes[alone]}" cells are in group "${cells.names[g]}", so nothing is left to train on when it is left out; add groups or choose another group column`,
    );
  }
}

/** Learns from cells and returns a function that scores any cell of the same table by its row. */
export type Trainer = (
  rows: readonly [ArrayLike<number>, ArrayLike<number>],
  moments: readonly [Moments, Moments],
) => (row: number) => number;

/** A {@link Trainer} of the linear classifiers. */
export function linearTrainer(latents: FloatArray, d: number, options: ClassifierOptions): Trainer {
  return (rows, moments) => {
    const fit = fitLinear(latents, d, rows, moments, options);
    const weights = fit.weights.map((weight, j) => weight / fit.scale[j]);
    let intercept = fit.intercept;
    for (let j = 0; j < d; j++) intercept -= weights[j] * fit.mean[j];
    return (row) => {
      let sum = intercept;
      for (let j = 0; j < d; j++) sum += weights[j] * latents[row * d + j];
      return sum;
    };
  };
}

/**
 * Scores of group g's cells from training on all others, written into `scores`.
 *
 * @param rows and `moments` of each group by the labels to learn, which a permutation test exchanges
 */
export function scoreFold(
  cells: GroupedCells,
  g: number,
  rows: GroupedCells['rows'],
  moments: GroupedCells['moments'],
  train: Trainer,
  scores: Float64Array,
): void {
  const training = ([0, 1] as const).map((k) => rows.flatMap((pair, h) => (h === g ? [] : pair[k])));
  const merged = ([0, 1] as const).map((k) =>
    mergeMoments(moments.filter((_, h) => h !== g).map((pair) => pair[k])),
  );
  const score = train([training[0], training[1]], [merged[0], merged[1]]);
  for (const members of cells.rows[g]) for (const i of members) scores[i] = score(i);
}

/** Out-of-group scores [n] of all cells: each group scored by training on the others. */
export async function outOfGroupScores(
  cells: GroupedCells,
  train: Trainer,
  breathe: () => Promise<void>,
  progress: Progress = silentProgress,
): Promise<Float64Array> {
  const scores = new Float64Array(cells.fold.length);
  progress.start('leave one group out', cells.names.length, 'groups');
  for (let g = 0; g < cells.names.length; g++) {
    await breathe();
    scoreFold(cells, g, cells.rows, cells.moments, train, scores);
    progress.update(g + 1, cells.names[g]);
  }
  progress.finish();
  return scores;
}
