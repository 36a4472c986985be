/** `lch doctor`: what this machine has, how fast it computes, and what to do where it is not well. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { cpuFeatures, loadBackend, measureSpeed } from '../compute';
import { messageOf } from '../util/errors';
import { packageRoot, packageVersion } from '../util/files';
import { defineCommand } from './command';

/** One line of the report. `advice` says what to do when `ok` is false. */
export interface Finding {
  name: string;
  value: string;
  ok: boolean;
  advice?: string;
}

/** What `lch doctor --json` prints. */
export interface DoctorReport {
  version: string;
  node: string;
  platform: string;
  backend: 'tensorflow' | 'wasm' | null;
  tensorflow: string | null;
  devices: string[];
  cpu: { model: string; cores: number; features: string[] };
  /** Billions of floating-point operations per second, float32. */
  gflops: { matmul: number; conv: number } | null;
  memory: { totalGb: number; freeGb: number };
  jupyter: string | null;
  kernel: { installed: boolean; specification: string | null; node: string | null };
  findings: Finding[];
}

/** Convolution speed below which training even the small preset is no fun. */
const slowConvolution = 30;

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary:
    'Shows Node, backend, speed, memory, Jupyter and kernel, and what to do where something is missing.',
  details: 'Takes a few seconds: it measures a matrix product and a convolution.',
  options: {},
  examples: ['lch doctor', 'lch doctor --json'],
  async run(_options, { print, progress }): Promise<DoctorReport> {
    const report = await examine((line) => progress.log(line));
    const widest = Math.max(...report.findings.map(({ name }) => name.length));
    for (const { name, value, ok, advice } of report.findings) {
      print(`${ok ? 'ok  ' : 'LOOK'}  ${name.padEnd(widest)}  ${value}`);
      if (!ok && advice) print(`      ${' '.repeat(widest)}  → ${advice}`);
    }
    return report;
  },
});

/** Gathers the report. */
async function examine(warn: (line: string) => void): Promise<DoctorReport> {
  const cpu = cpuFeatures();
  const [major] = process.versions.node.split('.').map(Number);
  const findings: Finding[] = [
    { name: 'Node', value: process.versions.node, ok: major >= 20, advice: 'install Node 20.9 or newer' },
    { name: 'platform', value: `${process.platform} ${process.arch}`, ok: true },
    {
      name: 'processor',
      value: `${cpu.model}, ${cpu.cores} cores, ${cpu.features.join(' ') || 'features unknown'}`,
      ok: true,
    },
  ];
  let backend: Awaited<ReturnType<typeof loadBackend>> | null = null;
  try {
    backend = await loadBackend({ warn });
    const native = backend.name === 'tensorflow';
    findings.push({
      name: 'backend',
      value: native
        ? `tensorflow ${backend.tensorflow} on ${backend.devices.join(', ')}`
        : `wasm (${backend.fallbackReason})`,
      ok: native || backend.fallbackReason === 'LCH_BACKEND=wasm was set',
      advice:
        'run npm start (or npm run setup) in the project folder: it fetches TensorFlow and compiles the binding',
    });
  } catch (error) {
    findings.push({
      name: 'backend',
      value: messageOf(error),
      ok: false,
      advice: 'run npm start in the project folder',
    });
  }
  const gflops = backend ? measureSpeed() : null;
  if (gflops) {
    findings.push(
      { name: 'matrix product', value: `${gflops.matmul.toFixed(0)} GFLOP/s (1024×1024, float32)`, ok: true },
      {
        name: 'convolution',
        value: `${gflops.conv.toFixed(0)} GFLOP/s (4×4, stride 2, float32)`,
        ok: gflops.conv >= slowConvolution,
        advice: 'other programs may be using the cores (see top), or the backend is not the native one',
      },
    );
  }
  const memory = { totalGb: totalmem() / 1e9, freeGb: availableMemory() / 1e9 };
  findings.push({
    name: 'memory',
    value: `${memory.freeGb.toFixed(1)} of ${memory.totalGb.toFixed(1)} GB free`,
    ok: memory.freeGb > 2,
    advice: 'demo needs about 1 GB, paper about 4 GB: close other programs',
  });
  const jupyter = jupyterVersion();
  findings.push({
    name: 'JupyterLab',
    value: jupyter ?? 'not in the project’s Python environment',
    ok: jupyter !== null,
    advice: 'run npm start in the project folder; npm run lab opens it',
  });
  const kernel = kernelStatus();
  findings.push({
    name: 'notebook kernel',
    value: kernel.installed ? `lch, run by ${kernel.node}` : 'not installed',
    ok: kernel.installed,
    advice: 'npx lch kernel install --prefix .venv (or --user for every JupyterLab of yours)',
  });
  return {
    version: packageVersion(),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    backend: backend?.name ?? null,
    tensorflow: backend?.tensorflow ?? null,
    devices: backend?.devices ?? [],
    cpu,
    gflops: gflops && {
      matmul: Math.round(gflops.matmul * 10) / 10,
      conv: Math.round(gflops.conv * 10) / 10,
    },
    memory,
    jupyter,
    kernel,
    findings,
  };
}

/** Memory that can be taken without swapping, in bytes (Linux counts reclaimable caches as available). */
function availableMemory(): number {
  if (!existsSync('/proc/meminfo')) return freemem();
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return match ? Number(match[1]) * 1024 : freemem();
}

function jupyterVersion(): string | null {
  const lib = join(packageRoot(), '.venv', 'lib');
  if (!existsSync(lib)) return null;
  for (const python of readdirSync(lib)) {
    const packages = join(lib, python, 'site-packages');
    if (!existsSync(packages)) continue;
    const found = readdirSync(packages)
      .map((name) => /^jupyterlab-([\d.]+)\.dist-info$/.exec(name)?.[1])
      .find(Boolean);
    if (found) return found;
  }
  return null;
}

function kernelStatus(): DoctorReport['kernel'] {
  const specification = join(packageRoot(), '.venv', 'share', 'jupyter', 'kernels', 'lch', 'kernel.json');
  if (!existsSync(specification)) return { installed: false, specification: null, node: null };
  const { argv } = JSON.parse(readFileSync(specification, 'utf8'));
  return { installed: existsSync(argv[0]), specification, node: argv[0] };
}
