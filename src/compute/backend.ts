/**
 * Finds and loads the tensor backend: TensorFlow through @tensorflow/tfjs-node-gpu where set-up has made its binding, else WASM.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { BackendError, messageOf, OptionError } from '../util/errors';
import { nativeBackend } from './native-binding';

/** The backend that computes. */
export interface Backend {
  name: 'tensorflow' | 'wasm';
  /** Version of the TensorFlow runtime ("2.21.0"); null for WASM. */
  tensorflow: string | null;
  /** "CPU" or "GPU" devices that are used, in words. */
  devices: string[];
  /** Why it is not the native one; null when it is. */
  fallbackReason: string | null;
}

export interface BackendOptions {
  /** `auto` takes TensorFlow and falls back to WASM with one warning. Default: the environment's LCH_BACKEND, else `auto`. */
  backend?: 'auto' | 'tensorflow' | 'wasm';
  /** Threads of one operation. Default: LCH_THREADS, else all cores. */
  threads?: number;
  /** Gets the one warning about a fallback. Default: standard error. */
  warn?: (line: string) => void;
}

let loading: Promise<Backend> | null = null;

/**
 * Loads the tensor backend once; later calls return the same one. Every function that computes with tensors awaits it first.
 *
 * @throws BackendError when the backend that was asked for by name cannot be loaded
 * @example
 * const { name } = await loadBackend(); // 'tensorflow'
 */
export function loadBackend(options: BackendOptions = {}): Promise<Backend> {
  loading ??= load(options).catch((error) => {
    loading = null; // a failed load may be tried again with other options
    throw error;
  });
  return loading;
}

async function load(options: BackendOptions): Promise<Backend> {
  const asked = options.backend ?? process.env.LCH_BACKEND ?? 'auto';
  if (!['auto', 'tensorflow', 'wasm'].includes(asked)) {
    throw new OptionError(`LCH_BACKEND needs auto, tensorflow or wasm, got "${asked}"`);
  }
  const threads = options.threads ?? threadsFromEnvironment();
  let reason = 'LCH_BACKEND=wasm was set';
  if (asked !== 'wasm') {
    try {
      return loadTensorflow(threads);
    } catch (error) {
      reason = messageOf(error).split('\n')[0];
      if (asked === 'tensorflow') {
        throw new BackendError(
          `the TensorFlow backend cannot be loaded: ${reason}; run npm start once, it sets it up`,
          {
            cause: error,
          },
        );
      }
    }
  }
  const backend = await loadWasm(threads, reason);
  if (asked !== 'wasm') {
    const warn = options.warn ?? ((line: string) => process.stderr.write(`${line}\n`));
    warn(
      `warning: no native TensorFlow (${reason}); computing with WASM: training is about 20 times slower, encoding 4 times. npx lch doctor says how to mend it.`,
    );
  }
  return backend;
}

function threadsFromEnvironment(): number | undefined {
  const text = process.env.LCH_THREADS;
  if (!text) return undefined;
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1) {
    throw new OptionError(`LCH_THREADS needs a whole number of threads from 1 on, got "${text}"`);
  }
  return threads;
}

/** Loads tfjs-node-gpu and makes it the current backend. */
function loadTensorflow(threads: number | undefined): Backend {
  // TensorFlow reads these once, while its library is loaded
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  if (threads) process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  restoreIsNullOrUndefined();
  const addons = join(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'lib', 'napi-v8');
  if (!existsSync(join(addons, 'tfjs_binding.node'))) {
    throw new BackendError('its binding has not been compiled on this machine');
  }
  quietly(addons, () => require('@tensorflow/tfjs-node-gpu'));
  keepMemory(addons);
  const native = nativeBackend();
  if (!native) throw new BackendError('tfjs-node-gpu loaded, but did not become the backend');
  const gpu = native.binding.isUsingGpuDevice();
  return {
    name: 'tensorflow',
    tensorflow: native.binding.TF_Version,
    devices: [gpu ? 'GPU' : 'CPU'],
    fallbackReason: null,
  };
}

/** tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed. */
function restoreIsNullOrUndefined(): void {
  const util = require('node:util') as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
}

/** Keeps two notes off the terminal: TensorFlow's about its build, and tfjs' about itself (through console.warn). */
function quietly(addons: string, load: () => void): void {
  const gateFile = join(addons, 'stderr_gate.node');
  const gate = existsSync(gateFile) ? (require(gateFile) as { close(): void; open(): void }) : null;
  const { warn } = console;
  console.warn = () => {};
  gate?.close();
  try {
    load();
  } finally {
    gate?.open();
    console.warn = warn;
  }
}

/** Lets freed memory stay with the process for the next tensor: steps are up to a seventh faster. LCH_KEEP_MEMORY=0 leaves it out. */
function keepMemory(addons: string): void {
  const file = join(addons, 'keep_memory.node');
  if (process.env.LCH_KEEP_MEMORY !== '0' && existsSync(file)) (require(file) as { keep(): void }).keep();
}

async function loadWasm(threads: number | undefined, reason: string): Promise<Backend> {
  try {
    const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
    const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
    wasm.setWasmPaths(join(folder, 'dist') + '/');
    if (threads) wasm.setThreadsCount(threads);
    await tf.setBackend('wasm');
    await tf.ready();
  } catch (error) {
    throw new BackendError(
      `neither TensorFlow nor WASM can be loaded: ${messageOf(error)}; run npm start once`,
      {
        cause: error,
      },
    );
  }
  return { name: 'wasm', tensorflow: null, devices: ['CPU (WASM)'], fallbackReason: reason };
}
