/**
 * The kernel beside stock tslab (the same type checking) and Deno (no type checking): start, cell round trip, much output.
 *
 * All three run side by side in one process tree; cells alternate between them, so that a busy machine is busy for all.
 */
import { join } from 'node:path';
import { packageRoot } from '../src/util/files';
import { type BenchRow, median } from './bench-row';
import { KernelClient } from './kernel-client';

const STARTS = 5;
const WARM_UP_CELLS = 10;
const CELLS = 60;
const LINES = 100_000;

const NODE_MODULES = join(packageRoot(), 'node_modules');
const KERNELS = {
  lch: (file: string) => [process.execPath, join(__dirname, '..', 'src', 'kernel', 'main.js'), file],
  tslab: (file: string) => [
    process.execPath,
    join(NODE_MODULES, 'tslab', 'bin', 'tslab'),
    'kernel',
    '--config-path',
    file,
  ],
  deno: (file: string) => [
    process.execPath,
    join(NODE_MODULES, 'deno', 'bin.cjs'),
    'jupyter',
    '--kernel',
    '--conn',
    file,
  ],
};
type KernelName = keyof typeof KERNELS;
const NAMES = Object.keys(KERNELS) as KernelName[];

/** Cells as people write them: values, functions, types, what earlier cells declared. */
function cell(i: number): string {
  const kinds = [
    `const area${i}: number = ${i} * 2;\narea${i} + 1`,
    `function grow${i}(factor: number): number {\n  return factor * ${i};\n}\ngrow${i}(2)`,
    `const areas${i} = Array.from({ length: 20 }, (_, k) => k * ${i});\nareas${i}.filter(a => a > 10).length`,
    `interface Crop${i} { area: number; name: string }\nconst crop${i}: Crop${i} = { area: ${i}, name: 'a' };\ncrop${i}.name`,
    `console.log(${i});`,
  ];
  return kinds[i % kinds.length];
}

export async function bench(): Promise<BenchRow[]> {
  const ready = await forEachKernel(() => [] as number[]);
  const firstCell = await forEachKernel(() => [] as number[]);
  for (let i = 0; i < STARTS; i++) {
    for (const name of NAMES) {
      const client = await KernelClient.start(KERNELS[name]);
      ready[name].push(await client.ready());
      await client.execute('1 + 1');
      firstCell[name].push(client.millisecondsSinceStart);
      await client.stop();
    }
  }

  const clients = await forEachKernel((name) => KernelClient.start(KERNELS[name]));
  const cells = await forEachKernel(() => [] as number[]);
  for (const name of NAMES) await clients[name].ready();
  for (let i = 0; i < WARM_UP_CELLS + CELLS; i++) {
    for (const name of NAMES) {
      const before = performance.now();
      await clients[name].execute(cell(i));
      if (i >= WARM_UP_CELLS) cells[name].push(performance.now() - before);
    }
  }

  // stock tslab hangs on more than 512 lines in a row
  const lines = { lch: [] as number[], deno: [] as number[] };
  for (let i = 0; i < 3; i++) {
    for (const name of ['lch', 'deno'] as const) {
      const before = performance.now();
      const text = await clients[name].execute(`for (let i = 0; i < ${LINES}; i++) console.log(i)`);
      lines[name].push((performance.now() - before) / 1000);
      const count = text.split('\n').length - 1;
      if (count !== LINES) console.error(`bench kernel: ${name} lost ${LINES - count} of ${LINES} lines`);
    }
  }
  for (const name of NAMES) await clients[name].stop();

  const row = (
    name: string,
    unit: string,
    ours: readonly number[],
    peer: readonly number[],
    peerName: string,
    goal: string,
  ): BenchRow => ({
    name,
    unit,
    ours: median(ours),
    peer: median(peer),
    peerName,
    ratio: median(ours) / median(peer),
    better: 'lower',
    goal,
  });
  const seconds = (milliseconds: readonly number[]) => milliseconds.map((value) => value / 1000);
  return [
    row('answers after start', 's', seconds(ready.lch), seconds(ready.tslab), 'tslab 1.0.22', '≤ 1.0 s'),
    row(
      'answers after start',
      's',
      seconds(ready.lch),
      seconds(ready.deno),
      'Deno (no type check)',
      '≤ 1.0 s',
    ),
    row(
      'first cell done after start',
      's',
      seconds(firstCell.lch),
      seconds(firstCell.tslab),
      'tslab 1.0.22',
      '',
    ),
    row(
      'first cell done after start',
      's',
      seconds(firstCell.lch),
      seconds(firstCell.deno),
      'Deno (no type check)',
      '',
    ),
    row('cell round trip', 'ms', cells.lch, cells.tslab, 'tslab 1.0.22', '≤ 30 ms, aim 10 ms'),
    row('cell round trip', 'ms', cells.lch, cells.deno, 'Deno (no type check)', '≤ 30 ms, aim 10 ms'),
    row('100,000 console.log lines', 's', lines.lch, lines.deno, 'Deno (no type check)', '≤ 1 s, none lost'),
  ];
}

async function forEachKernel<T>(make: (name: KernelName) => T | Promise<T>): Promise<Record<KernelName, T>> {
  const made = {} as Record<KernelName, T>;
  for (const name of NAMES) made[name] = await make(name);
  return made;
}
