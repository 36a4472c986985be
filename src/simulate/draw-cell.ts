/**
 * Draws one synthetic cell as a phase-contrast crop, along the path of the light: optical thickness of the substrate, the cell, its nucleus and
 * granules, neighbours and debris; the microscope with its halo and focus; stray light from granules; lamp, gain and camera noise.
 */
import type { Random } from '../util/random';
import { type CellShape, shapeCell, waveOutline } from './cell-shape';
import { cosine, noiseDraw, normalDraw, sine } from './exact-math';
import { fourierSize } from './fourier';
import { imagePhase } from './microscope';
import { addSpot, type Layer, makeLayer, paintBall, paintDome, paintTube } from './phase-layer';
import type { DayEffect, PlantedFactors } from './population';

/** Optical thickness in radians: of a body per unit of its radius, and of its parts. */
const thickness = {
  body: 5.2,
  perRadius: 0.1,
  neighbour: 0.55,
  organelles: 0.3,
  bleb: 1.8,
  pseudopod: 2.6,
  dendrite: 0.4,
  texture: 0.06,
};
/** Camera counts per unit of intensity, 0..1 of its range. */
const exposure = 0.165;
/** Glow */
const glow = 1.3;

/** Random streams of a crop. */
export interface CropStreams {
  /** Of the cell: the same in all frames of its track. */
  body: Random;
  /** Of this frame. */
  frame: Random;
}

/**
 * Draws a crop.
 *
 * @param place where the crop lies in the field of view, −1 … 1 from left to right and top to bottom; the lamp is dimmer at its edges
 * @param size side of the crop in pixels
 * @returns [size · size] 0..255
 */
export function drawCrop(
  factors: PlantedFactors,
  day: DayEffect,
  place: { x: number; y: number },
  size: number,
  streams: CropStreams,
): Uint8Array {
  const unit = size / 64;
  // the transform joins opposite edges; a margin keeps what crosses one edge from showing at the other
  const n = fourierSize(Math.ceil(size * 1.1));
  const shape = shapeCell(factors, streams.body, streams.frame.fork('shape'));
  const phase = makeLayer(n, unit);
  paintCell(phase, shape, factors.elongation);
  addNucleus(phase, shape, streams.body);
  const stray = makeLayer(n, unit);
  addGlow(phase, stray, factors.light_scattering);
  addGranules(phase, stray, shape, factors, streams.frame.fork('granules'));
  paintSurroundings(phase, streams.frame.fork('surroundings'));
  addGrain(phase, day.texture, streams.frame.fork('texture'));
  closeMargin(phase, size);
  const light = imagePhase(phase.values, n, unit, { defocus: factors.focus, blur: day.blur });
  return expose(light, stray.values, n, size, day, place, streams.frame.fork('camera'));
}

/** 1 where the cell is, its pseudopods included: [size · size]. */
export function drawMask(factors: PlantedFactors, size: number, streams: CropStreams): Uint8Array {
  const layer = makeLayer(size, size / 64);
  const shape = shapeCell(factors, streams.body, streams.frame.fork('shape'));
  paintCell(layer, { ...shape, dendrites: [] }, factors.elongation);
  return Uint8Array.from(layer.values, (value) => (value > 0 ? 1 : 0));
}

function paintCell(layer: Layer, shape: CellShape, elongation: number): void {
  const { body, meanRadius, blebs, pseudopods, dendrites } = shape;
  for (const dendrite of dendrites) paintTube(layer, dendrite, thickness.dendrite);
  for (const pseudopod of pseudopods) paintTube(layer, pseudopod, thickness.pseudopod);
  for (const bleb of blebs) paintBall(layer, bleb.x, bleb.y, bleb.radius, thickness.bleb);
  // long cells lie flat, round ones stand as balls
  const flatness = Math.min(1.8, Math.max(1.4, elongation + 0.1));
  const height = (thickness.body + thickness.perRadius * meanRadius) / Math.sqrt(Math.sqrt(elongation));
  paintDome(layer, body, height, flatness);
}

/** A disc off the centre that holds less light back than the cytoplasm. */
function addNucleus(layer: Layer, { body, meanRadius }: CellShape, random: Random): void {
  const off = 0.12 * meanRadius;
  addSpot(
    layer,
    body.x + off * normalDraw(random),
    body.y + off * normalDraw(random),
    0.34 * meanRadius,
    -0.3 - 0.15 * random.uniform(),
  );
}

/** Light that was scattered many times leaves the cell everywhere, the more the thicker it is. */
function addGlow(phase: Layer, stray: Layer, scattering: number): void {
  for (let i = 0; i < phase.values.length; i++)
    stray.values[i] += (glow * scattering * Math.max(0, phase.values[i])) / 5;
}

