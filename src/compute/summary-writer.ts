/** TensorBoard's event files, written by TensorFlow itself through tfjs-node's summary writer. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { BackendError } from '../util/errors';
import { nativeBackend } from './native-binding';

/** What tfjs-node's backend has for event files. */
interface SummaryBackend {
  summaryWriter(folder: string): Tensor;
  createSummaryFileWriter(writer: Tensor, folder: string): void;
  writeScalarSummary(writer: Tensor, step: number, name: string, value: number): void;
  flushSummaryWriter(writer: Tensor): void;
}

/** Numbers along training, for TensorBoard. */
export interface SummaryWriter {
  scalar(name: string, value: number, step: number): void;
  /** Everything is in the file after it. */
  flush(): void;
  dispose(): void;
}

/**
 * Begins an event file in `folder`, which TensorFlow makes. `await loadBackend()` first.
 *
 * @throws BackendError when WASM computes
 * @example
 * const writer = openSummaryWriter('run1/tensorboard');
 * writer.scalar('loss', 0.3, 1);
 */
export function openSummaryWriter(folder: string): SummaryWriter {
  const backend = nativeBackend() as SummaryBackend | null;
  if (!backend) {
    throw new BackendError(
      'TensorBoard files are written by TensorFlow, and WASM computes; log.jsonl has the same numbers',
    );
  }
  const writer = backend.summaryWriter(folder);
  backend.createSummaryFileWriter(writer, folder);
  return {
    scalar: (name, value, step) => backend.writeScalarSummary(writer, step, name, value),
    flush: () => backend.flushSummaryWriter(writer),
    dispose() {
      backend.flushSummaryWriter(writer);
      writer.dispose();
    },
  };
}
