/**
 * UMAP's layout by stochastic gradient descent, written for typed arrays and several threads.
 *
 * The mathematics is umap-learn's and umap-js's: an edge of weight w is drawn w / w_max of the epochs, pulls its ends together, and each
 * draw pushes its first end away from five random points; moves are clipped at 4 and scaled by a rate that falls to 0. What differs: in
 * an epoch a point moves by itself alone and sees all others where they stood when the epoch began. So each thread owns a range of
 * points, nothing is locked, and the picture does not depend on the number of threads. Since every edge is listed from both ends, and
 * a pull moves both, a point takes two pulls per draw.
 */
import type { UmapGraph } from './umap-graph';

/** All that the threads share. */
export interface LayoutState {
  n: number;
  epochs: number;
  seed: number;
  starts: Int32Array;
  ends: Int32Array;
  /** Share of epochs in which an edge is drawn, 0 … 1. */
  frequency: Float32Array;
  /** Two sets of points [n, 2]: epoch e reads `points[e % 2]` and writes the other. */
  points: [Float32Array, Float32Array];
  attraction: Float32Array;
  repulsion: Float32Array;
}

const NEGATIVES = 5; // random points pushed away from per draw
const CLIP = 4;

/**
 * The shape 1 / (1 + a x^2b) of similarity in the picture for a minimum distance, by least squares on umap-learn's 300 points with
 * Gauss–Newton steps.
 */
export function fitCurve(minDist: number, spread = 1): { a: number; b: number } {
  let a = 1;
  let b = 1;
  const error = (p: number, q: number) => {
    let sum = 0;
    for (let i = 0; i < 300; i++) sum += residual(i, p, q)[0] ** 2;
    return sum;
  };
  const residual = (i: number, p: number, q: number): [number, number, number] => {
    const x = (3 * spread * i) / 299;
    const wanted = x < minDist ? 1 : Math.exp(-(x - minDist) / spread);
    const power = x > 0 ? x ** (2 * q) : 0;
    const value = 1 / (1 + p * power);
    const slope = -value * value;
    return [value - wanted, slope * power, x > 0 ? slope * p * power * 2 * Math.log(x) : 0];
  };
  for (let step = 0; step < 100; step++) {
    let aa = 0;
    let ab = 0;
    let bb = 0;
    let ga = 0;
    let gb = 0;
    for (let i = 0; i < 300; i++) {
      const [r, da, db] = residual(i, a, b);
      aa += da * da;
      ab += da * db;
      bb += db * db;
      ga += da * r;
      gb += db * r;
    }
    const determinant = aa * bb - ab * ab;
    const moveA = (bb * ga - ab * gb) / determinant;
    const moveB = (aa * gb - ab * ga) / determinant;
    let length = 1;
    const before = error(a, b);
    while (
      length > 1e-8 &&
      !(error(a - length * moveA, b - length * moveB) <= before && a > length * moveA)
    ) {
      length /= 2;
    }
    a -= length * moveA;
    b -= length * moveB;
    if (Math.abs(length * moveA) < 1e-12 && Math.abs(length * moveB) < 1e-12) break;
  }
  return { a, b };
}

// The two gradient factors depend on the squared distance alone. They are tabulated by the upper bits of its single-precision form (sign 0,
// 8 bits of exponent, 8 of mantissa): bins 0.4 % wide, filled with the value at their middle.
const SHIFT = 15;
const BINS = 1 << 16;

/** Tables of the pull (times the difference vector) and the push, by squared distance. */
export function gradientTables(a: number, b: number): { attraction: Float32Array; repulsion: Float32Array } {
  const attraction = new Float32Array(new SharedArrayBuffer(4 * BINS));
  const repulsion = new Float32Array(new SharedArrayBuffer(4 * BINS));
  const bits = new Int32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let bin = 0; bin < BINS; bin++) {
    bits[0] = (bin << SHIFT) | (1 << (SHIFT - 1));
    const squared = value[0];
    if (!Number.isFinite(squared)) continue;
    const power = squared ** b;
    attraction[bin] = (-2 * a * b * squared ** (b - 1)) / (1 + a * power);
    repulsion[bin] = (2 * b) / ((0.001 + squared) * (1 + a * power));
  }
  return { attraction, repulsion };
}

