import { breather } from '../util/breather';
import { defaultProgress, type Progress } from '../util/progress';
import { seededRandom } from '../util/random';
import type { Neighbors } from './neighbors';

export interface PlaceOptions {
  /** Shape of similarity in the map, as `fitCurve` gives it. */
  a: number;
  b: number;
  /** Passes of the refinement; 0 leaves cells at the weighted mean of their neighbours. */
  epochs: number;
  seed: number;
  progress?: Progress;
  signal?: AbortSignal;
}

const NEGATIVES = 5; // known points pushed away from per pull
const CLIP = 4;
const RATE = 0.25; // of the map's own learning rate: cells near their place need no long way

/**
 * Places new cells in a drawn map, as umap-learn's `transform` does: memberships among the known cells by the map's own rule (without a
 * distance that counts as nearest), a start at their weighted mean, then gradient steps that move the new cells alone. Cells do not see each
 * other, so the place of one does not depend on which others come with it. Cost: m × epochs × k × 6 steps at most.
 *
 * @param near of the m new cells among the known ones
 * @param points [n, 2] the map
 * @returns [m, 2]
 * @throws InterruptedError
 */
export async function placeCells(
  near: Neighbors,
  m: number,
  points: Float64Array,
  options: PlaceOptions,
): Promise<Float64Array> {
  const { a, b, epochs, seed, progress = defaultProgress } = options;
  const { k, indices } = near;
  const n = points.length / 2;
  const placed = new Float64Array(2 * m);
  const breathe = breather(options.signal, 'UMAP of new cells');
  progress.start('place new cells', m, 'cells');
  for (let i = 0; i < m; i++) {
    await breathe();
    const weights = memberships(near.distances.subarray(i * k, (i + 1) * k));
    let total = 0;
    let largest = 0;
    let x = 0;
    let y = 0;
    for (let j = 0; j < k; j++) {
      const known = indices[i * k + j];
      total += weights[j];
      largest = Math.max(largest, weights[j]);
      x += weights[j] * points[2 * known];
      y += weights[j] * points[2 * known + 1];
    }
    x /= total;
    y /= total;
    // a cell that is there already stays on its twin
    const twin = near.distances[i * k] === 0;
    const random = seededRandom(seed).fork(`place ${near.indices.subarray(i * k, i * k + 3).join()}`);
    for (let epoch = 0; epoch < epochs && !twin; epoch++) {
      const rate = RATE * (1 - epoch / epochs);
      for (let j = 0; j < k; j++) {
        const often = weights[j] / largest;
        // evenly spread over the passes: drawn when the running total passes a whole number
        if (Math.floor((epoch + 1) * often) === Math.floor(epoch * often)) continue;
        const known = indices[i * k + j];
        const dx = x - points[2 * known];
        const dy = y - points[2 * known + 1];
        const squared = dx * dx + dy * dy;
        if (squared > 0) {
          const pull = (-2 * a * b * squared ** (b - 1)) / (1 + a * squared ** b);
          x += rate * clip(pull * dx);
          y += rate * clip(pull * dy);
        }
        for (let s = 0; s < NEGATIVES; s++) {
          const other = random.integer(n);
          const ox = x - points[2 * other];
          const oy = y - points[2 * other + 1];
          const far = ox * ox + oy * oy;
          if (far === 0) continue;
          const push = (2 * b) / ((0.001 + far) * (1 + a * far ** b));
          x += rate * clip(push * ox);
          y += rate * clip(push * oy);
        }
      }
    }
    placed[2 * i] = x;
    placed[2 * i + 1] = y;
    progress.update(i + 1);
  }
  progress.finish();
  return placed;
}

function clip(value: number): number {
  return Math.max(-CLIP, Math.min(CLIP, value));
}

/** exp(−distance / rate), the rate such that all but the nearest sum to log2(k). */
function memberships(distances: Float64Array): Float64Array {
  const k = distances.length;
  const target = Math.log2(k);
  let low = 0;
  let high = Infinity;
  let rate = 1;
  for (let step = 0; step < 64; step++) {
    let sum = 0;
    for (let j = 1; j < k; j++) sum += Math.exp(-distances[j] / rate);
    if (Math.abs(sum - target) < 1e-5) break;
    if (sum > target) high = rate;
    else low = rate;
    rate = high === Infinity ? rate * 2 : (low + high) / 2;
  }
  let mean = 0;
  for (const distance of distances) mean += distance / k;
  rate = Math.max(rate, 1e-3 * mean);
  return distances.map((distance) => (rate > 0 ? Math.exp(-distance / rate) : 1));
}
