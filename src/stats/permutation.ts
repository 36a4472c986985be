import { breather } from '../util/breather';
import { OptionError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import type { Random } from '../util/random';

/** Result of a permutation test. */
export interface PermutationResult {
  /** Share of labelings (the true one among them) whose statistic is at least the observed one. */
  p: number;
  /** Labelings evaluated, the true one included. */
  n: number;
  /** All distinct labelings were evaluated, so p is exact. */
  exact: boolean;
  /** Distinct labelings; Infinity when beyond 2⁵³. */
  labelings: number;
  /** No p below this can come out, whatever the data: 1 / labelings or 1 / n. */
  smallestP: number;
  observed: number;
  /** Statistic of the other labelings: its distribution when labels mean nothing. */
  null: Float64Array;
}

export interface PermutationOptions {
  /** Random labelings besides the true one; all distinct ones are taken instead when there are no more of them. Default 1000. */
  permutations?: number;
  random: Random;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Permutation test over units that carry one label each (tumors): relabels units, keeps the number of positive ones, and asks how
 * often the statistic gets as large as observed. p counts the true labeling itself, so it is never 0 (Phipson and Smyth 2010).
 * With 7 tumors, 3 of them positive, there are 35 labelings and p cannot fall below 1/35.
 *
 * @param labels one per unit
 * @param statistic of a labeling of the units; larger means more effect
 * @throws OptionError for fewer than 1 permutation
 */
export async function permuteUnits(
  labels: readonly boolean[],
  statistic: (labels: readonly boolean[]) => number,
  options: PermutationOptions,
): Promise<PermutationResult> {
  const { permutations = 1000, random, progress = defaultProgress, signal } = options;
  if (!(permutations >= 1)) {
    throw new OptionError(`permuteUnits: permutations must be at least 1, got ${permutations}`);
  }
  const positives = labels.filter(Boolean).length;
  const labelings = choose(labels.length, positives);
  const exact = labelings <= permutations + 1;
  const observed = statistic(labels);
  const count = exact ? labelings - 1 : permutations;
  const others = new Float64Array(count);
  const next = exact ? otherLabelings(labels, positives) : null;
  const breathe = breather(signal, 'permutation test');
  progress.start('permute', count, 'labelings');
  let atLeast = 1;
  for (let i = 0; i < count; i++) {
    await breathe();
    others[i] = statistic(next ? (next.next().value as boolean[]) : random.shuffle(labels));
    // rounding must not count a tie as smaller
    if (others[i] >= observed - 1e-12 * Math.max(1, Math.abs(observed))) atLeast++;
    progress.update(i + 1);
  }
  progress.finish();
  const n = count + 1;
  return { p: atLeast / n, n, exact, labelings, smallestP: 1 / n, observed, null: others };
}

/** Number of ways to choose k of n; Infinity beyond what a double holds exactly. */
export function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) {
    result = Math.round((result * (n - i + 1)) / i);
    if (result > Number.MAX_SAFE_INTEGER) return Infinity;
  }
  return result;
}

/** Every labeling with that many positives except the true one, in lexicographic order. */
function* otherLabelings(truth: readonly boolean[], positives: number): Generator<boolean[]> {
  const n = truth.length;
  const chosen = Array.from({ length: positives }, (_, i) => i);
  for (;;) {
    const labels = new Array<boolean>(n).fill(false);
    for (const i of chosen) labels[i] = true;
    if (labels.some((label, i) => label !== truth[i])) yield labels;
    let at = positives - 1;
    while (at >= 0 && chosen[at] === n - positives + at) at--;
    if (at < 0) return;
    chosen[at]++;
    for (let i = at + 1; i < positives; i++) chosen[i] = chosen[i - 1] + 1;
  }
}
