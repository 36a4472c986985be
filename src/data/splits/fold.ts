/** One way to part a table: rows to learn from, rows to judge by. */
export interface Fold {
  /** Such as "m481" (the group left out) or "3 of 5". */
  name: string;
  /** Row numbers, ascending, from 0. */
  train: Int32Array;
  /** Row numbers, ascending; none of them in `train`. */
  test: Int32Array;
}

/** A fold whose training rows are parted again, to choose settings without a look at its test rows. */
export interface NestedFold extends Fold {
  /** Folds of `train`; their row numbers are those of the whole table. */
  inner: Fold[];
}
