/** One thread of the UMAP layout: owns a range of points, meets the others after every epoch. Started by umap-threads.ts. */
import { workerData } from 'node:worker_threads';
import { layoutEpoch } from './umap-layout';
import type { LayoutTask } from './umap-threads';

const { state, from, to, threads, control } = workerData as LayoutTask;
for (let epoch = 0; epoch < state.epochs && Atomics.load(control, 2) === 0; epoch++) {
  layoutEpoch(state, epoch, from, to);
  if (Atomics.add(control, 0, 1) === threads - 1) {
    Atomics.store(control, 0, 0); // the last one opens the barrier
    Atomics.add(control, 1, 1);
    Atomics.notify(control, 1);
  } else {
    while (Atomics.load(control, 1) === epoch && Atomics.load(control, 2) === 0) {
      Atomics.wait(control, 1, epoch, 1000);
    }
  }
}
