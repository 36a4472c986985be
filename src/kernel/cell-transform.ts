/**
 * Source-to-source rewriting of a cell before TypeScript sees it (magics), with offsets kept so that completion, inspection and error
 * positions can be mapped both ways.
 */

/** Replaces `source.slice(start, end)` by `text`. Offsets are UTF-16 units in the cell as typed; edits are sorted and disjoint. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** A cell as TypeScript gets it. */
export interface TransformedCell {
  /** The rewritten source: TypeScript. It has as many lines as the cell as typed. */
  code: string;
  /** How it was made from the cell as typed. */
  edits: readonly Edit[];
}

/** Rewrites a cell. Must not throw: what it cannot understand it leaves as typed. */
export type CellTransform = (source: string) => TransformedCell;
