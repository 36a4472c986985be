/** Processor features that decide how fast convolutions are. */
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

export interface CpuFeatures {
  model: string;
  /** Cores that this process may use. */
  cores: number;
  /** Of avx2, fma, avx512f, avx512_bf16, avx512_vnni, amx_tile, amx_bf16: those the processor has. */
  features: string[];
}

const interesting = [
  'avx2',
  'fma',
  'avx512f',
  'avx512_vnni',
  'avx512_bf16',
  'amx_tile',
  'amx_bf16',
  'asimd',
  'bf16',
];

/** Reads the processor's features from /proc/cpuinfo; elsewhere the list is empty. */
export function cpuFeatures(): CpuFeatures {
  const list = cpus();
  const text = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1].split(' ') ?? []);
  return {
    model: list[0]?.model.trim() ?? 'unknown',
    cores: list.length,
    features: interesting.filter((feature) => flags.has(feature)),
  };
}
