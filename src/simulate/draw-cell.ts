/**
 * Draws one synthetic cell as a phase-contrast-like crop: an outline with processes, a bright rim with its halo, a flat interior with a
 * nucleus and granules that scatter light, neighbours and debris, substrate texture, defocus, vignetting and camera noise.
 *
 * Lengths are in pixels of a 64×64 crop and scale with the crop's size.
 */
import type { Random } from '../util/random';
import type { DayEffect, PlantedFactors } from './population';

/** Directions in which an outline is tabulated. */
const directions = 360;

/** An outline around a centre, by direction. */
interface Outline {
  x: number;
  y: number;
  /** Distance of the rim from the centre in each direction. */
  radius: Float64Array;
  largest: number;
}

/** A drawn crop: grey values 0..1 and which pixels the cell covers. */
export interface Drawing {
  grey: Float32Array;
  mask: Uint8Array;
}

/**
 * Draws a cell.
 *
 * @param size side of the crop in pixels
 * @param random a stream of this crop alone
 * @param body a stream of the cell, the same in all frames of its track: its shape and where its processes stand
 */
export function drawCell(
  factors: PlantedFactors,
  day: DayEffect,
  size: number,
  random: Random,
  body: Random,
): Drawing {
  const unit = size / 64;
  const grey = new Float32Array(size * size);
  const mask = new Uint8Array(size * size);
  const background = 0.045 + day.offset;
  drawTexture(grey, size, background, 0.012 * day.texture, random);

  const centre = 32 * unit;
  const cell = cellOutline(
    factors,
    centre + unit * random.normal(),
    centre + unit * random.normal(),
    unit,
    body,
  );
  for (let k = neighbours(random); k > 0; k--)
    addShape(grey, size, edgeCell(unit, size, random), 0.34, 0.1, unit);
  addShape(grey, size, cell, 0.5, 0.13, unit, mask);
  addNucleus(grey, size, cell, factors, unit, body);
  addGranules(grey, size, mask, cell, factors, unit, random);

  blur(grey, size, unit * Math.hypot(0.45, factors.focus, day.blur));
  expose(grey, size, day.gain, random);
  return { grey, mask };
}

/** Body as an ellipse with a gently waving rim, and one to three processes, the longest of the planted length. */
function cellOutline(factors: PlantedFactors, x: number, y: number, unit: number, body: Random): Outline {
  const mean = Math.sqrt(factors.area / Math.PI) * unit;
  const stretch = Math.sqrt(factors.elongation);
  const angle = 2 * Math.PI * body.uniform();
  const waves = [2, 3, 4, 5].map((order) => ({
    order,
    height: (0.05 * body.normal()) / order,
    phase: 2 * Math.PI * body.uniform(),
  }));
  const processes = Array.from({ length: 1 + body.integer(3) }, (_, k) => ({
    // along the long axis more often than across it
    direction: angle + (body.uniform() < 0.5 ? 0 : Math.PI) + 0.6 * body.normal(),
    width: 0.13 + 0.06 * body.uniform(),
    length: factors.pseudopod_extension * mean * (k === 0 ? 1 : 0.3 + 0.5 * body.uniform()),
  }));
  const radius = new Float64Array(directions);
  let largest = 0;
  for (let i = 0; i < directions; i++) {
    const direction = (2 * Math.PI * i) / directions;
    const along = Math.cos(direction - angle) / stretch;
    const across = Math.sin(direction - angle) * stretch;
    let r = mean / Math.hypot(along, across);
    let wave = 1;
    for (const { order, height, phase } of waves) wave += height * Math.cos(order * direction + phase);
    r *= wave;
    for (const process of processes) {
      const off = Math.abs(wrap(direction - process.direction)) / process.width;
      if (off < 3) r += process.length * Math.exp(-0.5 * off * off);
    }
    radius[i] = r;
    largest = Math.max(largest, r);
  }
  return { x, y, radius, largest };
}

/** To −π … π. */
function wrap(angle: number): number {
  const turns = angle / (2 * Math.PI);
  return angle - 2 * Math.PI * Math.round(turns);
}

/** Most crops have no neighbour; some have one or two at the edge. */
function neighbours(random: Random): number {
  const draw = random.uniform();
  return draw < 0.72 ? 0 : draw < 0.94 ? 1 : 2;
}

/** A round neighbour, or a crumb of debris, that the crop's edge cuts. */
function edgeCell(unit: number, size: number, random: Random): Outline {
  const direction = 2 * Math.PI * random.uniform();
  const distance = (34 + 8 * random.uniform()) * unit;
  const r = (random.uniform() < 0.4 ? 2 + 1.5 * random.uniform() : 6 + 4 * random.uniform()) * unit;
  const radius = new Float64Array(directions).fill(r);
  return {
    x: size / 2 + distance * Math.cos(direction),
    y: size / 2 + distance * Math.sin(direction),
    radius,
    largest: r,
  };
}

/** Bright rim, its halo outside, a dim interior. */
function addShape(
  grey: Float32Array,
  size: number,
  outline: Outline,
  rim: number,
  interior: number,
  unit: number,
  mask?: Uint8Array,
): void {
  const reach = outline.largest + 9 * unit;
  const [x0, x1] = bounds(outline.x, reach, size);
  const [y0, y1] = bounds(outline.y, reach, size);
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const [dx, dy] = [x - outline.x, y - outline.y];
      const distance = Math.sqrt(dx * dx + dy * dy);
      const r = radiusTowards(outline, dx, dy);
      const depth = (distance - r) / unit; // below 0 inside
      const at = y * size + x;
      if (depth < 0) {
        grey[at] += interior;
        if (mask) mask[at] = 1;
      }
      if (depth > -8 && depth < 8) {
        grey[at] += rim * Math.exp(-0.5 * (depth / 0.9) ** 2);
        // the halo of phase contrast: a second, weak ring with a dark gap
        if (depth > 0) grey[at] += 0.07 * rim * Math.exp(-0.5 * ((depth - 4) / 1.3) ** 2);
      }
    }
  }
}

