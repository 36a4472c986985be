import { ellipseAxes } from './ellipse-axes';
import { findBody } from './find-body';

/** The cell without its processes: nuisance, where processes are what is looked for. Both are NaN when no cell was found. */
export interface BodyMeasures {
  /** In pixels. */
  body_area: number;
  /** Long over short axis of the ellipse with the body's second moments: 1 for a circle. */
  body_elongation: number;
}

/**
 * Radius of the disc that opens the cell, in inscribed radii. A process that lengthens by seven standard deviations moves the elongation so measured by 0.1
 * (its own standard deviations); opened by 0.5 as for the length of processes it would be 0.7, and beyond 0.85 long bodies lose their ends.
 */
const opening = 0.75;

/** @param cell mask [size · size] of the whole cell */
export function measureBody(cell: Uint8Array, size: number): BodyMeasures {
  const { mask } = findBody(cell, size, opening);
  const area = mask.reduce((sum, inside) => sum + inside, 0);
  const { long, short } = ellipseAxes(mask, size);
  return { body_area: area > 0 ? area : Number.NaN, body_elongation: long / short };
}
