import { type CropStreams, drawCrop } from '../../src/simulate/draw-cell';
import type { PlantedFactors } from '../../src/simulate/population';
import type { Simulation } from '../../src/simulate/simulate-cells';
import { type Random, seededRandom } from '../../src/util/random';

/** A stream whose every number is the middle: no noise (all four bytes of a draw add up to their mean), no neighbours, no debris. */
const still = { uniform: () => 0x7f807f80 / 0x100000000 } as Random;

/** Crop `index` of a simulation in focus, without noise, neighbours and texture of the substrate, on one day: 0..1, [size · size]. */
export function cleanCrop(simulation: Simulation, index: number): Float32Array {
  const { size } = simulation.options;
  const streams = streamsOf(simulation, index);
  const quiet = ['camera', 'surroundings'];
  const frame: Random = {
    ...streams.frame,
    fork: (label) => (quiet.includes(String(label)) ? still : streams.frame.fork(label)),
  };
  const factors = { ...simulation.cells[index], focus: 0 };
  const day = { gain: 1, offset: 0.05, blur: 0, texture: 0 };
  return grey(drawCrop(factors, day, { x: 0, y: 0 }, size, { ...streams, frame }));
}

/** Crop `index` with other factors, noise included, on one day: the same cell where only that is different. */
export function cropWith(
  simulation: Simulation,
  index: number,
  factors: Partial<PlantedFactors>,
  day = { gain: 1, offset: 0.05, blur: 0.15, texture: 1 },
): Float32Array {
  const all = { ...simulation.cells[index], ...factors };
  return grey(drawCrop(all, day, { x: 0, y: 0 }, simulation.options.size, streamsOf(simulation, index)));
}

/** The crop as it is, 0..1. */
export function noisyCrop(simulation: Simulation, index: number): Float32Array {
  return grey(simulation.renderCrop(index));
}

function streamsOf({ cells, options }: Simulation, index: number): CropStreams {
  const random = seededRandom(options.seed);
  return { body: random.fork(`body ${cells[index].track}`), frame: random.fork(`crop ${index}`) };
}

const grey = (bytes: Uint8Array) => Float32Array.from(bytes, (value) => value / 255);
