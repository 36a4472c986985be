import { setImmediate } from 'node:timers/promises';
import { throwIfInterrupted } from './errors';

/**
 * Lets long computations be interrupted: the returned function, awaited between steps, gives the event loop a turn every 50 ms (so
 * that Ctrl-C and progress bars get through) and throws once `signal` is aborted.
 *
 * @param who first word of the message when interrupted
 * @example
 * const breathe = breather(signal, 'classify');
 * for (const fold of folds) {
 *   await breathe();
 *   …
 * }
 */
export function breather(signal: AbortSignal | undefined, who: string): () => Promise<void> {
  let last = Date.now();
  return async () => {
    throwIfInterrupted(signal, who);
    if (Date.now() - last < 50) return;
    await setImmediate();
    last = Date.now();
    throwIfInterrupted(signal, who);
  };
}
