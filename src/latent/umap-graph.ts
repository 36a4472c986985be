import type { Neighbors } from './neighbors';

/** The fuzzy graph of UMAP, rows compressed: the edges of cell i are `starts[i]` … `starts[i + 1]`. */
export interface UmapGraph {
  n: number;
  starts: Int32Array;
  /** The other end of each edge. */
  ends: Int32Array;
  /** Membership 0 … 1; the same in both directions. */
  weights: Float32Array;
}

/**
 * Neighbour lists to the symmetric fuzzy graph (McInnes, Healy and Melville 2018, algorithms 2 and 3): distances beyond the nearest
 * neighbour decay at a rate that gives every cell log2(k) neighbours in total, and the two directions of an edge are joined as a + b − ab.
 *
 * @param near without the cell itself
 * @param labels class of each cell, −1 for unknown; edges between different classes are weakened as umap-js does
 */
export function umapGraph(near: Neighbors, labels?: ArrayLike<number>): UmapGraph {
  const { k, indices } = near;
  const n = indices.length / k;
  const directed = memberships(near, n);
  if (labels) {
    for (let e = 0; e < n * k; e++) {
      const own = labels[Math.floor(e / k)];
      const other = labels[indices[e]];
      if (own === -1 || other === -1) directed[e] *= Math.exp(-1);
      else if (own !== other) directed[e] *= Math.exp(-5); // 2.5 / (1 − target weight of 0.5)
    }
  }
  // each directed edge, or its reverse, appears in the rows of both ends
  const back = new Int32Array(n * k).fill(-1);
  const counts = new Int32Array(n + 1);
  for (let i = 0; i < n; i++) {
    counts[i + 1] += k;
    for (let p = i * k; p < (i + 1) * k; p++) {
      const j = indices[p];
      for (let q = j * k; q < (j + 1) * k; q++) {
        if (indices[q] === i) {
          back[p] = q;
          break;
        }
      }
      if (back[p] < 0) counts[j + 1]++;
    }
  }
  for (let i = 0; i < n; i++) counts[i + 1] += counts[i];
  const ends = new Int32Array(counts[n]);
  const weights = new Float32Array(counts[n]);
  const next = counts.slice(0, n);
  for (let i = 0; i < n; i++) {
    for (let p = i * k; p < (i + 1) * k; p++) {
      const j = indices[p];
      const a = directed[p];
      const b = back[p] >= 0 ? directed[back[p]] : 0;
      ends[next[i]] = j;
      weights[next[i]++] = a + b - a * b;
      if (back[p] < 0) {
        ends[next[j]] = i;
        weights[next[j]++] = a;
      }
    }
  }
  const graph = { n, starts: counts, ends, weights };
  return labels ? renewLocalConnectivity(graph) : graph;
}

/** Membership of each directed edge [n, k]. */
function memberships(near: Neighbors, n: number): Float64Array {
  const { k, distances } = near;
  const target = Math.log2(k + 1); // k + 1: UMAP counts the cell itself
  let overall = 0;
  for (const distance of distances) overall += distance / (n * (k + 1));
  const result = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    const own = distances.subarray(i * k, (i + 1) * k);
    const nearest = own.find((distance) => distance > 0) ?? 0;
    let low = 0;
    let high = Infinity;
    let rate = 1;
    for (let step = 0; step < 64; step++) {
      let sum = 0;
      for (let j = 0; j < k; j++) sum += own[j] > nearest ? Math.exp(-(own[j] - nearest) / rate) : 1;
      if (Math.abs(sum - target) < 1e-5) break;
      if (sum > target) high = rate;
      else low = rate;
      rate = high === Infinity ? rate * 2 : (low + high) / 2;
    }
    let mean = 0;
    for (let j = 0; j < k; j++) mean += own[j] / (k + 1);
    rate = Math.max(rate, 1e-3 * (nearest > 0 ? mean : overall));
    for (let j = 0; j < k; j++) {
      result[i * k + j] = own[j] > nearest && rate > 0 ? Math.exp(-(own[j] - nearest) / rate) : 1;
    }
  }
  return result;
}

/** After edges were weakened by class: every cell's strongest edge is 1 again. */
function renewLocalConnectivity(graph: UmapGraph): UmapGraph {
  const { n, starts, ends, weights } = graph;
  const scaled = new Float32Array(weights.length);
  const strongest = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    for (let e = starts[i]; e < starts[i + 1]; e++) strongest[i] = Math.max(strongest[i], weights[e]);
  }
  for (let i = 0; i < n; i++) {
    for (let e = starts[i]; e < starts[i + 1]; e++) {
      const a = weights[e] / strongest[i];
      const b = weights[e] / strongest[ends[e]];
      scaled[e] = a + b - a * b;
    }
  }
  return { ...graph, weights: scaled };
}
