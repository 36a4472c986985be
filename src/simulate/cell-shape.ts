/** The shape of one cell: a body with a waving rim, blebs, pseudopods of the planted length, and thin dendrites on some spindles. */
import type { Random } from '../util/random';
import { cosine, normalDraw, sine } from './exact-math';
import type { Outline, Tube } from './phase-layer';
import type { PlantedFactors } from './population';

export interface CellShape {
  body: Outline;
  /** Radius of the circle of the body's area, in units. */
  meanRadius: number;
  /** Small balls on the rim. */
  blebs: { x: number; y: number; radius: number }[];
  /** Thick processes; the first one has the planted length. */
  pseudopods: Tube[];
  /** Thin, dark ones; they are no pseudopods and not part of the mask. */
  dendrites: Tube[];
}

/** Directions in which an outline is tabulated. */
const directions = 256;

/**
 * Shapes a cell.
 *
 * @param body a stream of the cell, the same in all frames of its track
 * @param frame a stream of this frame, in which the cell has moved a little
 */
export function shapeCell(factors: PlantedFactors, body: Random, frame: Random): CellShape {
  const meanRadius = Math.sqrt(factors.area / Math.PI);
  const axis = 2 * Math.PI * body.uniform() + 0.12 * normalDraw(frame);
  const [x, y] = [1.2 * normalDraw(frame), 1.2 * normalDraw(frame)];
  const outline = waveOutline(x, y, meanRadius, factors.elongation, axis, body);
  const onRim = (angle: number): number => {
    const turns = angle / (2 * Math.PI);
    return outline.radius[Math.floor((turns - Math.floor(turns)) * directions) % directions];
  };

  const blebbing = body.uniform() < 0.25;
  const blebs = Array.from({ length: blebbing ? 2 + body.integer(6) : 0 }, () => {
    const angle = 2 * Math.PI * body.uniform() + 0.2 * normalDraw(frame);
    const r = onRim(angle);
    return {
      x: x + r * cosine(angle),
      y: y + r * sine(angle),
      radius: meanRadius * (0.12 + 0.14 * body.uniform()),
    };
  });

  const process = (angle: number, length: number, bend: number, width: number): Tube => {
    const base = 0.55 * onRim(angle);
    return {
      x: x + base * cosine(angle),
      y: y + base * sine(angle),
      heading: angle,
      bend,
      length: onRim(angle) - base + length * meanRadius,
      baseWidth: meanRadius * width,
      tipWidth: meanRadius * 0.36 * width,
    };
  };
  // a crawling cell is long along its way, and one pseudopod leads
  const leading = axis + 0.15 * normalDraw(body) + 0.05 * normalDraw(frame);
  const width = 0.72 + 0.07 * normalDraw(body);
  const pseudopods = [process(leading, factors.pseudopod_extension, 0.2 * normalDraw(body), width)];
  for (let k = body.integer(3); k > 0; k--) {
    const side = leading + Math.PI * (0.5 + body.uniform());
    pseudopods.push(process(side, 0.1 + 0.15 * body.uniform(), 0, 0.3));
  }

  const dendritic = body.uniform() < (factors.elongation > 1.8 ? 0.75 : 0.03);
  const dendrites = Array.from({ length: dendritic ? 2 + body.integer(4) : 0 }, (_, k): Tube => {
    const angle = axis + (k % 2) * Math.PI + 0.45 * normalDraw(body);
    const base = 0.85 * onRim(angle);
    return {
      x: x + base * cosine(angle),
      y: y + base * sine(angle),
      heading: angle,
      bend: 0.7 * normalDraw(body),
      length: 10 + 20 * body.uniform(),
      baseWidth: 1.1,
      tipWidth: 0.5,
    };
  });
  return { body: outline, meanRadius, blebs, pseudopods, dendrites };
}

/** An ellipse whose rim waves in low orders. */
export function waveOutline(
  x: number,
  y: number,
  meanRadius: number,
  elongation: number,
  axis: number,
  random: Random,
): Outline {
  const stretch = Math.sqrt(elongation);
  const waves = [2, 3, 4, 5, 7].map((order) => ({
    order,
    height: (0.06 * normalDraw(random)) / order,
    phase: 2 * Math.PI * random.uniform(),
  }));
  const radius = new Float64Array(directions);
  let largest = 0;
  for (let i = 0; i < directions; i++) {
    const direction = (2 * Math.PI * i) / directions;
    const along = cosine(direction - axis) / stretch;
    const across = sine(direction - axis) * stretch;
    let wave = 1;
    for (const { order, height, phase } of waves) wave += height * cosine(order * direction + phase);
    radius[i] = (meanRadius * wave) / Math.sqrt(along * along + across * across);
    largest = Math.max(largest, radius[i]);
  }
  return { x, y, radius, largest };
}
