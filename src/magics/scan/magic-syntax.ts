/** How a magic is written: what stands behind its name, and what a cell magic does with the rest of the cell. */

/** What the scanner has to know of a magic. */
export interface MagicSyntax {
  kind: 'line' | 'cell' | 'both';
  /**
   * What follows the name in its line:
   * words: options and words, with `{expression}`;
   * text: the rest of the line as it is;
   * value: words, then TypeScript whose value the magic gets;
   * function: words, then TypeScript that the magic may run again and again.
   */
  argument: 'words' | 'text' | 'value' | 'function';
  /**
   * What a cell magic does with the lines below it:
   * text: gets them as text;
   * code: they stay part of the cell;
   * function: gets them as a function;
   * expression: gets the value of the one expression that they are.
   */
  body?: 'text' | 'code' | 'function' | 'expression';
  /** As a cell magic, its first word names a variable that takes the result. */
  namesResult?: boolean;
  /** A command of the library, called by its name. */
  isCommand?: boolean;
  /** TypeScript type of the result, for magics whose types would be costly to load in every cell. */
  result?: string;
  /** TypeScript type that `{expression}` must have, by option name; true for a switch. */
  optionTypes: Readonly<Record<string, string | true>>;
  /** One letter for an option: `{ n: 'loops' }`. */
  letters?: Readonly<Record<string, string>>;
  /** Options that words without `--name` stand for, in order. */
  positional: readonly string[];
}

/** What the scanner asks about the notebook. */
export interface Notebook {
  /** Magics by name, without `%`. */
  magics: ReadonlyMap<string, MagicSyntax>;
  /** Whether a name means something in TypeScript here: a variable of an earlier cell, or a global name. */
  isVariable(name: string): boolean;
}

/** Half-open range in UTF-16 units of the cell as typed. */
export interface Range {
  start: number;
  end: number;
}
