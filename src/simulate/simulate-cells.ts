/** Synthetic label-free cells with known truth. They are no real cells: every picture made of them must say so. */
import { OptionError } from '../util/errors';
import { seededRandom } from '../util/random';
import { type CropStreams, drawCrop, drawMask } from './draw-cell';
import {
  type DayEffect,
  defaultSeparation,
  drawPopulation,
  fieldOfView,
  type SimulatedCell,
} from './population';

export interface SimulationOptions {
  /** Number of crops. */
  cells: number;
  /** Side of a crop in pixels. */
  size: number;
  /** The same seed gives the same bytes. */
  seed: number;
  /**
   * Distance between high and low metastatic efficiency in each of the two hallmarks (process length, light scattering), in standard
   * deviations within a class. Default 1.3: the true factors then tell a single cell at AUC 0.87. 0 removes the effect.
   */
  separation?: number;
  /** Frames in which each cell is followed. Default 2; time-lapses of single cells want more. */
  framesPerTrack?: number;
}

export interface Simulation {
  options: Required<SimulationOptions>;
  /** One row per crop. */
  cells: SimulatedCell[];
  /** Draws crop `index`, whatever was drawn before: 8-bit grey, [size · size]. */
  renderCrop(index: number): Uint8Array;
  /** 1 where the cell of crop `index` is, its processes included: [size · size]. */
  renderMask(index: number): Uint8Array;
}

/**
 * Plans a set of synthetic cells: seven PDX tumors of high and low metastatic efficiency, cell lines, clones and melanocytes, on eight
 * days, each cell in a few frames. Efficiency acts only through the length of processes and the light scattering of granules; tumors differ
 * in size and shape besides, and days in gain, offset, blur and background. Crops are drawn on demand.
 *
 * @throws OptionError for sizes that cannot be drawn
 * @example
 * const simulation = simulateCells({ cells: 2000, size: 64, seed: 7 });
 * simulation.renderCrop(0); // Uint8Array(4096)
 */
export function simulateCells(options: SimulationOptions): Simulation {
  const { cells: count, size, seed, separation = defaultSeparation, framesPerTrack = 2 } = options;
  if (!Number.isInteger(count) || count < 1)
    throw new OptionError(`simulateCells needs a whole number of cells from 1 on, got ${count}`);
  if (!Number.isInteger(size) || size < 16 || size > 1024) {
    throw new OptionError(`simulateCells needs a size from 16 to 1024 pixels, got ${size}`);
  }
  if (!(separation >= 0))
    throw new OptionError(`simulateCells needs a separation from 0 on, got ${separation}`);
  if (!Number.isInteger(framesPerTrack) || framesPerTrack < 1)
    throw new OptionError(`simulateCells needs whole framesPerTrack from 1 on, got ${framesPerTrack}`);
  const random = seededRandom(seed);
  const { cells, days } = drawPopulation({ cells: count, separation, framesPerTrack }, random);
  const cellAt = (index: number): SimulatedCell => {
    const cell = cells[index];
    if (!cell) throw new OptionError(`there is no crop ${index}; the simulation has crops 0 to ${count - 1}`);
    return cell;
  };
  const streams = (index: number): CropStreams => ({
    body: random.fork(`body ${cells[index].track}`),
    frame: random.fork(`crop ${index}`),
  });
  return {
    options: { cells: count, size, seed, separation, framesPerTrack },
    cells,
    renderCrop(index) {
      const cell = cellAt(index);
      const day = days.get(cell.date) as DayEffect;
      const place = { x: cell.x / (fieldOfView / 2) - 1, y: cell.y / (fieldOfView / 2) - 1 };
      return drawCrop(cell, day, place, size, streams(index));
    },
    renderMask: (index) => drawMask(cellAt(index), size, streams(index)),
  };
}
