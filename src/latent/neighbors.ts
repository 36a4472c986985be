import { checkMatrix, checkNumber, type FloatArray } from '../stats/matrix';
import { breather } from '../util/breather';
import { OptionError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import { type MatrixProduct, plainMatrixProduct } from './matrix-product';

/** How far two descriptors are apart. `cosine` and `correlation` are 1 minus the respective coefficient. */
export type Metric = 'euclidean' | 'cosine' | 'correlation';

/** The nearest cells of each cell, nearest first. The cell itself is not among them. */
export interface Neighbors {
  k: number;
  /** [n, k] */
  indices: Int32Array;
  /** [n, k] */
  distances: Float64Array;
}

export interface NeighborOptions {
  /** Default `euclidean`. */
  metric?: Metric;
  /** Computes inner products; default in plain TypeScript. `tensorMatrixProduct` computes on TensorFlow. */
  product?: MatrixProduct;
  progress?: Progress;
  signal?: AbortSignal;
}

const ROWS = 512; // queries and …
const COLUMNS = 8192; // … known cells per product: 16 MB; larger ones gain nothing, smaller ones pay for calls
const SPARE = 4; // candidates kept beyond k, so that single precision cannot lose a true neighbour

/**
 * Exact nearest neighbours of every cell among all others: tiles of inner products in single precision choose k + 4 candidates, whose
 * distances are then computed in double precision. Equal distances go to the lower index. Cost: 2 × n² × d operations.
 *
 * @param x [n, d]
 * @param k neighbours per cell, at most n − 1
 * @throws OptionError when k is out of range; ShapeError, DataError
 */
export async function nearestNeighbors(
  x: FloatArray,
  n: number,
  d: number,
  k: number,
  options: NeighborOptions = {},
): Promise<Neighbors> {
  checkMatrix('nearestNeighbors', x, n, d);
  checkNumber('nearestNeighbors', 'the number of neighbours', k, 1, n - 1);
  const rows = prepareRows(x, n, d, options.metric ?? 'euclidean');
  return searchTiles(rows, n, rows, n, d, k, options, true);
}

/**
 * The same for new cells among known ones.
 *
 * @param queries [m, d] new cells
 * @param x [n, d] known cells
 */
export async function neighborsAmong(
  queries: FloatArray,
  m: number,
  x: FloatArray,
  n: number,
  d: number,
  k: number,
  options: NeighborOptions = {},
): Promise<Neighbors> {
  checkMatrix('neighborsAmong', queries, m, d);
  checkMatrix('neighborsAmong', x, n, d);
  checkNumber('neighborsAmong', 'the number of neighbours', k, 1, n);
  const metric = options.metric ?? 'euclidean';
  const known = prepareRows(x, n, d, metric);
  return searchTiles(prepareRows(queries, m, d, metric, known.centre), m, known, n, d, k, options, false);
}

/**
 * Rows whose euclidean distance orders neighbours as the metric does: centred, scaled to length 1 (cosine), or centred and scaled
 * (correlation), where ½ |a − b|² = 1 − coefficient.
 */
export function prepareRows(
  x: FloatArray,
  n: number,
  d: number,
  metric: Metric,
  centre: Float64Array = metric === 'euclidean' ? columnMeans(x, n, d) : new Float64Array(d),
): PreparedRows {
  if (metric !== 'euclidean' && metric !== 'cosine' && metric !== 'correlation') {
    throw new OptionError(`unknown metric "${String(metric)}"; use euclidean, cosine or correlation`);
  }
  const exact = Float64Array.from(x);
  if (metric === 'euclidean') {
    // distances do not change, and single precision keeps more digits of them
    for (let i = 0; i < n * d; i++) exact[i] -= centre[i % d];
  } else {
    for (let i = 0; i < n; i++) {
      const row = exact.subarray(i * d, (i + 1) * d);
      if (metric === 'correlation') {
        let mean = 0;
        for (let j = 0; j < d; j++) mean += row[j] / d;
        for (let j = 0; j < d; j++) row[j] -= mean;
      }
      let length = 0;
      for (let j = 0; j < d; j++) length += row[j] * row[j];
      length = Math.sqrt(length);
      if (length > 0) for (let j = 0; j < d; j++) row[j] /= length;
    }
  }
  return { exact, single: Float32Array.from(exact), metric, centre };
}

/** Rows in double precision for distances and in single precision for the search. */
export interface PreparedRows {
  exact: Float64Array;
  single: Float32Array;
  metric: Metric;
  /** Subtracted from euclidean rows. */
  centre: Float64Array;
}

function columnMeans(x: FloatArray, n: number, d: number): Float64Array {
  const mean = new Float64Array(d);
  for (let i = 0; i < n * d; i++) mean[i % d] += x[i] / n;
  return mean;
}

/** Distance between row p of `a` and row q of `b` in the metric they were prepared for. */
export function rowDistance(a: PreparedRows, p: number, b: PreparedRows, q: number, d: number): number {
  let squared = 0;
  for (let j = 0; j < d; j++) {
    const difference = a.exact[p * d + j] - b.exact[q * d + j];
    squared += difference * difference;
  }
  return a.metric === 'euclidean' ? Math.sqrt(squared) : squared / 2;
}

async function searchTiles(
  queries: PreparedRows,
  m: number,
  known: PreparedRows,
  n: number,
  d: number,
  k: number,
  options: NeighborOptions,
  skipSelf: boolean,
): Promise<Neighbors> {
  const { product = plainMatrixProduct, progress = defaultProgress } = options;
  const breathe = breather(options.signal, 'nearest neighbours');
  const halfSquares = halfSquaredLengths(known.single, n, d);
  const keep = Math.min(k + SPARE + (skipSelf ? 1 : 0), n);
  const result: Neighbors = { k, indices: new Int32Array(m * k), distances: new Float64Array(m * k) };
  progress.start('nearest neighbours', m, 'cells');
  for (let p = 0; p < m; p += ROWS) {
    const rows = Math.min(ROWS, m - p);
    const best = new CandidateLists(rows, keep);
    const left = queries.single.subarray(p * d, (p + rows) * d);
    for (let q = 0; q < n; q += COLUMNS) {
      await breathe();
      const columns = Math.min(COLUMNS, n - q);
      const right = known.single.subarray(q * d, (q + columns) * d);
      const products = await product(left, rows, right, columns, d);
      best.scan(products, columns, halfSquares, q);
    }
    for (let i = 0; i < rows; i++) {
      fillNeighbors(result, p + i, best.of(i), queries, known, d, skipSelf);
    }
    progress.update(p + rows);
  }
  progress.finish();
  return result;
}

/** Exact distances of the candidates of one cell, the k nearest kept. */
export function fillNeighbors(
  result: Neighbors,
  cell: number,
  candidates: Int32Array,
  queries: PreparedRows,
  known: PreparedRows,
  d: number,
  skipSelf: boolean,
): void {
  const found: { index: number; distance: number }[] = [];
  for (const index of candidates) {
    if (index < 0 || (skipSelf && index === cell)) continue;
    found.push({ index, distance: rowDistance(queries, cell, known, index, d) });
  }
  found.sort((a, b) => a.distance - b.distance || a.index - b.index);
  for (let j = 0; j < result.k; j++) {
    result.indices[cell * result.k + j] = found[j].index;
    result.distances[cell * result.k + j] = found[j].distance;
  }
}

/** ½ |row|² of each row: |a − b|² orders the b of a fixed a as ½ |b|² − a·b does. */
export function halfSquaredLengths(rows: Float32Array, n: number, d: number): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += rows[i * d + j] ** 2;
    return sum / 2;
  });
}

