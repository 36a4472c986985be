/** Draws crops of a simulation into files, one after the other; the main thread and each worker of {@link writeSimulation} do this. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { writeFileAtomic } from '../util/files';
import { encodePng } from './encode-png';
import { type Simulation, type SimulationOptions, simulateCells } from './simulate-cells';

/** What a worker is told. */
export interface DrawTask {
  task: 'draw crops';
  options: SimulationOptions;
  folder: string;
  /** [next crop to draw, crops written, 1 to stop], shared by all workers. */
  shared: Int32Array;
}

/** Places in {@link DrawTask.shared}. */
export const nextCrop = 0;
export const cropsWritten = 1;
export const stopped = 2;

/** Draws one crop into its file, which is whole or absent. */
export function drawFile(simulation: Simulation, index: number, folder: string): void {
  const { size } = simulation.options;
  const png = encodePng(simulation.renderCrop(index), size, size);
  writeFileAtomic(join(folder, simulation.cells[index].path), png, { sync: false });
}

/** Takes crop after crop until none is left or it is told to stop. Which worker draws which does not matter: every crop has its own stream. */
function drawAll({ options, folder, shared }: DrawTask): void {
  const simulation = simulateCells(options);
  while (Atomics.load(shared, stopped) === 0) {
    const index = Atomics.add(shared, nextCrop, 1);
    if (index >= simulation.cells.length) return;
    drawFile(simulation, index, folder);
    Atomics.add(shared, cropsWritten, 1);
  }
}

const task = workerData as DrawTask | null;
if (parentPort && task?.task === 'draw crops') drawAll(task);