/** Puts graph, start and tables into shared memory. */
export function layoutState(
  graph: UmapGraph,
  start: Float64Array,
  curve: { a: number; b: number },
  epochs: number,
  seed: number,
): LayoutState {
  const { n, starts, ends, weights } = graph;
  let largest = 0;
  for (const weight of weights) largest = Math.max(largest, weight);
  const shared = (length: number) => new SharedArrayBuffer(4 * length);
  const frequency = new Float32Array(shared(weights.length));
  for (let e = 0; e < weights.length; e++) frequency[e] = weights[e] / largest;
  const points: [Float32Array, Float32Array] = [
    new Float32Array(shared(2 * n)),
    new Float32Array(shared(2 * n)),
  ];
  points[0].set(start);
  const sharedStarts = new Int32Array(shared(starts.length));
  sharedStarts.set(starts);
  const sharedEnds = new Int32Array(shared(ends.length));
  sharedEnds.set(ends);
  return {
    n,
    epochs,
    seed,
    starts: sharedStarts,
    ends: sharedEnds,
    frequency,
    points,
    ...gradientTables(curve.a, curve.b),
  };
}

/** Moves points `from` … `to` − 1 through one epoch. */
export function layoutEpoch(state: LayoutState, epoch: number, from: number, to: number): void {
  const { n, epochs, starts, ends, frequency, attraction, repulsion } = state;
  const before = state.points[epoch % 2];
  const after = state.points[1 - (epoch % 2)];
  const rate = 1 - epoch / epochs;
  const squared = new Float32Array(1);
  const bits = new Int32Array(squared.buffer);
  for (let i = from; i < to; i++) {
    let x = before[2 * i];
    let y = before[2 * i + 1];
    // an xorshift generator per point and epoch, so that the order of points does not matter
    let random =
      Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(epoch + 1, 0x85ebca77) ^ Math.imul(state.seed + 1, 0xc2b2ae3d);
    random = Math.imul(random ^ (random >>> 15), 0x2c1b3c6d);
    random = Math.imul(random ^ (random >>> 12), 0x297a2d39);
    random = (random ^ (random >>> 15)) | 1;
    for (let e = starts[i]; e < starts[i + 1]; e++) {
      const often = frequency[e];
      // evenly spread over the epochs: drawn when the running total passes a whole number
      if (Math.floor((epoch + 1) * often) === Math.floor(epoch * often)) continue;
      const j = ends[e];
      const jx = before[2 * j];
      const jy = before[2 * j + 1];
      for (let pull = 0; pull < 2; pull++) {
        const dx = x - jx;
        const dy = y - jy;
        squared[0] = dx * dx + dy * dy;
        if (bits[0] === 0) break;
        const factor = attraction[bits[0] >>> SHIFT];
        const mx = factor * dx;
        const my = factor * dy;
        x += rate * (mx > CLIP ? CLIP : mx < -CLIP ? -CLIP : mx);
        y += rate * (my > CLIP ? CLIP : my < -CLIP ? -CLIP : my);
      }
      for (let s = 0; s < NEGATIVES; s++) {
        random ^= random << 13;
        random ^= random >>> 17;
        random ^= random << 5;
        const p = Math.floor(((random >>> 0) * n) / 0x100000000);
        if (p === i) continue;
        const dx = x - before[2 * p];
        const dy = y - before[2 * p + 1];
        squared[0] = dx * dx + dy * dy;
        const factor = repulsion[bits[0] >>> SHIFT];
        const mx = factor * dx;
        const my = factor * dy;
        x += rate * (mx > CLIP ? CLIP : mx < -CLIP ? -CLIP : mx);
        y += rate * (my > CLIP ? CLIP : my < -CLIP ? -CLIP : my);
      }
    }
    after[2 * i] = x;
    after[2 * i + 1] = y;
  }
}
