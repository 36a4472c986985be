/** `%time`, `%%time`, `%timeit`, `%%timeit`: how long something takes. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OptionError, throwIfInterrupted } from '../util/errors';
import { defineMagic, type MagicContext } from './magic';

/** A moment: of the wall clock and of this process's computing. */
export interface Moment {
  wallMilliseconds: number;
  cpuMicroseconds: number;
}

/** Clocks of `%time`, the latest first; calls may be nested. */
export class Clocks {
  private readonly starts: Moment[] = [];

  now(): Moment {
    const { user, system } = process.cpuUsage();
    return { wallMilliseconds: performance.now(), cpuMicroseconds: user + system };
  }

  start(): void {
    this.starts.push(this.now());
  }

  /** When the clock that was started last was. */
  started(): Moment {
    return this.starts.pop() ?? this.now();
  }
}

/** The notebook's clocks. */
export const clocks = new Clocks();

export const timeMagic = defineMagic({
  name: 'time',
  kind: 'both',
  summary: 'Shows how long a line, or as %%time the cell, takes; promises are waited for.',
  details:
    'The value of the line is the value of the magic. What the line or the cell declares stays for later cells. CPU is the time that all ' +
    'threads of the kernel computed: more than the wall time where they worked side by side.',
  options: {},
  argument: 'value',
  body: 'code',
  signature: {
    line: '<T>(words: readonly unknown[], start?: unknown, value?: T, end?: unknown): Promise<Awaited<T>>',
  },
  examples: ['%time const z = await encodeCells(model, crops.images)'],
  async run({ isCell, rest }, context) {
    if (isCell) {
      const start = clocks.now();
      context.kernel.onCellEnd((result) => {
        showTime(start, clocks.now(), context);
        return result;
      });
      return undefined;
    }
    const [start, given, end] = rest as [Moment | undefined, unknown, Moment | undefined];
    if (!start)
      throw new OptionError('%time: what shall be timed? Write it behind, such as %time sum(values)');
    const isPromise = typeof (given as { then?: unknown } | null)?.then === 'function';
    const value = await given;
    showTime(start, isPromise || !end ? clocks.now() : end, context);
    return value;
  },
});

export const timeitMagic = defineMagic({
  name: 'timeit',
  kind: 'both',
  summary: 'Runs a line, or as %%timeit the cell, many times and shows mean ± standard deviation.',
  details:
    'As many rounds as fill a fifth of a second make a run. What the code declares is its own: later cells do not see it.',
  options: {
    loops: { type: 'integer', min: 1, help: 'Rounds of a run. Default: as many as fill 0.2 s.' },
    repeats: { type: 'integer', min: 1, default: 7, help: 'Runs.' },
    quiet: { type: 'boolean', help: 'Shows nothing; the result is the value.' },
  },
  letters: { n: 'loops', r: 'repeats', q: 'quiet' },
  argument: 'function',
  body: 'function',
  signature: {
    line: '(words: readonly unknown[], code?: () => unknown): Promise<Timing | undefined>',
    cell: '(words: readonly unknown[], code?: () => unknown): Promise<Timing | undefined>',
  },
  examples: ['%timeit fitPca(values, n, dims)', '%timeit -n 100 -r 5 Math.hypot(3, 4)'],
  async run({ options, rest, isCell }, { kernel, print }) {
    const [code] = rest as [(() => unknown) | undefined];
    if (!code) throw new OptionError(`${isCell ? '%%' : '%'}timeit: what shall be timed? There is no code`);
    const loops = options.loops ?? (await chooseLoops(code, kernel.signal));
    const seconds: number[] = [];
    for (let i = 0; i < options.repeats; i++) {
      seconds.push((await secondsOf(code, loops)) / loops);
      await nextTurn(); // lets an interrupt in
      throwIfInterrupted(kernel.signal, '%timeit');
    }
    const timing = summarize(seconds, loops);
    if (options.quiet) return timing;
    const { mean, sd } = timing;
    print(
      `${formatSeconds(mean)} ± ${formatSeconds(sd)} per round (mean ± sd of ${seconds.length} runs of ${loops} ${loops === 1 ? 'round' : 'rounds'})`,
    );
    return undefined;
  },
});

/** What `%timeit --quiet` gives. */
export interface Timing {
  /** Seconds of a round. */
  mean: number;
  sd: number;
  best: number;
  loops: number;
  runs: readonly number[];
}

/** Of {@link Timing}, for cells. */
export const timingDeclaration = `
interface Timing { mean: number; sd: number; best: number; loops: number; runs: readonly number[] }`;

/** 1, 2, 5, 10, 20 … rounds: the first that take long enough to be timed well. */
async function chooseLoops(code: () => unknown, signal: AbortSignal): Promise<number> {
  for (let power = 1; ; power *= 10) {
    for (const factor of [1, 2, 5]) {
      if ((await secondsOf(code, factor * power)) >= 0.2) return factor * power;
      await nextTurn();
      throwIfInterrupted(signal, '%timeit');
    }
  }
}

async function secondsOf(code: () => unknown, loops: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < loops; i++) {
    const result = code();
    if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') await result;
  }
  return (performance.now() - start) / 1000;
}

export function summarize(seconds: readonly number[], loops: number): Timing {
  const mean = seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
  const squares = seconds.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    sd: seconds.length > 1 ? Math.sqrt(squares / (seconds.length - 1)) : 0,
    best: Math.min(...seconds),
    loops,
    runs: seconds,
  };
}

function showTime(start: Moment, end: Moment, { print }: MagicContext): void {
  const wall = formatSeconds((end.wallMilliseconds - start.wallMilliseconds) / 1000);
  const cpu = formatSeconds((end.cpuMicroseconds - start.cpuMicroseconds) / 1e6);
  print(`wall time ${wall}, CPU ${cpu}`);
}

/** 1.53 s, 12.1 ms, 340 µs, 2.5 ns, 3 min 20 s. */
export function formatSeconds(seconds: number): string {
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  for (const [unit, size] of [
    ['s', 1],
    ['ms', 1e-3],
    ['µs', 1e-6],
  ] as const) {
    if (seconds >= size) return `${significant(seconds / size)} ${unit}`;
  }
  return `${significant(seconds / 1e-9)} ns`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(3)));
}
