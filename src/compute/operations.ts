/** The operations of the backend in use. */

import * as tf from '@tensorflow/tfjs-core';
import { BackendError } from '../util/errors';
import { nativeBackend } from './native-binding';
import { nativeOperations } from './native-operations';
import { NativeRunner } from './native-runner';
import type { NetworkOperations } from './network-operations';
import { portableOperations } from './portable-operations';

let current: { backend: string; operations: NetworkOperations } | null = null;

/**
 * The network's operations on the backend in use.
 *
 * @throws BackendError before `await loadBackend()`
 */
export function networkOperations(): NetworkOperations {
  const backend = tf.getBackend();
  if (!backend) throw new BackendError('no tensor backend is loaded; await loadBackend() first');
  if (current?.backend !== backend) {
    const native = nativeBackend();
    current = {
      backend,
      operations: native ? nativeOperations(new NativeRunner(native)) : portableOperations(),
    };
  }
  return current.operations;
}
