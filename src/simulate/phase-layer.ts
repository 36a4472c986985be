/** A square map that shapes are painted into: optical thickness, in radians by which light is held back. */
import { cosine, exponential, sine, turnsTowards } from './exact-math';

/** Lengths and positions are in units: a crop is 64 units wide at any size, and (0, 0) is its centre. */
export interface Layer {
  /** Pixels per side, a margin around the crop included. */
  n: number;
  /** Pixels per unit. */
  unit: number;
  /** [n, n] */
  values: Float64Array;
}

/** An outline around a centre: how far its rim lies in each direction. */
export interface Outline {
  x: number;
  y: number;
  /** By direction, from 0 in equal steps over one turn. */
  radius: Float64Array;
  largest: number;
}

/** A process: a tapering tube along an arc. */
export interface Tube {
  x: number;
  y: number;
  /** Where it starts to, in radians. */
  heading: number;
  /** By how much the heading changes from base to tip, in radians. */
  bend: number;
  length: number;
  /** Half width at base and tip. */
  baseWidth: number;
  tipWidth: number;
}

/** An empty layer. */
export function makeLayer(n: number, unit: number): Layer {
  return { n, unit, values: new Float64Array(n * n) };
}

/**
 * Raises the layer to a dome over the outline.
 *
 * @param height in the middle
 * @param flatness 1 for a ball; larger ones are flat in the middle and steep at the rim, as spread cells are
 */
export function paintDome(layer: Layer, outline: Outline, height: number, flatness: number): void {
  const { n, unit, values } = layer;
  const { radius } = outline;
  const middle = (n - 1) / 2;
  const [cx, cy] = [middle + outline.x * unit, middle + outline.y * unit];
  const reach = outline.largest * unit;
  for (let y = first(cy - reach); y < last(cy + reach, n); y++) {
    for (let x = first(cx - reach); x < last(cx + reach, n); x++) {
      const [dx, dy] = [(x - cx) / unit, (y - cy) / unit];
      const at = turnsTowards(dy, dx) * radius.length;
      const below = Math.floor(at);
      const share = at - below;
      const r = radius[below % radius.length] * (1 - share) + radius[(below + 1) % radius.length] * share;
      const square = (dx * dx + dy * dy) / (r * r);
      if (square >= 1) continue;
      const inside = flatness === 1 ? square : mix(square, flatness);
      raise(values, y * n + x, height * Math.sqrt(1 - inside));
    }
  }
}

/** Between the square (a ball's profile) and its fourth power (a plate's), by flatness 1 … 2. */
function mix(square: number, flatness: number): number {
  const plate = square * square * square * square;
  return square + (flatness - 1) * (plate - square);
}

/** Raises the layer to a tube along an arc; returns where its tip ends. */
export function paintTube(layer: Layer, tube: Tube, height: number): { x: number; y: number } {
  const thin = Math.min(tube.baseWidth, tube.tipWidth);
  const steps = Math.max(2, Math.ceil(tube.length / Math.max(0.25, 0.4 * thin)));
  const step = tube.length / steps;
  let { x, y } = tube;
  for (let i = 0; i <= steps; i++) {
    const s = i / steps;
    // narrows fast at the base and slowly towards the tip
    const width = tube.baseWidth + s * (2 - s) * (tube.tipWidth - tube.baseWidth);
    paintBall(layer, x, y, width, height);
    if (i === steps) break;
    const heading = tube.heading + tube.bend * s;
    x += step * cosine(heading);
    y += step * sine(heading);
  }
  return { x, y };
}

/** Raises the layer to a ball's dome. */
export function paintBall(layer: Layer, x0: number, y0: number, radius: number, height: number): void {
  const { n, unit, values } = layer;
  const middle = (n - 1) / 2;
  const [cx, cy] = [middle + x0 * unit, middle + y0 * unit];
  const r = Math.max(radius * unit, 0.7); // no thinner than the pixels can carry
  const thinned = height * Math.min(1, (radius * unit) / r);
  for (let y = first(cy - r); y < last(cy + r, n); y++) {
    for (let x = first(cx - r); x < last(cx + r, n); x++) {
      const square = ((x - cx) * (x - cx) + (y - cy) * (y - cy)) / (r * r);
      if (square < 1) raise(values, y * n + x, thinned * Math.sqrt(1 - square));
    }
  }
}

/** Adds a soft spot (a Gaussian of the given standard deviation). */
export function addSpot(layer: Layer, x0: number, y0: number, sigma: number, height: number): void {
  const { n, unit, values } = layer;
  const middle = (n - 1) / 2;
  const [cx, cy] = [middle + x0 * unit, middle + y0 * unit];
  const s = sigma * unit;
  const reach = 3 * s;
  const [x0px, x1px] = [first(cx - reach), last(cx + reach, n)];
  const across = Float64Array.from({ length: Math.max(0, x1px - x0px) }, (_, i) => bell(x0px + i - cx, s));
  for (let y = first(cy - reach); y < last(cy + reach, n); y++) {
    const along = height * bell(y - cy, s);
    for (let x = x0px; x < x1px; x++) values[y * n + x] += along * across[x - x0px];
  }
}

function bell(distance: number, sigma: number): number {
  return exponential((-0.5 * distance * distance) / (sigma * sigma));
}

function raise(values: Float64Array, at: number, to: number): void {
  if (values[at] < to) values[at] = to;
}

function first(edge: number): number {
  return Math.max(0, Math.ceil(edge));
}

function last(edge: number, n: number): number {
  return Math.min(n, Math.floor(edge) + 1);
}
