import { checkLength } from '../stats/matrix';
import type { Neighbors } from './neighbors';

/** How often neighbours carry the same label. */
export interface NeighborPurity {
  /** Mean share of a cell's neighbours with its own label. */
  purity: number;
  /** The same for labels without meaning: the chance that two cells share one. */
  expected: number;
  /** (purity − expected) / (1 − expected): 0 by chance, 1 when every neighbour agrees. */
  excess: number;
}

/**
 * Purity of the neighbourhoods by cell type, or by day. When the map sorts by day more than by type it shows a batch effect.
 *
 * @param near neighbours of every cell, from descriptors or from the picture
 * @param labels the type (or day) of each cell
 * @throws ShapeError when lengths differ
 */
export function neighborPurity(near: Neighbors, labels: ArrayLike<string | number>): NeighborPurity {
  const n = near.indices.length / near.k;
  checkLength('neighborPurity', 'labels', labels, n);
  const counts = new Map<string | number, number>();
  let same = 0;
  for (let i = 0; i < n; i++) {
    counts.set(labels[i], (counts.get(labels[i]) ?? 0) + 1);
    for (let j = 0; j < near.k; j++) if (labels[near.indices[i * near.k + j]] === labels[i]) same++;
  }
  let pairs = 0;
  for (const count of counts.values()) pairs += count * (count - 1);
  const purity = same / (n * near.k);
  const expected = pairs / (n * (n - 1));
  return { purity, expected, excess: expected < 1 ? (purity - expected) / (1 - expected) : 0 };
}
