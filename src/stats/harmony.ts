import { breather } from '../util/breather';
import { DataError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import type { Random } from '../util/random';
import { choleskyFactor, choleskySolve } from './cholesky';
import { checkLength, checkMatrix, type FloatArray } from './matrix';
import { momentsOf, scaleOf } from './moments';

export interface HarmonyOptions {
  /** Clusters. Default n / 30, at least 2 and at most 50. */
  clusters?: number;
  /** How strongly clusters are asked to hold all batches. Default 2. */
  diversity?: number;
  /** Softness of the clusters. Default 0.1. */
  softness?: number;
  /** Pulls the corrections of small batches within a cluster towards none. Default 1. */
  ridge?: number;
  /** Rounds of clustering and correcting. Default 10. */
  rounds?: number;
  random: Random;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Batch correction in the way of Harmony (Korsunsky et al., Nature Methods 16, 2019): soft clusters that are penalised for holding too
 * much of one batch, then a linear correction of each batch within each cluster; repeated. Keeps differences that exist within batches.
 * It sees all cells, those of a left-out group included, but no labels.
 *
 * @param x [n, d] descriptors; standardised inside
 * @param batches the day of each cell
 * @returns [n, d] in the units of x
 * @throws DataError for a single batch; ShapeError; InterruptedError
 */
export async function harmonise(
  x: FloatArray,
  n: number,
  d: number,
  batches: ArrayLike<string | number>,
  options: HarmonyOptions,
): Promise<Float64Array> {
  checkMatrix('harmonise', x, n, d);
  checkLength('harmonise', 'batches', batches, n);
  const {
    diversity = 2,
    softness = 0.1,
    ridge = 1,
    rounds = 10,
    random,
    progress = defaultProgress,
  } = options;
  const names = [...new Set(Array.from(batches))];
  if (names.length < 2) throw new DataError(`harmonise needs at least two batches, got only "${names[0]}"`);
  const number = new Map(names.map((name, b) => [name, b]));
  const batch = Int32Array.from({ length: n }, (_, i) => number.get(batches[i])!);
  const shares = new Float64Array(names.length);
  for (const b of batch) shares[b] += 1 / n;
  const k = Math.min(n, options.clusters ?? Math.min(50, Math.max(2, Math.round(n / 30))));

  const moments = momentsOf(x, d);
  const scale = scaleOf(moments);
  const original = Float64Array.from(x, (value, i) => (value - moments.mean[i % d]) / scale[i % d]);
  let corrected: Float64Array = original.slice();
  const member = new Float64Array(n * k); // soft assignment of cells to clusters
  let centres: Float64Array = startCentres(unitRows(corrected, n, d), n, d, k, random);
  const breathe = breather(options.signal, 'harmonise');
  progress.start('harmonise', rounds, 'rounds');
  for (let round = 0; round < rounds; round++) {
    const cells = unitRows(corrected, n, d);
    for (let step = 0; step < 5; step++) {
      await breathe();
      assign(cells, n, d, centres, k, batch, shares, { diversity, softness, random }, member);
      centres = weightedCentres(cells, n, d, member, k);
    }
    const next = correct(original, n, d, member, k, batch, names.length, ridge);
    let moved = 0;
    for (let i = 0; i < n * d; i++) moved += (next[i] - corrected[i]) ** 2 / (n * d);
    corrected = next;
    progress.update(round + 1);
    if (moved < 1e-6) break;
  }
  progress.finish();
  return corrected.map((value, i) => value * scale[i % d] + moments.mean[i % d]);
}

/** Rows scaled to length 1, so that clusters go by direction. */
function unitRows(x: Float64Array, n: number, d: number): Float64Array {
  const unit = x.slice();
  for (let i = 0; i < n; i++) {
    let length = 0;
    for (let j = 0; j < d; j++) length += x[i * d + j] ** 2;
    length = Math.sqrt(length) || 1;
    for (let j = 0; j < d; j++) unit[i * d + j] /= length;
  }
  return unit;
}

/** Random cells far from each other (k-means++). */
function startCentres(cells: Float64Array, n: number, d: number, k: number, random: Random): Float64Array {
  const centres = new Float64Array(k * d);
  const distance = new Float64Array(n).fill(1);
  for (let c = 0; c < k; c++) {
    const total = distance.reduce((sum, value) => sum + value, 0);
    let at = random.uniform() * total;
    let chosen = 0;
    while (chosen < n - 1 && at > distance[chosen]) at -= distance[chosen++];
    centres.set(cells.subarray(chosen * d, (chosen + 1) * d), c * d);
    for (let i = 0; i < n; i++) {
      const to = 2 * (1 - product(cells, i, centres, c, d));
      distance[i] = c === 0 ? to : Math.min(distance[i], to);
    }
  }
  return centres;
}

/** Soft assignment, in random blocks of cells so that the batch counts stay current. */
function assign(
  cells: Float64Array,
  n: number,
  d: number,
  centres: Float64Array,
  k: number,
  batch: Int32Array,
  shares: Float64Array,
  how: { diversity: number; softness: number; random: Random },
  member: Float64Array,
): void {
  const batches = shares.length;
  const sizes = new Float64Array(k);
  const counts = new Float64Array(k * batches);
  const add = (i: number, sign: number) => {
    for (let c = 0; c < k; c++) {
      sizes[c] += sign * member[i * k + c];
      counts[c * batches + batch[i]] += sign * member[i * k + c];
    }
  };
  for (let i = 0; i < n; i++) add(i, 1);
  const order = how.random.permutation(n);
  const block = Math.max(1, Math.ceil(n / 20));
  for (let start = 0; start < n; start += block) {
    const some = order.subarray(start, start + block);
    for (const i of some) add(i, -1);
    for (const i of some) {
      let total = 0;
      for (let c = 0; c < k; c++) {
        const far = 2 * (1 - product(cells, i, centres, c, d));
        const expected = sizes[c] * shares[batch[i]];
        const rare = ((expected + 1) / (counts[c * batches + batch[i]] + 1)) ** how.diversity;
        member[i * k + c] = Math.exp(-far / how.softness) * rare;
        total += member[i * k + c];
      }
      for (let c = 0; c < k; c++) member[i * k + c] = total > 0 ? member[i * k + c] / total : 1 / k;
    }
    for (const i of some) add(i, 1);
  }
}

function weightedCentres(
  cells: Float64Array,
  n: number,
  d: number,
  member: Float64Array,
  k: number,
): Float64Array {
  const centres = new Float64Array(k * d);
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < k; c++) {
      const weight = member[i * k + c];
      if (weight < 1e-8) continue;
      for (let j = 0; j < d; j++) centres[c * d + j] += weight * cells[i * d + j];
    }
  }
  return unitRows(centres, k, d);
}