function bounds(centre: number, reach: number, size: number): [number, number] {
  return [Math.max(0, Math.floor(centre - reach)), Math.min(size, Math.ceil(centre + reach) + 1)];
}

/** The outline's radius in the direction of (dx, dy), between tabulated ones. */
function radiusTowards({ radius }: Outline, dx: number, dy: number): number {
  const at = (Math.atan2(dy, dx) / (2 * Math.PI) + 1) * directions;
  const below = Math.floor(at);
  const share = at - below;
  return radius[below % directions] * (1 - share) + radius[(below + 1) % directions] * share;
}

/** A soft darker or brighter disc off the centre. */
function addNucleus(
  grey: Float32Array,
  size: number,
  cell: Outline,
  factors: PlantedFactors,
  unit: number,
  body: Random,
): void {
  const r = 0.45 * Math.sqrt(factors.area / Math.PI) * unit;
  const [cx, cy] = [cell.x + 0.2 * r * body.normal(), cell.y + 0.2 * r * body.normal()];
  const [x0, x1] = bounds(cx, 2 * r, size);
  const [y0, y1] = bounds(cy, 2 * r, size);
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const d2 = ((x - cx) ** 2 + (y - cy) ** 2) / (r * r);
      grey[y * size + x] -= 0.06 * Math.exp(-d2 * d2);
    }
  }
}

/** Bright points inside the body: as many as granularity says, as bright as light scattering says. */
function addGranules(
  grey: Float32Array,
  size: number,
  mask: Uint8Array,
  cell: Outline,
  factors: PlantedFactors,
  unit: number,
  random: Random,
): void {
  const count = Math.round((factors.granularity * factors.area) / 100);
  const reach = 1.15 * Math.sqrt((factors.area / Math.PI) * factors.elongation) * unit;
  for (let k = 0; k < count; k++) {
    // up to a few tries to fall inside
    for (let attempt = 0; attempt < 8; attempt++) {
      const x = cell.x + reach * (2 * random.uniform() - 1);
      const y = cell.y + reach * (2 * random.uniform() - 1);
      const [px, py] = [Math.round(x), Math.round(y)];
      if (px < 0 || py < 0 || px >= size || py >= size || mask[py * size + px] === 0) continue;
      const sigma = (0.6 + 0.25 * random.uniform()) * unit;
      addPoint(grey, size, x, y, sigma, factors.light_scattering * (0.7 + 0.6 * random.uniform()));
      break;
    }
  }
}

function addPoint(
  grey: Float32Array,
  size: number,
  cx: number,
  cy: number,
  sigma: number,
  height: number,
): void {
  const [x0, x1] = bounds(cx, 3 * sigma, size);
  const [y0, y1] = bounds(cy, 3 * sigma, size);
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      grey[y * size + x] += height * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * sigma * sigma));
    }
  }
}

/** A background of broad, weak waves, like collagen out of focus. */
function drawTexture(grey: Float32Array, size: number, level: number, height: number, random: Random): void {
  const coarse = 12;
  const knots = Float32Array.from({ length: (coarse + 1) ** 2 }, () => random.normal());
  for (let y = 0; y < size; y++) {
    const v = (y / size) * coarse;
    const j = Math.floor(v);
    const b = v - j;
    for (let x = 0; x < size; x++) {
      const u = (x / size) * coarse;
      const i = Math.floor(u);
      const a = u - i;
      const k = j * (coarse + 1) + i;
      const wave =
        (1 - b) * ((1 - a) * knots[k] + a * knots[k + 1]) +
        b * ((1 - a) * knots[k + coarse + 1] + a * knots[k + coarse + 2]);
      grey[y * size + x] = level + height * wave;
    }
  }
}

/** Gaussian blur in two passes, edges continued. */
function blur(grey: Float32Array, size: number, sigma: number): void {
  const half = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: 2 * half + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - half) / sigma) ** 2),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  const line = new Float64Array(size + 2 * half);
  for (const [step, jump] of [
    [1, size],
    [size, 1],
  ]) {
    for (let row = 0; row < size; row++) {
      const start = row * jump;
      for (let i = 0; i < line.length; i++) {
        line[i] = grey[start + Math.min(size - 1, Math.max(0, i - half)) * step];
      }
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let k = 0; k < kernel.length; k++) sum += kernel[k] * line[i + k];
        grey[start + i * step] = sum / total;
      }
    }
  }
}

/** Gain, vignetting, saturation that bends before it clips, and camera noise. */
function expose(grey: Float32Array, size: number, gain: number, random: Random): void {
  const middle = (size - 1) / 2;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = y * size + x;
      const off = ((x - middle) ** 2 + (y - middle) ** 2) / (middle * middle);
      const light = gain * (1 - 0.04 * off) * grey[at];
      const bent = light < 0.7 ? light : 1 - 0.3 * Math.exp(-(light - 0.7) / 0.3);
      grey[at] = Math.min(1, Math.max(0, bent + 0.008 * random.normal()));
    }
  }
}
