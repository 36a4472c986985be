import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { breather } from '../util/breather';
import { defaultProgress, type Progress } from '../util/progress';
import { type LayoutState, layoutEpoch } from './umap-layout';

/** What a worker of umap-worker.ts gets. */
export interface LayoutTask {
  state: LayoutState;
  from: number;
  to: number;
  threads: number;
  /** Shared: [threads that reached the barrier, epochs finished, 1 to stop]. */
  control: Int32Array;
}

/**
 * Runs the layout to its end: in this thread for small graphs, else on workers that meet at a barrier after every epoch.
 *
 * @returns points [n, 2]; the same for any number of threads
 * @throws InterruptedError
 */
export async function runLayout(
  state: LayoutState,
  options: { threads?: number; progress?: Progress; signal?: AbortSignal },
): Promise<Float64Array> {
  const { progress = defaultProgress, signal } = options;
  const { n, epochs } = state;
  const threads = options.threads ?? (n < 10_000 ? 1 : Math.min(8, availableParallelism()));
  const breathe = breather(signal, 'UMAP');
  progress.start('UMAP', epochs, 'epochs');
  if (threads === 1) {
    for (let epoch = 0; epoch < epochs; epoch++) {
      layoutEpoch(state, epoch, 0, n);
      progress.update(epoch + 1);
      await breathe();
    }
  } else await runOnWorkers(state, threads, progress, breathe);
  progress.finish();
  return Float64Array.from(state.points[epochs % 2]);
}

async function runOnWorkers(
  state: LayoutState,
  threads: number,
  progress: Progress,
  breathe: () => Promise<void>,
): Promise<void> {
  const control = new Int32Array(new SharedArrayBuffer(12));
  const bounds = equalShares(state, threads);
  const workers = Array.from({ length: threads }, (_, t) => {
    const task: LayoutTask = { state, from: bounds[t], to: bounds[t + 1], threads, control };
    return new Worker(require.resolve('./umap-worker'), { workerData: task });
  });
  let running = true;
  const ends = Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.once('error', reject);
          worker.once('exit', () => resolve());
        }),
    ),
  ).finally(() => {
    running = false;
  });
  ends.catch(() => {}); // awaited below; until then a failure must not count as unhandled
  try {
    while (running) {
      await breathe();
      await Promise.race([ends, new Promise((resolve) => setTimeout(resolve, 20))]);
      progress.update(Atomics.load(control, 1));
    }
    await ends;
  } finally {
    Atomics.store(control, 2, 1);
    Atomics.notify(control, 1);
    if (running) await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Ranges of points with about the same number of edge draws, [threads + 1]. */
function equalShares(state: LayoutState, threads: number): number[] {
  const { n, starts, frequency } = state;
  let total = 0;
  for (const often of frequency) total += often;
  const bounds = [0];
  let sum = 0;
  for (let i = 0; i < n && bounds.length < threads; i++) {
    for (let e = starts[i]; e < starts[i + 1]; e++) sum += frequency[e];
    if (sum >= (total * bounds.length) / threads) bounds.push(i + 1);
  }
  while (bounds.length <= threads) bounds.push(n);
  return bounds;
}
