import { connectedRegions } from './connected-regions';
import { distanceTo } from './distance-transform';
import { maskWhere } from './mask-where';

/** A cell without its processes. */
export interface CellBody {
  /** 1 where the body is: [size · size]. */
  mask: Uint8Array;
  /** Radius in pixels of a disc of the body's area; NaN without a cell. */
  radius: number;
}

/**
 * Processes are what a disc rolled inside the cell cannot reach: the body is the cell opened by a share of its own largest inscribed
 * radius.
 *
 * @param cell mask [size · size] of the whole cell
 * @param share radius of the disc over the inscribed radius, 0 … 1. Half keeps the feet of processes and the corners of the body; more cuts both
 */
export function findBody(cell: Uint8Array, size: number, share = 0.5): CellBody {
  const depth = distanceTo(
    cell.map((value) => 1 - value),
    size,
  );
  const inside = depth.map((value) => (Number.isFinite(value) ? value : 0));
  const middle = middlemost(inside, size);
  if (inside[middle] === 0) return { mask: new Uint8Array(cell.length), radius: Number.NaN };
  const deeperThan = (least: number) => {
    const deep = maskWhere(inside.length, (i) => inside[i] > least);
    const { labels } = connectedRegions(deep, size, true);
    return labels.map((label) => (label === labels[middle] ? label : 0));
  };
  // the largest disc that fits into the region in the middle, not into a neighbour that the cell touches
  const region = deeperThan(inside[middle] * share);
  const inscribed = inside.reduce((most, value, i) => (region[i] ? Math.max(most, value) : most), 0);
  const core = maskWhere(cell.length, (i) => region[i] > 0 && inside[i] > inscribed * share);
  const toCore = distanceTo(core, size);
  const mask = maskWhere(cell.length, (i) => cell[i] === 1 && toCore[i] <= inscribed * share);
  return { mask, radius: Math.sqrt(mask.reduce((sum, value) => sum + value, 0) / Math.PI) };
}

/** The pixel that is deep inside and near the middle: depth weighted by a Gaussian of a sixth of the crop. */
function middlemost(depth: Float32Array, size: number): number {
  const sd = size / 6;
  let best = 0;
  let most = -1;
  depth.forEach((value, i) => {
    const dx = (i % size) - (size - 1) / 2;
    const dy = Math.floor(i / size) - (size - 1) / 2;
    const weighted = value * Math.exp((-0.5 * (dx * dx + dy * dy)) / (sd * sd));
    if (weighted > most) [best, most] = [i, weighted];
  });
  return best;
}
