import { ascendingOrder } from './ranks';

/** Cells by descending score. */
export interface SortedScores {
  /** Unit of each cell, for its weight. */
  unit: Int32Array;
  positive: Uint8Array;
  /** 1 where the next cell has a lower score (and at the last cell). */
  endsTie: Uint8Array;
}

/** Sorts cells for the weighted statistics. */
export function sortScores(
  scores: ArrayLike<number>,
  labels: ArrayLike<number | boolean>,
  unit: Int32Array,
): SortedScores {
  const order = ascendingOrder(scores).reverse();
  return {
    unit: order.map((i) => unit[i]),
    positive: Uint8Array.from(order, (i) => (labels[i] ? 1 : 0)),
    endsTie: Uint8Array.from(order, (i, k) =>
      k + 1 === order.length || scores[order[k + 1]] !== scores[i] ? 1 : 0,
    ),
  };
}
