import { type AucInterval, delong } from '../stats/delong';
import { checkLength, checkMatrix, type FloatArray, takeRows } from '../stats/matrix';
import { breather } from '../util/breather';
import { DataError, messageOf } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import { rowsByName } from '../util/rows-by-name';
import type { ClassifierOptions } from './fit-classifier';
import { checkFolds, groupCells, linearTrainer, outOfGroupScores } from './grouped-cells';

export interface PairwiseOptions extends ClassifierOptions {
  /** [n, d] descriptors. */
  latents: FloatArray;
  n: number;
  d: number;
  /** Cell type, or category, of each cell. */
  types: ArrayLike<string>;
  /** What is left out together, such as the day. */
  groups: ArrayLike<string | number>;
  progress?: Progress;
  signal?: AbortSignal;
}

/** How well two kinds of cells are told apart in groups not trained on. */
export interface TypeAuc {
  /** Taken as positive. */
  type: string;
  /** The other type; "all others" in {@link oneAgainstAll}. */
  against: string;
  /** Null where it cannot be measured, for the reason in `why`. */
  auc: AucInterval | null;
  why: string | null;
  cells: [number, number];
}

/**
 * Every cell type against every other, out of group (the paper's leave-one-day-out), for a matrix of AUCs. Pairs that cannot be measured,
 * such as a type imaged on a single day, get the reason instead. Intervals take cells as independent (DeLong).
 *
 * @returns one entry per unordered pair, types in alphabetical order
 * @throws DataError for fewer than two types; ShapeError, OptionError
 */
export async function pairwiseAuc(options: PairwiseOptions): Promise<TypeAuc[]> {
  const { progress = defaultProgress } = options;
  const rowsOf = rowsByType(options);
  const names = [...rowsOf.keys()].sort();
  const results: TypeAuc[] = [];
  progress.start('pairs of cell types', (names.length * (names.length - 1)) / 2, 'pairs');
  for (let p = 0; p < names.length; p++) {
    for (let q = p + 1; q < names.length; q++) {
      const [positive, negative] = [rowsOf.get(names[p])!, rowsOf.get(names[q])!];
      results.push(await typeAuc(options, names[p], names[q], positive, negative));
      progress.update(results.length);
    }
  }
  progress.finish();
  return results;
}

/**
 * Each type (or category) against all other cells, out of group; otherwise like {@link pairwiseAuc}.
 *
 * @returns one entry per type, in alphabetical order
 */
export async function oneAgainstAll(options: PairwiseOptions): Promise<TypeAuc[]> {
  const rowsOf = rowsByType(options);
  const names = [...rowsOf.keys()].sort();
  const results: TypeAuc[] = [];
  for (const name of names) {
    const others = names.filter((other) => other !== name).flatMap((other) => rowsOf.get(other)!);
    results.push(await typeAuc(options, name, 'all others', rowsOf.get(name)!, others));
  }
  return results;
}

async function typeAuc(
  options: PairwiseOptions,
  type: string,
  against: string,
  positive: number[],
  negative: number[],
): Promise<TypeAuc> {
  const { d } = options;
  const rows = [...positive, ...negative];
  const latents = takeRows(options.latents, d, rows);
  const labels = rows.map((_, i) => i < positive.length);
  const cells: [number, number] = [positive.length, negative.length];
  const grouped = groupCells(
    latents,
    d,
    labels,
    rows.map((i) => options.groups[i]),
  );
  try {
    checkFolds('pairwiseAuc', grouped, [against, type]);
    const train = linearTrainer(latents, d, options);
    const scores = await outOfGroupScores(grouped, train, breather(options.signal, 'pairwise AUC'));
    return { type, against, auc: delong(scores, labels), why: null, cells };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { type, against, auc: null, why: messageOf(error), cells };
  }
}

function rowsByType(options: PairwiseOptions): Map<string, number[]> {
  const { latents, n, d, types, groups } = options;
  checkMatrix('pairwiseAuc', latents, n, d);
  checkLength('pairwiseAuc', 'types', types, n);
  checkLength('pairwiseAuc', 'groups', groups, n);
  const rowsOf = rowsByName(types);
  if (rowsOf.size < 2) {
    throw new DataError(
      `pairwiseAuc needs at least two cell types, got only "${[...rowsOf.keys()][0]}"; choose another column`,
    );
  }
  return rowsOf;
}
