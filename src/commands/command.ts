/**
 * What a command is. One table per command (name, help, typed options with defaults) serves the terminal, the notebook magics, their
 * help and their completion. A file of this folder holds one such table and one call into the library.
 */
import type { Progress } from '../util/progress';

interface OptionBase {
  /** One sentence on the visible effect; the paper's value if ours differs. */
  help: string;
  /** Word for the value in the help, such as DIR or FILE.csv. */
  placeholder?: string;
  /** Physical or other unit of a number ("pixels", "standard deviations"). */
  unit?: string;
  /** Must be given; 'terminal': in a notebook the result is a value, and need not be written too. */
  required?: boolean | 'terminal';
  /** Completes file and folder names. */
  path?: boolean;
}

/** One option of a command, by kind of value. */
export type OptionSpec = OptionBase &
  (
    | { type: 'string'; default?: string }
    | { type: 'number' | 'integer'; default?: number; min?: number; max?: number }
    | { type: 'boolean'; default?: false }
    | { type: 'choice'; choices: readonly string[]; default?: string }
    /** Comma-separated numbers, such as -3,-2,-1,0,1,2,3. */
    | { type: 'numbers'; default?: readonly number[] }
  );

/** A command's options by name as typed after `--` (kebab case). */
export type OptionTable = Record<string, OptionSpec>;

/** Where a command reports to and how it is stopped. */
export interface CommandContext {
  progress: Progress;
  /** Aborted by Ctrl-C or the notebook's interrupt. */
  signal: AbortSignal;
  /** Writes a line of human-readable result to standard output (in a notebook: the cell's output). */
  print(line: string): void;
  /** Takes what `--json` prints, where that is not the result itself: a table is a good value, but long as JSON. */
  report?(content: unknown): void;
}

/** The value an option table yields: `--max-steps` becomes `maxSteps`. */
export type OptionValues<T extends OptionTable> = {
  [K in keyof T as CamelCase<K & string>]: T[K] extends { required: true }
    ? ValueOf<T[K]>
    : T[K] extends { default: unknown }
      ? ValueOf<T[K]>
      : T[K]['type'] extends 'boolean'
        ? boolean
        : ValueOf<T[K]> | undefined;
};

type ValueOf<S extends OptionSpec> = S['type'] extends 'number' | 'integer'
  ? number
  : S['type'] extends 'boolean'
    ? boolean
    : S['type'] extends 'numbers'
      ? readonly number[]
      : S extends { choices: readonly (infer C)[] }
        ? C
        : string;

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** A command: its table and what it runs. */
export interface Command<T extends OptionTable = OptionTable, R = unknown, N extends string = string> {
  /** As typed after `lch` or, in a notebook, after `%`. */
  name: N;
  /** One line. */
  summary: string;
  /** More lines for `--help`: what it writes, what it costs, its source. */
  details?: string;
  options: T;
  /** Names of options that may be given without `--name`, in this order (such as `verify NAME`). */
  positional?: readonly (keyof T & string)[];
  examples?: readonly string[];
  /** Does the work. What it returns is the value of the magic, and what `--json` prints unless the context's `report` got something. */
  run(options: OptionValues<T>, context: CommandContext): Promise<R>;
}

/** Keeps the literal types of the name and the option table, so that `run` gets exactly typed options. */
export function defineCommand<const T extends OptionTable, R, const N extends string>(
  command: Command<T, R, N>,
): Command<T, R, N> {
  return command;
}
