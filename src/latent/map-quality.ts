import type { FloatArray } from '../stats/matrix';
import { silentProgress } from '../util/progress';
import type { Random } from '../util/random';
import type { MatrixProduct } from './matrix-product';
import { type NeighborPurity, neighborPurity } from './neighbor-purity';
import { type Metric, type Neighbors, nearestNeighbors, prepareRows } from './neighbors';
import { trustworthiness } from './trustworthiness';

export interface MapQualityOptions {
  /** Distance that the map was drawn with. Default `euclidean`. */
  metric?: Metric;
  /** Labels to look for in the neighbourhoods, by name: `{ type: […], day: […] }`. */
  labels?: Record<string, ArrayLike<string | number>>;
  /** Which of them should not show, such as `day`: a map that sorts by it more than by another is reported. */
  nuisance?: string;
  product?: MatrixProduct;
  random?: Random;
  signal?: AbortSignal;
}

/** What stands beside a map. */
export interface MapQuality {
  /** Of 15 neighbours (fewer for few cells). */
  trustworthiness: number;
  /** Purity of the neighbourhoods by label, among the descriptors and in the map. */
  purity: Record<string, { descriptors: NeighborPurity; map: NeighborPurity }>;
  warnings: string[];
}

/**
 * How far a map can be trusted, and what it sorts by: trustworthiness, and purity of the neighbourhoods by type and, separately, by day. A
 * map that sorts by day more than by type shows a batch effect.
 *
 * @param x [n, d] descriptors
 * @param points [n, 2] the map
 * @param near neighbours among the descriptors, as `fitUmap` returns them
 * @throws ShapeError, DataError, OptionError; InterruptedError
 */
export async function mapQuality(
  x: FloatArray,
  points: Float64Array,
  n: number,
  d: number,
  near: Neighbors,
  options: MapQualityOptions = {},
): Promise<MapQuality> {
  const { metric = 'euclidean', labels = {}, nuisance, product, random, signal } = options;
  const k = Math.min(15, Math.floor((n - 1) / 2));
  // rows whose euclidean order is the metric's
  const rows = metric === 'euclidean' ? x : prepareRows(x, n, d, metric).exact;
  // every looked-at cell is compared with all others: fewer of them where there are many
  const sample = n > 50_000 ? 500 : 2000;
  const trusted = await trustworthiness(rows, points, n, d, { neighbors: k, sample, random, signal });
  const purity: MapQuality['purity'] = {};
  const names = Object.keys(labels);
  if (names.length > 0) {
    const shown = await nearestNeighbors(points, n, 2, Math.min(near.k, n - 1), {
      product,
      progress: silentProgress,
      signal,
    });
    for (const name of names) {
      purity[name] = {
        descriptors: neighborPurity(near, labels[name]),
        map: neighborPurity(shown, labels[name]),
      };
    }
  }
  const warnings = names
    .filter((name) => nuisance !== undefined && purity[nuisance] && name !== nuisance)
    .filter((name) => purity[nuisance!].map.excess > purity[name].map.excess)
    .map(
      (name) =>
        `the map sorts by ${nuisance} (${purity[nuisance!].map.excess.toFixed(2)} above chance) more than by ${name} (${purity[name].map.excess.toFixed(2)}): a batch effect; see lch batch-report`,
    );
  return { trustworthiness: trusted, purity, warnings };
}
