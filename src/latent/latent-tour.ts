/** Latent tours: from one cell to another, along every feature of a cell, and back to real cells. */
import type { Autoencoder } from '../autoencoder/autoencoder';
import type { FloatArray } from '../stats/matrix';
import { checkMatrix } from '../stats/matrix';
import { OptionError, ShapeError } from '../util/errors';
import type { Random } from '../util/random';
import { decodeDescriptors, type PassOptions } from './encode-cells';

export interface InterpolateOptions extends PassOptions {
  /** Images from the first cell to the last, both included; at least 2. */
  steps: number;
  /**
   * `linear` (default, as the reference) goes straight; `spherical` keeps the distance from the origin between that of both ends, where random
   * codes lie.
   */
  path?: 'linear' | 'spherical';
}

/** One image of the way. */
export interface InterpolationStep {
  /** From 0. */
  step: number;
  /** Euclidean distance of the codes to the first and the last cell's. */
  code_distance_from: number;
  code_distance_to: number;
  /** Mean squared error of the image to the first and the last cell's reconstruction. */
  mse_from: number;
  mse_to: number;
}

export interface Interpolation {
  /** [steps, s, s, 1]; the first and the last are the reconstructions of both cells. */
  images: Float32Array;
  /** [steps, d] */
  codes: Float32Array;
  rows: InterpolationStep[];
}

/**
 * Images between two cells (openLCH's interpolation script).
 *
 * @param from code [d] of the first cell
 * @param to code [d] of the last
 * @throws ShapeError when a code has another length than the model's; OptionError for fewer than two steps
 */
export async function interpolateCells(
  model: Autoencoder,
  from: Float32Array,
  to: Float32Array,
  options: InterpolateOptions,
): Promise<Interpolation> {
  const { steps, path = 'linear' } = options;
  const { latentDims: d, imageSize } = model.architecture;
  for (const code of [from, to]) {
    if (code.length !== d) {
      throw new ShapeError(
        `interpolateCells needs codes of the model's ${d} features, got ${code.length}; encode with this model`,
      );
    }
  }
  if (!Number.isInteger(steps) || steps < 2) {
    throw new OptionError(`interpolateCells needs a whole number of steps from 2 on, got ${steps}`);
  }
  const codes = new Float32Array(steps * d);
  for (let step = 0; step < steps; step++) {
    codes.set(between(from, to, step / (steps - 1), path), step * d);
  }
  const images = await decodeDescriptors(model, codes, options);
  const pixels = imageSize ** 2;
  const image = (step: number) => images.subarray(step * pixels, (step + 1) * pixels);
  const rows = Array.from({ length: steps }, (_, step) => {
    const code = codes.subarray(step * d, (step + 1) * d);
    return {
      step,
      code_distance_from: Math.sqrt(squares(code, from)),
      code_distance_to: Math.sqrt(squares(code, to)),
      mse_from: squares(image(step), image(0)) / pixels,
      mse_to: squares(image(step), image(steps - 1)) / pixels,
    };
  });
  return { images, codes, rows };
}

/** The ends exactly; between them by weight, or by angle (Shoemake 1985) with the length in between. */
function between(
  from: Float32Array,
  to: Float32Array,
  t: number,
  path: 'linear' | 'spherical',
): Float32Array {
  if (t === 0) return from;
  if (t === 1) return to;
  const [a, b] = [length(from), length(to)];
  let cosine = 0;
  for (let j = 0; j < from.length; j++) cosine += (from[j] * to[j]) / (a * b);
  const angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
  // codes in one line, or at the origin, have no arc between them
  if (path === 'linear' || !(Math.sin(angle) > 1e-6))
    return from.map((value, j) => (1 - t) * value + t * to[j]);
  const radius = (1 - t) * a + t * b;
  const [wa, wb] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  return from.map((value, j) => radius * ((wa * value) / a + (wb * to[j]) / b));
}

/** Images along every feature of one cell. */
export interface Exploration {
  /** In standard deviations, from −range to range. */
  shifts: number[];
  /** [d · steps, s, s, 1], feature by feature. */
  images: Float32Array;
}

/**
 * Shifts every feature of a cell in turn (openLCH's exploration script).
 *
 * @param code [d] of the cell
 * @param sd [d] one standard deviation of each feature over cells; 1 where codes follow the prior
 * @param options.range largest shift in standard deviations; `steps` images per feature, odd, so that the middle one is the cell
 */
export async function exploreCell(
  model: Autoencoder,
  code: Float32Array,
  sd: ArrayLike<number>,
  { range, steps, ...options }: PassOptions & { range: number; steps: number },
): Promise<Exploration> {
  const d = model.architecture.latentDims;
  if (code.length !== d || sd.length !== d) {
    throw new ShapeError(
      `exploreCell needs a code and deviations of the model's ${d} features, got ${code.length} and ${sd.length}`,
    );
  }
  if (!Number.isInteger(steps) || steps < 2)
    throw new OptionError(`exploreCell needs a whole number of steps from 2 on, got ${steps}`);
  if (!(range > 0)) throw new OptionError(`exploreCell needs a range above 0, got ${range}`);
  const shifts = Array.from({ length: steps }, (_, s) => (range * (2 * s - (steps - 1))) / (steps - 1));
  const codes = new Float32Array(d * steps * d);
  for (let feature = 0; feature < d; feature++) {
    shifts.forEach((shift, s) => {
      const start = (feature * steps + s) * d;
      codes.set(code, start);
      codes[start + feature] += shift * sd[feature];
    });
  }
  return { shifts, images: await decodeDescriptors(model, codes, options) };
}

/**
 * Codes drawn from the prior that the adversary holds descriptors to (standard normal): decoded, they are cells that never lived.
 *
 * @returns [count, d]
 * @throws OptionError for a count below 1
 * @example
 * const images = await decodeDescriptors(model, samplePrior(16, 56, seededRandom(1)));
 */
export function samplePrior(count: number, d: number, random: Random): Float32Array {
  if (!Number.isInteger(count) || count < 1) {
    throw new OptionError(`samplePrior needs a whole number of codes from 1 on, got ${count}`);
  }
  return Float32Array.from({ length: count * d }, () => random.normal());
}

/**
 * The real cells nearest to a code: what a decoded image stands for.
 *
 * @param latents [n, d] descriptors of real cells
 * @returns numbers and Euclidean distances, nearest first
 */
export function nearestCells(
  code: FloatArray,
  latents: FloatArray,
  n: number,
  count: number,
): { cell: number; distance: number }[] {
  const d = code.length;
  checkMatrix('nearestCells', latents, n, d);
  return Array.from({ length: n }, (_, cell) => ({
    cell,
    distance: Math.sqrt(squares(latents.subarray(cell * d, (cell + 1) * d), code)),
  }))
    .sort((a, b) => a.distance - b.distance || a.cell - b.cell)
    .slice(0, count);
}

function squares(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

const length = (code: ArrayLike<number>) => Math.sqrt(squares(code, new Float64Array(code.length)));
