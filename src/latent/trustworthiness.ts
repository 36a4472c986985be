import { checkMatrix, checkNumber, type FloatArray } from '../stats/matrix';
import { breather } from '../util/breather';
import { type Random, seededRandom } from '../util/random';
import { neighborsAmong } from './neighbors';

export interface TrustworthinessOptions {
  /** Neighbours in the picture that are looked at. Default 15. */
  neighbors?: number;
  /** Cells that are looked at, drawn at random when there are more. Default 2000 (a standard error of about 0.001). */
  sample?: number;
  random?: Random;
  signal?: AbortSignal;
}

/**
 * Whether cells that lie together in the picture are alike: 1 minus a penalty for every neighbour in the picture that is not one among
 * the descriptors, by how far down the true ranking it stands (Venna and Kaski 2001; scikit-learn's `trustworthiness`).
 * Cost: sample × n × d.
 *
 * @param x [n, d] descriptors
 * @param points [n, 2] (or [n, anything]) the picture
 * @returns 0 to 1; about 0.5 for points at random
 * @throws OptionError when there are not at least twice as many cells as neighbours; ShapeError, DataError
 */
export async function trustworthiness(
  x: FloatArray,
  points: FloatArray,
  n: number,
  d: number,
  options: TrustworthinessOptions = {},
): Promise<number> {
  const { neighbors: k = 15, sample = 2000, random = seededRandom(1), signal } = options;
  checkMatrix('trustworthiness', x, n, d);
  const width = points.length / n;
  checkMatrix('trustworthiness', points, n, width);
  checkNumber('trustworthiness', 'neighbors', k, 1, Math.floor((n - 1) / 2));
  const cells =
    sample < n ? random.permutation(n).slice(0, sample) : Int32Array.from({ length: n }, (_, i) => i);
  const shown = new Float64Array(cells.length * width);
  cells.forEach((cell, i) => {
    shown.set(points.subarray(cell * width, (cell + 1) * width), i * width);
  });
  const near = await neighborsAmong(shown, cells.length, points, n, width, Math.min(k + 1, n), { signal });
  const breathe = breather(signal, 'trustworthiness');
  const distance = new Float64Array(n);
  let penalty = 0;
  for (let s = 0; s < cells.length; s++) {
    await breathe();
    const i = cells[s];
    for (let p = 0; p < n; p++) {
      let squared = 0;
      for (let j = 0; j < d; j++) squared += (x[i * d + j] - x[p * d + j]) ** 2;
      distance[p] = squared;
    }
    let seen = 0;
    for (let q = 0; q <= k && seen < k; q++) {
      const other = near.indices[s * (k + 1) + q];
      if (other === i) continue;
      seen++;
      let closer = 0;
      for (let p = 0; p < n; p++) if (distance[p] < distance[other] && p !== i) closer++;
      penalty += Math.max(0, closer + 1 - k);
    }
  }
  return 1 - (2 * penalty) / (cells.length * k * (2 * n - 3 * k - 1));
}