/** Small dense bodies: as many as granularity says. They hold light back and scatter it as strongly as light scattering says. */
function addGranules(
  phase: Layer,
  stray: Layer,
  { body }: CellShape,
  factors: PlantedFactors,
  random: Random,
): void {
  const count = Math.round((factors.granularity * factors.area) / 100);
  for (let k = 0; k < count; k++) {
    const direction = random.uniform();
    // uniform over the body's area, but for a thin rim
    const distance = 0.88 * Math.sqrt(random.uniform());
    const r = distance * body.radius[Math.floor(direction * body.radius.length)];
    const x = body.x + r * cosine(2 * Math.PI * direction);
    const y = body.y + r * sine(2 * Math.PI * direction);
    const sigma = 0.35 + 0.25 * random.uniform();
    const strength = factors.light_scattering * (0.8 + 0.4 * random.uniform());
    addSpot(phase, x, y, sigma, 0.25 * strength);
    // light scattered at random angles, spread further where out of focus
    const spread = sigma * sigma + 0.3 * factors.focus * factors.focus;
    addSpot(stray, x, y, Math.sqrt(spread), (6 * strength * sigma * sigma) / spread);
  }
}

/** Other cells at the edge, in some crops, and crumbs of debris. */
function paintSurroundings(layer: Layer, random: Random): void {
  const draw = random.uniform();
  const neighbours = draw < 0.82 ? 0 : draw < 0.97 ? 1 : 2;
  for (let k = 0; k < neighbours; k++) {
    const direction = 2 * Math.PI * random.uniform();
    const distance = 31 + 8 * random.uniform();
    const radius = 6 + 4 * random.uniform();
    const elongation = 1 + random.uniform();
    const [x, y] = [distance * cosine(direction), distance * sine(direction)];
    const axis = 2 * Math.PI * random.uniform();
    const outline = waveOutline(x, y, radius, elongation, axis, random);
    paintDome(layer, outline, thickness.neighbour * radius, 1.2);
    for (let granules = 10 * random.uniform(); granules > 0; granules--) {
      const [across, along] = [0.5 * radius * normalDraw(random), 0.5 * radius * normalDraw(random)];
      addSpot(layer, x + across, y + along, 0.6, 0.4);
    }
  }
  const crumbs = random.uniform() < 0.25 ? 1 + random.integer(2) : 0;
  for (let k = 0; k < crumbs; k++) {
    const direction = 2 * Math.PI * random.uniform();
    const distance = 20 + 14 * random.uniform();
    const [x, y] = [distance * cosine(direction), distance * sine(direction)];
    paintBall(layer, x, y, 0.6 + random.uniform(), 0.3 + 0.5 * random.uniform());
  }
}

/** Fine grain: of the collagen below, and stronger inside cells. */
function addGrain(layer: Layer, strength: number, random: Random): void {
  const { n, unit, values } = layer;
  // grain of one unit whatever the size, so that larger crops do not show other collagen
  const grain = Math.ceil(n / unit) + 2;
  const knots = Float64Array.from({ length: grain * grain }, () => noiseDraw(random));
  const substrate = thickness.texture * strength;
  for (let y = 0; y < n; y++) {
    const v = y / unit;
    const j = Math.floor(v);
    const b = v - j;
    for (let x = 0; x < n; x++) {
      const u = x / unit;
      const i = Math.floor(u);
      const a = u - i;
      const k = j * grain + i;
      const wave =
        (1 - b) * ((1 - a) * knots[k] + a * knots[k + 1]) +
        b * ((1 - a) * knots[k + grain] + a * knots[k + grain + 1]);
      // organelles too small to stand out: where the cell is thick, its thickness is grainy
      const at = y * n + x;
      values[at] += (values[at] > 0.8 ? thickness.organelles : substrate) * wave;
    }
  }
}

/** Lets the phase fall to 0 in the margin around the crop. */
function closeMargin({ n, values }: Layer, size: number): void {
  const margin = (n - size) / 2;
  const falloff = Float64Array.from({ length: n }, (_, i) => {
    const depth = Math.min(1, Math.min(i, n - 1 - i) / margin);
    return depth * depth * (3 - 2 * depth);
  });
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) values[y * n + x] *= falloff[x] * falloff[y];
  }
}

/** Lamp, gain, shot and read noise, and the camera's 8 bits. */
function expose(
  light: Float64Array,
  stray: Float64Array,
  n: number,
  size: number,
  day: DayEffect,
  place: { x: number; y: number },
  random: Random,
): Uint8Array {
  const grey = new Uint8Array(size * size);
  const margin = Math.floor((n - size) / 2);
  for (let y = 0; y < size; y++) {
    const v = place.y + 0.06 * (y / size - 0.5);
    for (let x = 0; x < size; x++) {
      const u = place.x + 0.06 * (x / size - 0.5);
      const lamp = 1 - 0.12 * (u * u + v * v);
      const at = (y + margin) * n + x + margin;
      const level = exposure * day.gain * lamp * (light[at] + stray[at]) + day.offset;
      // bends before it clips, as a camera's response does
      const bent = level < 0.6 ? level : 1 - 0.16 / (level - 0.2);
      const noisy = bent + (0.003 + 0.014 * bent) * noiseDraw(random);
      grey[y * size + x] = noisy <= 0 ? 0 : noisy >= 1 ? 255 : Math.round(255 * noisy);
    }
  }
  return grey;
}
