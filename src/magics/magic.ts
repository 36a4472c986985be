/**
 * What a magic is. One table per magic (name, help, typed options) serves its call, its help, its completion and the documentation, as
 * with the commands of `src/commands`.
 */
import type { OptionTable, OptionValues } from '../commands/command';
import type { KernelServices } from '../kernel/services';
import type { Progress } from '../util/progress';
import type { MagicSyntax } from './scan/magic-syntax';

/** What a magic may use. */
export interface MagicContext {
  kernel: KernelServices;
  progress: Progress;
  /** Writes a line to the cell's output. */
  print(line: string): void;
  settings: MagicSettings;
}

/** What `%progress` and its like have set for the notebook. */
export interface MagicSettings {
  progress: 'on' | 'off';
}

/** A call of a magic. */
export interface MagicCall<T extends OptionTable = OptionTable> {
  /** `%%name`, not `%name`. */
  isCell: boolean;
  options: OptionValues<T>;
  /** The rest of the line, or the cell below it, by the magic's syntax: text, a function, or values. */
  rest: readonly unknown[];
}

export interface MagicSpec<T extends OptionTable = OptionTable> {
  /** Without `%`. */
  name: string;
  kind: MagicSyntax['kind'];
  /** One line. */
  summary: string;
  /** More lines for the help. */
  details?: string;
  /** What follows the name: see {@link MagicSyntax}. Words unless given. */
  argument?: MagicSyntax['argument'];
  body?: MagicSyntax['body'];
  namesResult?: boolean;
  isCommand?: boolean;
  result?: string;
  /**
   * TypeScript signature of the call, for what follows the words. Default: text for magics that take text, no result. `words` stands
   * for the first parameter.
   */
  signature?: { line?: string; cell?: string };
  options: T;
  /** Names of options that may be given without `--name`, in this order. */
  positional?: readonly (keyof T & string)[];
  /** All further words go to the last positional option, separated by blanks. */
  takesRest?: boolean;
  /** One letter for an option: `{ n: 'loops' }`. */
  letters?: Readonly<Record<string, keyof T & string>>;
  examples?: readonly string[];
  /** Completes the words that stand without `--name`. */
  complete?(kernel: KernelServices): readonly string[];
  run(call: MagicCall<T>, context: MagicContext): unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: tables mix magics of different option types
export type AnyMagic = MagicSpec<any>;

/** Keeps the option table's literal types, so that `run` gets exactly typed options. */
export function defineMagic<const T extends OptionTable>(magic: MagicSpec<T>): MagicSpec<T> {
  return magic;
}