/** In each cluster, ridge regression of the cells on an intercept (free) and their batch; the batch parts are subtracted. */
function correct(
  original: Float64Array,
  n: number,
  d: number,
  member: Float64Array,
  k: number,
  batch: Int32Array,
  batches: number,
  ridge: number,
): Float64Array {
  const result = original.slice();
  const q = batches + 1;
  for (let c = 0; c < k; c++) {
    const counts = new Float64Array(batches);
    const sums = new Float64Array(batches * d);
    for (let i = 0; i < n; i++) {
      const weight = member[i * k + c];
      counts[batch[i]] += weight;
      for (let j = 0; j < d; j++) sums[batch[i] * d + j] += weight * original[i * d + j];
    }
    const normal = new Float64Array(q * q);
    for (let b = 0; b < batches; b++) {
      normal[0] += counts[b];
      normal[b + 1] = counts[b];
      normal[(b + 1) * q] = counts[b];
      normal[(b + 1) * q + b + 1] = counts[b] + ridge;
    }
    const lower = choleskyFactor(normal, q);
    if (!lower) continue; // an empty cluster
    const shifts = new Float64Array(batches * d);
    const right = new Float64Array(q);
    for (let j = 0; j < d; j++) {
      right.fill(0);
      for (let b = 0; b < batches; b++) {
        right[0] += sums[b * d + j];
        right[b + 1] = sums[b * d + j];
      }
      const solved = choleskySolve(lower, q, right);
      for (let b = 0; b < batches; b++) shifts[b * d + j] = solved[b + 1];
    }
    for (let i = 0; i < n; i++) {
      const weight = member[i * k + c];
      for (let j = 0; j < d; j++) result[i * d + j] -= weight * shifts[batch[i] * d + j];
    }
  }
  return result;
}

function product(a: Float64Array, p: number, b: Float64Array, q: number, d: number): number {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += a[p * d + j] * b[q * d + j];
  return sum;
}