/** For each of some rows the `keep` candidates of smallest key, kept as an ascending list. */
export class CandidateLists {
  private readonly keys: Float32Array;
  private readonly indices: Int32Array;

  constructor(
    private readonly rows: number,
    private readonly keep: number,
  ) {
    this.keys = new Float32Array(rows * keep).fill(Infinity);
    this.indices = new Int32Array(rows * keep).fill(-1);
  }

  /** Candidates of a row, nearest first; −1 where fewer were seen. */
  of(row: number): Int32Array {
    return this.indices.subarray(row * this.keep, (row + 1) * this.keep);
  }

  /** Offers a tile of products [rows, columns] whose columns are the known rows from `first` on. */
  scan(products: Float32Array, columns: number, halfSquares: Float32Array, first: number): void {
    const { keys, indices, keep } = this;
    for (let i = 0; i < this.rows; i++) {
      const start = i * keep;
      const last = start + keep - 1;
      const row = i * columns;
      let worst = keys[last];
      for (let c = 0; c < columns; c++) {
        const key = halfSquares[first + c] - products[row + c];
        if (key >= worst) continue;
        let at = last;
        while (at > start && keys[at - 1] > key) {
          keys[at] = keys[at - 1];
          indices[at] = indices[at - 1];
          at--;
        }
        keys[at] = key;
        indices[at] = first + c;
        worst = keys[last];
      }
    }
  }
}
