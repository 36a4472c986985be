import { UMAP } from 'umap-js';
import { checkLength, checkMatrix, checkNumber, type FloatArray } from '../stats/matrix';
import { breather } from '../util/breather';
import { type Progress, silentProgress } from '../util/progress';
import { seededRandom } from '../util/random';
import type { MatrixProduct } from './matrix-product';
import { type Metric, type Neighbors, nearestNeighbors } from './neighbors';
import { pcaEmbedding } from './pca-embedding';

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
  /** Computes inner products for the neighbours; default in plain TypeScript. */
  product?: MatrixProduct;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * UMAP (McInnes, Healy and Melville 2018) to two dimensions: umap-js, fed with exact nearest neighbours and started from the
 * principal components.
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
  const { neighbors = 15, minDist = 0.1, seed = 0, progress = silentProgress, signal } = options;
  checkMatrix('embedUmap', x, n, d);
  checkNumber('embedUmap', 'neighbors', neighbors, 2, n - 1);
  checkNumber('embedUmap', 'minDist', minDist, 0, 1);
  if (options.labels) checkLength('embedUmap', 'labels', options.labels, n);
  const near = await nearestNeighbors(x, n, d, neighbors - 1, options);

  const umap = new UMAP({
    nNeighbors: neighbors,
    minDist,
    nEpochs: options.epochs ?? (n <= 10_000 ? 500 : 200),
    random: seededRandom(seed).uniform,
  });
  const { indices, distances } = withSelf(near, n);
  umap.setPrecomputedKNN(indices, distances);
  if (options.labels) umap.setSupervisedProjection(Array.from(options.labels));
  const epochs = umap.initializeFit(Array.from({ length: n }, () => []));
  startFromPca(umap.getEmbedding(), x, n, d, seed);
  const breathe = breather(signal, 'UMAP');
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

/** Puts the points on the first two principal components, 10 units wide, with a little noise that parts equal cells. */
function startFromPca(points: number[][], x: FloatArray, n: number, d: number, seed: number): void {
  const start = pcaEmbedding(x, n, d, Math.min(2, d));
  const wide = Math.min(2, d);
  let largest = 0;
  for (const value of start) largest = Math.max(largest, Math.abs(value));
  const random = seededRandom(seed).fork('umap start');
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < 2; c++) {
      const value = c < wide && largest > 0 ? (10 * start[i * wide + c]) / largest : 0;
      points[i][c] = value + 1e-4 * random.normal();
    }
  }
}
