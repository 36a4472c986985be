/** The number format of convolutions. */

import { spawnSync } from 'node:child_process';
import { BackendError, OptionError } from '../util/errors';
import { cpuFeatures } from './cpu-features';
import { nativeBackend } from './native-binding';

/**
 * Number format of convolutions and of the images between them; weights, their gradients, statistics and Adam are float32 always.
 * `bfloat16` has float32's range with 8 bits of precision: half the memory and, on processors made for it, two to five times the speed.
 */
export type Precision = 'float32' | 'bfloat16';

export const precisions = ['auto', 'float32', 'bfloat16'] as const;

/**
 * What `auto` stands for on this machine: bfloat16 where TensorFlow computes and the processor multiplies it natively (AMX, AVX512-BF16,
 * NVIDIA GPUs since Ampere), else float32. `await loadBackend()` first.
 *
 * @throws OptionError for another word
 * @throws BackendError when bfloat16 is asked for by name and the backend has none
 */
export function choosePrecision(asked: string = 'auto'): Precision {
  const native = nativeBackend();
  switch (asked) {
    case 'float32':
      return 'float32';
    case 'bfloat16':
      if (!native)
        throw new BackendError('bfloat16 needs the TensorFlow backend, but WASM computes here; take float32');
      return 'bfloat16';
    case 'auto': {
      if (!native) return 'float32';
      if (native.binding.isUsingGpuDevice()) return gpuHasBfloat16() ? 'bfloat16' : 'float32';
      const { features } = cpuFeatures();
      return features.includes('amx_bf16') || features.includes('avx512_bf16') ? 'bfloat16' : 'float32';
    }
    default:
      throw new OptionError(`the precision is one of ${precisions.join(', ')}, got "${asked}"`);
  }
}

/** Tensor cores multiply bfloat16 from compute capability 8.0 (Ampere, 2020) on. */
function gpuHasBfloat16(): boolean {
  const { stdout } = spawnSync('nvidia-smi', ['--query-gpu=compute_cap', '--format=csv,noheader'], {
    encoding: 'utf8',
  });
  const capabilities = (stdout ?? '').trim().split('\n').map(Number);
  return capabilities.length > 0 && capabilities.every((capability) => capability >= 8);
}
