import { distanceTo } from './distance-transform';

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
  let inscribed = 0;
  for (const value of depth) if (Number.isFinite(value)) inscribed = Math.max(inscribed, value);
  if (inscribed === 0) return { mask: new Uint8Array(cell.length), radius: Number.NaN };
  const core = Uint8Array.from(depth, (value) => (value > inscribed * share ? 1 : 0));
  const toCore = distanceTo(core, size);
  const mask = Uint8Array.from(cell, (value, i) => (value && toCore[i] <= inscribed * share ? 1 : 0));
  return { mask, radius: Math.sqrt(mask.reduce((sum, value) => sum + value, 0) / Math.PI) };
}
