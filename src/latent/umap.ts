import { UMAP } from 'umap-js';
import { checkLength, checkMatrix, checkNumber, type FloatArray } from '../stats/matrix';
import { breather } from '../util/breather';
import { OptionError } from '../util/errors';
import { defaultProgress, type Progress } from '../util/progress';
import { seededRandom } from '../util/random';
import { approximateNeighbors } from './approximate-neighbors';
import type { MatrixProduct } from './matrix-product';
import { type Metric, type Neighbors, nearestNeighbors, neighborsAmong } from './neighbors';
import { pcaEmbedding } from './pca-embedding';
import { placeCells } from './place-cells';
import { spectralStart } from './spectral-start';
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
  /**
   * Where the optimisation starts: `pca` (default), the principal components, which keeps far groups in order; `spectral`, eigenvectors
   * of the graph, umap-learn's default. A graph in several parts has no such eigenvectors and starts from the principal components.
   */
  start?: 'pca' | 'spectral';
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
  /** Where it started; `pca` also where a spectral start was asked for of a graph in several parts. */
  start: 'pca' | 'spectral';
  /** Whether its neighbours are all true ones. */
  search: 'exact' | 'approximate';
  /** The neighbours it was drawn from, the cell itself left out; for purity by type and day. */
  near: Neighbors;
  /**
   * Places new cells [m, d] among the drawn ones, which stay where they are: at the weighted mean of their neighbours' points, then moved
   * by a third of the map's passes (see `placeCells`). A cell's place does not depend on the others placed with it. @returns [m, 2]
   */
  transform(cells: FloatArray, m: number): Promise<Float64Array>;
}

/**
 * UMAP (McInnes, Healy and Melville 2018) to two dimensions on exact nearest neighbours (approximate ones above 50,000 cells), started from
 * the principal components or eigenvectors of the graph. The optimisation is umap-js's up to 2,000 cells and our own above.
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
  const { start = 'pca' } = options;
  if (start !== 'pca' && start !== 'spectral') {
    throw new OptionError(`embedUmap: unknown start "${String(start)}"; use pca or spectral`);
  }
  if (options.labels) checkLength('embedUmap', 'labels', options.labels, n);
  const product = options.product ?? (n >= 2000 ? await tensorMatrixProduct() : undefined);
  const searching = { metric, product, progress: options.progress, signal: options.signal };

  const approximate = search === 'approximate' || (search === 'auto' && n > EXACT_CELLS);
  const find = approximate ? approximateNeighbors : nearestNeighbors;
  const near = await find(x, n, d, neighbors - 1, searching);
  const own = engine === 'own' || (engine === 'auto' && n > UMAP_JS_CELLS);
  const graph = umapGraph(near, options.labels);
  const seed = options.seed ?? 0;
  const eigenvectors =
    start === 'spectral'
      ? await spectralStart(graph, seededRandom(seed).fork('spectral start'), options.signal)
      : null;
  const from = spread(eigenvectors ?? principalComponents(x, n, d), seed);
  const curve = fitCurve(minDist);
  const epochs = options.epochs ?? (n <= 10_000 ? 500 : 200); // as umap-learn has it
  const points = own
    ? await runLayout(layoutState(graph, from, curve, epochs, seed), options)
    : await drawWithUmapJs(near, from, epochs, options);
  return {
    points,
    start: eigenvectors ? 'spectral' : 'pca',
    engine: own ? 'own' : 'umap-js',
    search: approximate ? 'approximate' : 'exact',
    near,
    async transform(cells, m) {
      const among = await neighborsAmong(cells, m, x, n, d, neighbors, searching);
      // umap-learn's numbers: a third of the passes that were asked for, else 100, and 30 for many cells
      const passes = options.epochs ? Math.ceil(options.epochs / 3) : m <= 10_000 ? 100 : 30;
      const { progress, signal } = options;
      return placeCells(among, m, points, { ...curve, epochs: passes, seed, progress, signal });
    },
  };
}

async function drawWithUmapJs(
  near: Neighbors,
  start: Float64Array,
  passes: number,
  options: UmapOptions,
): Promise<Float64Array> {
  const { seed = 0, progress = defaultProgress } = options;
  const n = start.length / 2;
  const umap = new UMAP({
    nNeighbors: near.k + 1,
    minDist: options.minDist ?? 0.1,
    nEpochs: passes,
    random: seededRandom(seed).uniform,
  });
  const { indices, distances } = withSelf(near, n);
  umap.setPrecomputedKNN(indices, distances);
  if (options.labels) umap.setSupervisedProjection(Array.from(options.labels));
  const epochs = umap.initializeFit(Array.from({ length: n }, () => []));
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

/** The first two principal components, [n, 2]; 0 in the second place where there is one feature only. */
function principalComponents(x: FloatArray, n: number, d: number): Float64Array {
  if (d > 1) return pcaEmbedding(x, n, d, 2);
  const only = pcaEmbedding(x, n, d, 1);
  return Float64Array.from({ length: 2 * n }, (_, at) => (at % 2 === 0 ? only[at >> 1] : 0));
}

/** Points scaled to reach 10 units from the middle, with a little noise that parts equal cells. */
function spread(points: Float64Array, seed: number): Float64Array {
  let largest = 0;
  for (const value of points) largest = Math.max(largest, Math.abs(value));
  const random = seededRandom(seed).fork('umap start');
  return points.map((value) => (largest > 0 ? (10 * value) / largest : 0) + 1e-4 * random.normal());
}
