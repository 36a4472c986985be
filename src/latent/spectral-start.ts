import { symmetricEigen } from '../stats/symmetric-eigen';
import { breather } from '../util/breather';
import type { Random } from '../util/random';
import type { UmapGraph } from './umap-graph';

/** Vectors iterated together: two are wanted, the others make them converge sooner. */
const BLOCK = 8;
/** Degree of the polynomial that damps all other eigenvectors between two orthogonalisations. */
const DEGREE = 16;
const ROUNDS = 60;
/** Change of the wanted eigenvalues that counts as none; the optimisation smooths away far more. */
const TOLERANCE = 1e-7;

/**
 * The second and third eigenvectors of the graph's normalised Laplacian, I − D^(−½) W D^(−½), where UMAP starts by default in
 * umap-learn: cells that are linked strongly start together. By subspace iteration with Chebyshev polynomials.
 * Cost: about 60 × 16 × 8 multiplications with the graph at most.
 *
 * @returns [n, 2], or null when the graph falls into parts, whose eigenvectors say nothing but which part a cell is in
 * @throws InterruptedError
 */
export async function spectralStart(
  graph: UmapGraph,
  random: Random,
  signal?: AbortSignal,
): Promise<Float64Array | null> {
  const { n } = graph;
  if (n < BLOCK + 2 || parts(graph) > 1) return null;
  const root = rootDegrees(graph);
  const breathe = breather(signal, 'spectral start');
  // the first eigenvector is known: the square roots of the degrees. The others are sought apart from it.
  let length = 0;
  for (const value of root) length += value * value;
  const first = root.map((value) => value / Math.sqrt(length));
  let vectors: Float64Array = Float64Array.from({ length: BLOCK * n }, () => random.normal());
  let before: Float64Array = new Float64Array([2, 2]); // no eigenvalue is above 1
  let cut = 0; // eigenvalues of D^(−½) W D^(−½) between −1 and here are damped
  for (let round = 0; round < ROUNDS; round++) {
    await breathe();
    if (round > 0) vectors = await chebyshev(graph, root, vectors, cut, breathe);
    orthonormalise(vectors, n, first);
    const image = multiply(graph, root, vectors);
    const { values, rotated } = rotate(vectors, image, n);
    vectors = rotated;
    cut = Math.min(0.999, values[BLOCK - 1]);
    const settled = [0, 1].every((k) => Math.abs(values[k] - before[k]) < TOLERANCE);
    if (settled) break;
    before = values.slice(0, 2);
  }
  const start = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    start[2 * i] = vectors[i];
    start[2 * i + 1] = vectors[n + i];
  }
  return start;
}

/** Number of connected parts. */
function parts({ n, starts, ends }: UmapGraph): number {
  const seen = new Uint8Array(n);
  const stack: number[] = [];
  let count = 0;
  for (let from = 0; from < n; from++) {
    if (seen[from]) continue;
    count++;
    seen[from] = 1;
    stack.push(from);
    while (stack.length > 0) {
      const i = stack.pop()!;
      for (let e = starts[i]; e < starts[i + 1]; e++) {
        if (seen[ends[e]]) continue;
        seen[ends[e]] = 1;
        stack.push(ends[e]);
      }
    }
  }
  return count;
}

function rootDegrees({ n, starts, weights }: UmapGraph): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    let degree = 0;
    for (let e = starts[i]; e < starts[i + 1]; e++) degree += weights[e];
    return Math.sqrt(degree);
  });
}

/** D^(−½) W D^(−½) times each of the vectors [BLOCK, n]. */
function multiply({ n, starts, ends, weights }: UmapGraph, root: Float64Array, vectors: Float64Array) {
  const result = new Float64Array(BLOCK * n);
  for (let i = 0; i < n; i++) {
    for (let e = starts[i]; e < starts[i + 1]; e++) {
      const j = ends[e];
      const weight = weights[e] / (root[i] * root[j]);
      for (let b = 0; b < BLOCK; b++) result[b * n + i] += weight * vectors[b * n + j];
    }
  }
  return result;
}

/** A Chebyshev polynomial of the matrix, small on eigenvalues from −1 to `cut` and growing fast above, times the vectors. */
async function chebyshev(
  graph: UmapGraph,
  root: Float64Array,
  vectors: Float64Array,
  cut: number,
  breathe: () => Promise<void>,
): Promise<Float64Array> {
  const half = (cut + 1) / 2;
  const middle = (cut - 1) / 2;
  const mapped = (from: Float64Array) => {
    const image = multiply(graph, root, from);
    for (let i = 0; i < image.length; i++) image[i] = (image[i] - middle * from[i]) / half;
    return image;
  };
  let earlier = vectors;
  let current = mapped(vectors);
  for (let degree = 2; degree <= DEGREE; degree++) {
    await breathe();
    const next = mapped(current);
    for (let i = 0; i < next.length; i++) next[i] = 2 * next[i] - earlier[i];
    earlier = current;
    current = next;
  }
  return current;
}

/** Gram–Schmidt, twice, apart from `first` as well. */
function orthonormalise(vectors: Float64Array, n: number, first: Float64Array): void {
  for (let b = 0; b < BLOCK; b++) {
    const own = vectors.subarray(b * n, (b + 1) * n);
    for (let pass = 0; pass < 2; pass++) {
      for (let other = -1; other < b; other++) {
        const against = other < 0 ? first : vectors.subarray(other * n, (other + 1) * n);
        let product = 0;
        for (let i = 0; i < n; i++) product += own[i] * against[i];
        for (let i = 0; i < n; i++) own[i] -= product * against[i];
      }
      let length = 0;
      for (let i = 0; i < n; i++) length += own[i] * own[i];
      length = Math.sqrt(length);
      for (let i = 0; i < n; i++) own[i] /= length;
    }
  }
}

/** The eigenvectors within the span of the vectors, largest eigenvalue first (Rayleigh–Ritz). */
function rotate(
  vectors: Float64Array,
  image: Float64Array,
  n: number,
): { values: Float64Array; rotated: Float64Array } {
  const small = new Float64Array(BLOCK * BLOCK);
  for (let a = 0; a < BLOCK; a++) {
    for (let b = 0; b < BLOCK; b++) {
      let product = 0;
      for (let i = 0; i < n; i++) product += vectors[a * n + i] * image[b * n + i];
      small[a * BLOCK + b] = product;
    }
  }
  const { values, vectors: turns } = symmetricEigen(small, BLOCK);
  const rotated = new Float64Array(BLOCK * n);
  for (let to = 0; to < BLOCK; to++) {
    for (let b = 0; b < BLOCK; b++) {
      const turn = turns[to * BLOCK + b];
      for (let i = 0; i < n; i++) rotated[to * n + i] += turn * vectors[b * n + i];
    }
  }
  return { values, rotated };
}
