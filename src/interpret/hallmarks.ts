import { connectedRegions } from './connected-regions';
import { distanceTo } from './distance-transform';
import { ellipseAxes } from './ellipse-axes';
import { type CellBody, findBody } from './find-body';
import { type BodyMeasures, measureBody } from './measure-body';
import { type LightMeasures, measureLight } from './measure-light';
import { type SegmentedCell, segmentCell } from './segment-cell';

/** What a person would measure of a cell in a crop. All are NaN when no cell was found. */
export interface Hallmarks extends LightMeasures, BodyMeasures {
  /** Of the cell with its processes, in pixels. */
  area: number;
  /** Length of the outline in pixels. */
  perimeter: number;
  /** Area over the area of the convex hull: 1 for a round cell, less with processes. */
  solidity: number;
  /** Of the ellipse with the cell's second moments: 0 for a circle, towards 1 for a rod. */
  eccentricity: number;
  /** How far the farthest process reaches beyond the body, in radii of the body; 0 without processes. */
  pseudopod_extension: number;
  /** Number of processes longer than a fifth of the body's radius. */
  pseudopod_count: number;
}

/**
 * Shape of the cell in the middle of a crop, its processes included, and the light inside it, as numbers.
 *
 * On simulated crops (64×64, noise, defocus and days included) Spearman's rank correlation with the planted factor is 0.95 for pseudopod extension, 0.85 for
 * light scattering, 0.96 for focus, 0.98 and 0.85 for area and elongation of the body, 0.42 for granularity, as neighbouring granules merge; without noise
 * hardly more (docs/interpretation.md). No measure is fitted.
 *
 * @param crop [size · size], 0..1
 * @param cell what `segmentCell` found, where it is already known
 * @throws ShapeError when the crop has another number of pixels
 * @example
 * const { pseudopod_extension } = measureHallmarks(crop, 64);
 */
export function measureHallmarks(
  crop: Float32Array,
  size: number,
  cell: SegmentedCell = segmentCell(crop, size),
): Hallmarks {
  const { mask } = cell;
  const area = mask.reduce((sum, inside) => sum + inside, 0);
  const body = findBody(mask, size);
  const { long, short } = ellipseAxes(mask, size);
  return {
    area: area > 0 ? area : Number.NaN,
    perimeter: area > 0 ? outlineLength(mask, size) : Number.NaN,
    solidity: area > 0 ? area / hullArea(mask, size) : Number.NaN,
    eccentricity: Math.sqrt(1 - (short / long) ** 2),
    ...processes(mask, body, size),
    ...measureBody(mask, size),
    ...measureLight(crop, size, cell, body.mask),
  };
}

/**
 * Cauchy and Crofton: an outline is as long as lines of all directions cross it. Crossings of rows, columns and both diagonals, each
 * weighted by the distance of its lines, times π/2.
 */
function outlineLength(mask: Uint8Array, size: number): number {
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= size || y >= size ? 0 : mask[y * size + x]);
  let straight = 0;
  let diagonal = 0;
  for (let y = -1; y < size; y++) {
    for (let x = -1; x <= size; x++) {
      const here = at(x, y);
      straight += (here ^ at(x + 1, y)) + (here ^ at(x, y + 1));
      diagonal += (here ^ at(x + 1, y + 1)) + (here ^ at(x - 1, y + 1));
    }
  }
  return (Math.PI / 8) * (straight + diagonal * Math.SQRT1_2);
}

/** Area of the convex hull of the pixels' corners (Andrew's monotone chain). */
function hullArea(mask: Uint8Array, size: number): number {
  const corners: [number, number][] = [];
  for (let y = 0; y < size; y++) {
    // of each row only the ends can lie on the hull
    const row = mask.subarray(y * size, (y + 1) * size);
    const first = row.indexOf(1);
    if (first < 0) continue;
    const end = row.lastIndexOf(1) + 1;
    corners.push([first, y], [end, y], [first, y + 1], [end, y + 1]);
  }
  corners.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turn = (o: number[], a: number[], b: number[]) =>
    (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const chain = (points: readonly [number, number][]) => {
    const hull: [number, number][] = [];
    for (const point of points) {
      while (hull.length >= 2 && turn(hull[hull.length - 2], hull[hull.length - 1], point) <= 0) hull.pop();
      hull.push(point);
    }
    return hull.slice(0, -1);
  };
  const hull = [...chain(corners), ...chain(corners.slice().reverse())];
  let twice = 0;
  hull.forEach(([x, y], i) => {
    const [nextX, nextY] = hull[(i + 1) % hull.length];
    twice += x * nextY - nextX * y;
  });
  return Math.abs(twice) / 2;
}

/** Regions of the cell beyond its body, and how far they reach from it. */
function processes(
  mask: Uint8Array,
  { mask: body, radius: bodyRadius }: CellBody,
  size: number,
): Pick<Hallmarks, 'pseudopod_extension' | 'pseudopod_count'> {
  if (Number.isNaN(bodyRadius)) return { pseudopod_extension: Number.NaN, pseudopod_count: Number.NaN };
  const beyond = distanceTo(body, size);
  const { labels, count } = connectedRegions(
    mask.map((value, i) => (value && !body[i] ? 1 : 0)),
    size,
    true,
  );
  const lengths = new Float64Array(count + 1);
  labels.forEach((label, i) => {
    if (label) lengths[label] = Math.max(lengths[label], beyond[i] / bodyRadius);
  });
  return {
    pseudopod_extension: Math.max(...lengths),
    pseudopod_count: lengths.filter((length) => length > 0.2).length,
  };
}
