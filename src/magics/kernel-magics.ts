/** `%history`, `%rerun`, `%typecheck`, `%memory`, `%backend`, `%progress`, `%lsmagic`: the kernel itself. */
import type { HistoryEntry, KernelServices } from '../kernel/services';
import { DataError, OptionError, throwIfInterrupted } from '../util/errors';
import { type AnyMagic, defineMagic } from './magic';
import { formsOf } from './magic-help';
import { alignColumns } from './variables';

const rangeOption = {
  type: 'string',
  placeholder: 'N[-M]',
  help: 'Numbers of cells, such as 3 or 3-5.',
} as const;

export const historyMagic = defineMagic({
  name: 'history',
  kind: 'line',
  summary: 'Shows the cells that were run.',
  options: {
    cells: rangeOption,
    search: {
      type: 'string',
      placeholder: 'TEXT',
      help: 'Cells of all sessions that hold a text; * stands for anything.',
    },
    session: { type: 'integer', default: 0, help: 'An earlier session: -1 is the one before this.' },
    last: { type: 'integer', min: 1, help: 'Only so many, the latest.' },
  },
  positional: ['cells'],
  letters: { n: 'last', g: 'search' },
  async run({ options }, { kernel, print }) {
    const entries =
      options.search === undefined
        ? await cellsOf('%history', options.cells, kernel, options.session)
        : await kernel.history({
            search: options.search.includes('*') ? options.search : `*${options.search}*`,
          });
    const shown = options.last === undefined ? entries : entries.slice(-options.last);
    if (shown.length === 0) print('no cell is like that');
    for (const { line, input } of shown) print(`[${line}] ${input.split('\n').join('\n    ')}`);
  },
});

export const rerunMagic = defineMagic({
  name: 'rerun',
  kind: 'line',
  summary: 'Runs earlier cells again; without a number, the one before.',
  options: { cells: rangeOption },
  positional: ['cells'],
  signature: { line: '(words: readonly unknown[]): Promise<unknown>' },
  examples: ['%rerun', '%rerun 3-5'],
  async run({ options }, { kernel, print }) {
    const all = await cellsOf('%rerun', options.cells, kernel);
    const entries =
      options.cells === undefined ? all.filter(({ input }) => !/^\s*%rerun\b/.test(input)).slice(-1) : all;
    if (entries.length === 0)
      throw new DataError('%rerun: no such cell was run in this session (%history lists them)');
    let value: unknown;
    for (const { line, input } of entries) {
      throwIfInterrupted(kernel.signal, '%rerun');
      print(`[${line}] ${input.split('\n').join('\n    ')}`);
      value = await kernel.evaluate(input, { name: `Cell[${line}]` });
    }
    return value;
  },
});

export const typecheckMagic = defineMagic({
  name: 'typecheck',
  kind: 'line',
  summary: 'Decides what a type error does: error stops the cell, warn only tells, off does not look.',
  details: 'Holds from the next cell on. Without a word it tells what holds.',
  options: { mode: { type: 'choice', choices: ['error', 'warn', 'off'], help: 'What a type error does.' } },
  positional: ['mode'],
  run({ options: { mode } }, { kernel, print }) {
    if (mode) kernel.typecheck = mode;
    print(`typecheck ${kernel.typecheck}`);
  },
});

export const progressMagic = defineMagic({
  name: 'progress',
  kind: 'line',
  summary: 'Switches the progress of magics on or off.',
  options: { mode: { type: 'choice', choices: ['on', 'off'], help: 'Whether progress is shown.' } },
  positional: ['mode'],
  run({ options: { mode } }, { settings, print }) {
    if (mode) settings.progress = mode;
    print(`progress ${settings.progress}`);
  },
});

export const memoryMagic = defineMagic({
  name: 'memory',
  kind: 'line',
  summary: 'Shows how much memory the kernel and its tensors take.',
  options: {},
  async run(_, { print }) {
    const { tf } = await import('../compute/index.js');
    const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
    const { numTensors, numBytes } = tf.getBackend() ? tf.memory() : { numTensors: 0, numBytes: 0 };
    print(
      alignColumns([
        ['process', megabytes(rss), ''],
        ['heap', megabytes(heapUsed), `of ${megabytes(heapTotal)}: objects and text`],
        ['outside the heap', megabytes(external), `of it ${megabytes(arrayBuffers)} in typed arrays`],
        ['tensors', megabytes(numBytes), `${numTensors} tensors`],
      ]),
    );
  },
});

export const backendMagic = defineMagic({
  name: 'backend',
  kind: 'line',
  summary: 'Shows what computes tensors, or chooses it before the first tensor.',
  options: {
    name: {
      type: 'choice',
      choices: ['tensorflow', 'wasm'],
      help: 'tensorflow: native. wasm: slower, runs anywhere.',
    },
  },
  positional: ['name'],
  async run({ options: { name } }, { print }) {
    const { loadBackend, tf } = await import('../compute/index.js');
    const isLoaded = Boolean(tf.getBackend());
    if (name && !isLoaded) process.env.LCH_BACKEND = name;
    const backend = await loadBackend();
    if (name && backend.name !== name) {
      throw new OptionError(
        `%backend: ${backend.name} is in use, and tensors cannot change it; restart the kernel and begin with %backend ${name}`,
      );
    }
    const about = [backend.tensorflow, backend.devices.length > 0 && `on ${backend.devices.join(', ')}`];
    print([backend.name, ...about.filter(Boolean)].join(' '));
    if (backend.fallbackReason) print(`tensorflow is not in use: ${backend.fallbackReason}`);
  },
});

/** @param magics all of them, itself included; asked when it runs */
export function makeLsmagic(magics: () => readonly AnyMagic[]) {
  return defineMagic({
    name: 'lsmagic',
    kind: 'line',
    summary: 'Lists the magics.',
    options: {},
    run(_, { print }) {
      const rows = magics().map((magic) => [formsOf(magic).replace(' and ', ' '), magic.summary]);
      print(
        alignColumns([
          ...rows.sort(byName),
          ['!command', 'Runs a command of the system; const lines = !command keeps what it writes.'],
        ]),
      );
      print('\n%name? explains one; options take TypeScript as {expression}');
    },
  });
}

function byName([a]: readonly string[], [b]: readonly string[]): number {
  return a.replace(/^%+/, '') < b.replace(/^%+/, '') ? -1 : 1;
}

async function cellsOf(
  who: string,
  range: string | undefined,
  kernel: KernelServices,
  session = 0,
): Promise<HistoryEntry[]> {
  if (range === undefined) return kernel.history({ session });
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
  if (!first) throw new OptionError(`${who}: cells are given as N or N-M, such as 3 or 3-5, got "${range}"`);
  return kernel.history({ session, start: Number(first), stop: Number(last ?? first) + 1 });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
