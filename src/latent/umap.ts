import { UMAP } from 'umap-js';
import { checkLength, checkMatrix, checkNumber, type FloatArray } from '../stats/matrix';
import { breather } from '../util/breather';
import { OptionError } from '../util/errors';
import { type Progress, silentProgress } from '../util/progress';
import { seededRandom } from '../util/random';
import { approximateNeighbors } from './approximate-neighbors';
import type { MatrixProduct } from './matrix-product';
import { type Metric, type Neighbors, nearestNeighbors, neighborsAmong } from './neighbors';
import { pcaEmbedding } from './pca-embedding';
import { tensorMatrixProduct } from './tensor-product';
import { umapGraph } from './umap-graph';
import { fitCurve, layoutState } from './umap-layout';
import { runLayout } from './umap-threads';

/** Up to this many cells umap-js draws the picture, above it our own loop. */
export const UMAP_JS_CELLS = 2_000;
/** Up to this many cells neighbours are exact, above it approximate (about 99 % of the true ones). */
export const EXACT_CELLS = 50_000;

export interface UmapOptions {
  /** Cells that count as near; small shows fine structure, large the whole. The cell itself counts as one, as in umap-learn. Default 15. */
  neighbors?: number;
  /** How close points may lie in the picture. Default 0.1. */
  minDist?: number;
  /** The same seed gives the same picture. Default 0. */
  seed?: number;
  /** Default `euclidean`. */
  metric?: Metric;
  /** Passes over the graph. Default: 500 up to 10,000 cells, 200 above. */
  epochs?: number;
  /** Class of each cell (−1 for unknown) that the picture should respect; leave out for an honest map. */
  labels?: ArrayLike<number>;
  /** `auto` (default): umap-js up to 2,000 cells, our own loop (the same mathematics, threads) above; or one of them by name. */
  engine?: 'auto' | 'umap-js' | 'own';
  /** `auto` (default): exact up to 50,000 cells, approximate above; or one of them by name. */
  search?: 'auto' | 'exact' | 'approximate';
  /** Computes inner products for the neighbours. Default: the tensor backend from 2,000 cells on, plain TypeScript below. */
  product?: MatrixProduct;
  /** Of our own loop; the picture does not depend on it. Default: all cores up to 8, one below 10,000 cells. */
  threads?: number;
  progress?: Progress;
  signal?: AbortSignal;
}

/** A fitted map that can place further cells. */
export interface Umap {
  /** [n, 2] */
  points: Float64Array;
  /** Which loop drew it. */
  engine: 'umap-js' | 'own';
  /** Whether its neighbours are all true ones. */
  search: 'exact' | 'approximate';
  /** The neighbours it was drawn from, the cell itself left out; for purity by type and day. */
  near: Neighbors;
  /**
   * Places new cells [m, d] among the drawn ones, which stay where they are: at the mean of their neighbours' points, weighted as the
   * graph's edges are. @returns [m, 2]
   */
  transform(cells: FloatArray, m: number): Promise<Float64Array>;
}

/**
 * UMAP (McInnes, Healy and Melville 2018) to two dimensions on exact nearest neighbours (approximate ones above 50,000 cells), started from
 * the principal components. The optimisation is umap-js's up to 2,000 cells and our own above.
 *
 * @param x [n, d] descriptors
 * @returns [n, 2]
 * @throws OptionError when there are not more cells than neighbours; ShapeError, DataError; InterruptedError
 * @example
 * const points = await embedUmap(latents, n, 56, { seed: 7 }); // points[2 * i], points[2 * i + 1]
 */
export async function embedUmap(
  x: FloatArray,
  n: number,
  d: number,
  options: UmapOptions = {},
): Promise<Float64Array> {
  return (await fitUmap(x, n, d, options)).points;
}

/** {@link embedUmap} that keeps what is needed to place new cells. */
export async function fitUmap(x: FloatArray, n: number, d: number, options: UmapOptions = {}): Promise<Umap> {
  const { neighbors = 15, minDist = 0.1, engine = 'auto', search = 'auto', metric = 'euclidean' } = options;
  checkMatrix('embedUmap', x, n, d);
  checkNumber('embedUmap', 'neighbors', neighbors, 2, n - 1);
  checkNumber('embedUmap', 'minDist', minDist, 0, 1);
  if (!['auto', 'umap-js', 'own'].includes(engine)) {
    throw new OptionError(`embedUmap: unknown engine "${engine}"; use auto, umap-js or own`);
  }
  if (!['auto', 'exact', 'approximate'].includes(search)) {
    throw new OptionError(`embedUmap: unknown search "${search}"; use auto, exact or approximate`);
  }
  if (options.labels) checkLength('embedUmap', 'labels', options.labels, n);
  const product = options.product ?? (n >= 2000 ? await tensorMatrixProduct() : undefined);
  const searching = { metric, product, progress: options.progress, signal: options.signal };

  const approximate = search === 'approximate' || (search === 'auto' && n > EXACT_CELLS);
  const find = approximate ? approximateNeighbors : nearestNeighbors;
  const near = await find(x, n, d, neighbors - 1, searching);
  const own = engine === 'own' || (engine === 'auto' && n > UMAP_JS_CELLS);
  const points = await (own ? drawWithOwnLoop : drawWithUmapJs)(x, n, d, near, options);
  return {
    points,
    engine: own ? 'own' : 'umap-js',
    search: approximate ? 'approximate' : 'exact',
    near,
    async transform(cells, m) {
      const among = await neighborsAmong(cells, m, x, n, d, neighbors, searching);
      return placeAmong(among, m, points);
    },
  };
}

