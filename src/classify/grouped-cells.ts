import type { FloatArray } from '../stats/matrix';
import { type Moments, mergeMoments, momentsOf } from '../stats/moments';
import { DataError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import { type ClassifierOptions, fitLinear } from './fit-classifier';

/**
 * Cells sorted into parts that are scored together, with the moments of each part's negative and positive cells. Mostly a part is a group
 * (a tumor); where something else is left out with it (its days), a part is the cells of one tumor on one day.
 */
export interface GroupedCells {
  d: number;
  /** Names of the groups. */
  names: string[];
  /** [n] group number of each cell. */
  group: Int32Array;
  /** [n] 1 for positive cells. */
  truth: Uint8Array;
  parts: Part[];
}

/** The cells of one part. */
export interface Part {
  /** Number of its group. */
  group: number;
  /** Rows of its negative and of its positive cells. */
  rows: [number[], number[]];
  moments: [Moments, Moments];
  /** Parts that its classifier learns from: those that share neither its group nor any other unit left out with it. */
  training: number[];
}

/**
 * Sorts cells into groups, in order of first appearance.
 *
 * @param alsoLeaveOut further units per cell, such as `{ day: […] }`, whose cells do not train the classifier of a part either
 */
export function groupCells(
  latents: FloatArray,
  d: number,
  labels: ArrayLike<number | boolean>,
  groups: ArrayLike<string | number>,
  alsoLeaveOut: Record<string, ArrayLike<string | number>> = {},
): GroupedCells {
  const truth = Uint8Array.from({ length: labels.length }, (_, i) => (labels[i] ? 1 : 0));
  const numbers = new Map<string, number>();
  const group = new Int32Array(truth.length);
  const columns = Object.values(alsoLeaveOut);
  const found = new Map<string, { units: string[]; group: number; rows: [number[], number[]] }>();
  for (let i = 0; i < truth.length; i++) {
    const name = String(groups[i]);
    const g = numbers.get(name) ?? numbers.size;
    numbers.set(name, g);
    group[i] = g;
    const units = columns.map((column) => String(column[i]));
    const key = columns.length > 0 ? JSON.stringify([name, ...units]) : name;
    let part = found.get(key);
    if (!part) {
      part = { units, group: g, rows: [[], []] };
      found.set(key, part);
    }
    part.rows[truth[i]].push(i);
  }
  const list = [...found.values()];
  const parts = list.map(({ group: g, units, rows }): Part => {
    const training: number[] = [];
    list.forEach((other, h) => {
      if (other.group !== g && !other.units.some((unit, u) => unit === units[u])) training.push(h);
    });
    const moments: [Moments, Moments] = [momentsOf(latents, d, rows[0]), momentsOf(latents, d, rows[1])];
    return { group: g, rows, moments, training };
  });
  return { d, names: [...numbers.keys()], group, truth, parts };
}

/**
 * Checks that every part can be left out with both classes still in training.
 *
 * @param classes names [negative, positive] for the message
 * @throws DataError otherwise
 */
export function checkFolds(who: string, cells: GroupedCells, classes: readonly [string, string]): void {
  const { names, parts } = cells;
  const groupsWith = ([0, 1] as const).map(
    (k) => new Set(parts.filter(({ rows }) => rows[k].length > 0).map((part) => part.group)),
  );
  const missing = groupsWith.findIndex((set) => set.size === 0);
  if (missing >= 0) {
    throw new DataError(
      `${who} needs cells of both classes, but none is "${classes[missing]}"; check the label and the positive value`,
    );
  }
  if (names.length < 2) {
    throw new DataError(
      `${who} needs at least two groups, got only "${names[0]}"; choose another group column`,
    );
  }
  const alone = groupsWith.findIndex((set) => set.size === 1);
  if (alone >= 0) {
    const [g] = groupsWith[alone];
    throw new DataError(
      `${who}: all "${classes[alone]}" cells are in group "${names[g]}", so nothing is left to train on when it is left out; add groups or choose another group column`,
    );
  }
  for (const part of parts) {
    const lacking = ([0, 1] as const).findIndex(
      (k) => !part.training.some((h) => parts[h].rows[k].length > 0),
    );
    if (lacking >= 0) {
      throw new DataError(
        `${who}: when "${names[part.group]}" and what is left out with it are gone, no "${classes[lacking]}" cell is left to train on; leave out fewer units together`,
      );
    }
  }
}

/** Learns from cells (their rows, asked for when needed, and moments) and returns a function that scores any row of the same table. */
export type Trainer = (
  rowsOf: () => readonly [ArrayLike<number>, ArrayLike<number>],
  moments: readonly [Moments, Moments],
) => (row: number) => number;

/** A {@link Trainer} of the linear classifiers. */
export function linearTrainer(latents: FloatArray, d: number, options: ClassifierOptions): Trainer {
  return (rowsOf, moments) => {
    const fit = fitLinear(latents, d, rowsOf, moments, options);
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
 * Scores of one part's cells from training on all parts apart from it, written into `scores`.
 *
 * @param parts the same parts sorted by the labels to learn, which a permutation test exchanges
 */
export function scorePart(
  part: Part,
  parts: readonly Pick<Part, 'rows' | 'moments'>[],
  train: Trainer,
  scores: Float64Array,
): void {
  const training = part.training.map((h) => parts[h]);
  const score = train(
    () => [training.flatMap(({ rows }) => rows[0]), training.flatMap(({ rows }) => rows[1])],
    [
      mergeMoments(training.map(({ moments }) => moments[0])),
      mergeMoments(training.map(({ moments }) => moments[1])),
    ],
  );
  for (const members of part.rows) for (const i of members) scores[i] = score(i);
}

/** Out-of-group scores [n] of all cells: each part scored by training on those apart from it. */
export async function outOfGroupScores(
  cells: GroupedCells,
  train: Trainer,
  breathe: () => Promise<void>,
  progress: Progress = defaultProgress,
): Promise<Float64Array> {
  const scores = new Float64Array(cells.truth.length);
  progress.start('leave one group out', cells.parts.length, 'folds');
  for (const [done, part] of cells.parts.entries()) {
    await breathe();
    scorePart(part, cells.parts, train, scores);
    progress.update(done + 1, cells.names[part.group]);
  }
  progress.finish();
  return scores;
}