/** The default number of passes, as umap-learn has it. */
function epochsOf(options: UmapOptions, n: number): number {
  return options.epochs ?? (n <= 10_000 ? 500 : 200);
}

async function drawWithOwnLoop(
  x: FloatArray,
  n: number,
  d: number,
  near: Neighbors,
  options: UmapOptions,
): Promise<Float64Array> {
  const seed = options.seed ?? 0;
  const graph = umapGraph(near, options.labels);
  const curve = fitCurve(options.minDist ?? 0.1);
  const state = layoutState(graph, startFromPca(x, n, d, seed), curve, epochsOf(options, n), seed);
  return runLayout(state, options);
}

async function drawWithUmapJs(
  x: FloatArray,
  n: number,
  d: number,
  near: Neighbors,
  options: UmapOptions,
): Promise<Float64Array> {
  const { seed = 0, progress = silentProgress } = options;
  const umap = new UMAP({
    nNeighbors: near.k + 1,
    minDist: options.minDist ?? 0.1,
    nEpochs: epochsOf(options, n),
    random: seededRandom(seed).uniform,
  });
  const { indices, distances } = withSelf(near, n);
  umap.setPrecomputedKNN(indices, distances);
  if (options.labels) umap.setSupervisedProjection(Array.from(options.labels));
  const epochs = umap.initializeFit(Array.from({ length: n }, () => []));
  const start = startFromPca(x, n, d, seed);
  umap.getEmbedding().forEach((point, i) => {
    point[0] = start[2 * i];
    point[1] = start[2 * i + 1];
  });
  const breathe = breather(options.signal, 'UMAP');
  progress.start('UMAP', epochs, 'epochs');
  for (let epoch = 1; epoch <= epochs; epoch++) {
    umap.step();
    progress.update(epoch);
    await breathe();
  }
  progress.finish();
  return Float64Array.from(umap.getEmbedding().flat());
}

/** Neighbour lists as umap-js wants them: the cell itself first, at distance 0. */
function withSelf(near: Neighbors, n: number): { indices: number[][]; distances: number[][] } {
  const { k } = near;
  const indices: number[][] = [];
  const distances: number[][] = [];
  for (let i = 0; i < n; i++) {
    indices.push([i, ...near.indices.subarray(i * k, (i + 1) * k)]);
    distances.push([0, ...near.distances.subarray(i * k, (i + 1) * k)]);
  }
  return { indices, distances };
}

/** The first two principal components, 10 units wide, with a little noise that parts equal cells: [n, 2]. */
function startFromPca(x: FloatArray, n: number, d: number, seed: number): Float64Array {
  const wide = Math.min(2, d);
  const components = pcaEmbedding(x, n, d, wide);
  let largest = 0;
  for (const value of components) largest = Math.max(largest, Math.abs(value));
  const random = seededRandom(seed).fork('umap start');
  return Float64Array.from({ length: 2 * n }, (_, at) => {
    const [i, c] = [at >> 1, at & 1];
    const value = c < wide && largest > 0 ? (10 * components[i * wide + c]) / largest : 0;
    return value + 1e-4 * random.normal();
  });
}

/** Weighted means of the points of each cell's neighbours. */
function placeAmong(near: Neighbors, m: number, points: Float64Array): Float64Array {
  const { k, indices, distances } = near;
  const placed = new Float64Array(2 * m);
  for (let i = 0; i < m; i++) {
    const own = distances.subarray(i * k, (i + 1) * k);
    const width = (own[k - 1] - own[0]) / 2 || 1;
    let total = 0;
    for (let j = 0; j < k; j++) {
      const weight = Math.exp(-(own[j] - own[0]) / width);
      total += weight;
      placed[2 * i] += weight * points[2 * indices[i * k + j]];
      placed[2 * i + 1] += weight * points[2 * indices[i * k + j] + 1];
    }
    placed[2 * i] /= total;
    placed[2 * i + 1] /= total;
  }
  return placed;
}
