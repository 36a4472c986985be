/** Splits that keep groups whole: k-fold, one group out at a time, one part held out, and nested ones. */
import type { ColumnTable } from '../../util/arquero';
import { OptionError } from '../../util/errors';
import type { Random } from '../../util/random';
import type { Fold, NestedFold } from './fold';
import { type GroupedRows, groupRows, groupRowsByAll, type Unit } from './group-rows';

export interface SplitOptions {
  /** What must never stand on both sides; several are all kept whole. */
  by: Unit | readonly Unit[];
  /** Column whose values every fold shall have in nearly the same shares, such as metastatic_efficiency. Default: none. */
  stratify?: string;
}

export interface KFoldOptions extends SplitOptions {
  /** Number of parts, at least 2. */
  folds: number;
  /** Decides which of equally good folds a group goes to. */
  random: Random;
}

/**
 * Parts a table into k folds; every row is tested exactly once, no group is torn, the folds' sizes (and classes, with `stratify`) are as
 * even as the groups allow: the largest groups are placed first, each where its classes are rarest so far.
 *
 * @throws OptionError when there are fewer groups than folds; DataError for missing columns or values
 * @example
 * const folds = groupedKFold(crops.table, { by: 'track', stratify: 'tumor', folds: 5, random: seededRandom(7) });
 */
export function groupedKFold(table: ColumnTable, options: KFoldOptions): Fold[] {
  return kFoldCore(allRows(table), grouping(table, options.by), classesOf(table, options.stratify), options);
}

/**
 * Leaves out one group after the other, as the study does with tumors and with days.
 *
 * @returns one fold per group, named after it
 * @throws OptionError when there is only one group; DataError for missing columns or values
 */
export function leaveOneGroupOut(table: ColumnTable, { by }: Pick<SplitOptions, 'by'>): Fold[] {
  return leaveOneOutCore(allRows(table), grouping(table, by), by);
}

/**
 * Holds out about `testShare` of the rows.
 *
 * @param options.testShare in 0..1; reached as nearly as whole groups allow, at least one group on either side
 * @throws OptionError, DataError as {@link groupedKFold}
 */
export function holdOut(
  table: ColumnTable,
  options: SplitOptions & { testShare: number; random: Random },
): Fold {
  const { testShare, random, by } = options;
  if (!(testShare > 0 && testShare < 1)) {
    throw new OptionError(`holdOut: testShare must be between 0 and 1, got ${testShare}`);
  }
  const rows = allRows(table);
  const groups = grouping(table, by);
  requireGroups('holdOut', groups.names.length, 2, by);
  const classes = classesOf(table, options.stratify);
  // as two uneven folds: each side's shares are counted in units of what it should get
  const inFold = assign(rows, groups, classes, [testShare, 1 - testShare], random);
  return foldOf('held out', rows, (row) => inFold[groups.of[row]] === 0);
}

/**
 * Folds within folds: the outer ones judge, the inner ones part the outer training rows again to choose settings.
 *
 * @param options.outer number of outer folds, or 'leave-one-out' to leave out one group after the other
 * @param options.inner the same for the inner folds
 * @throws OptionError, DataError as {@link groupedKFold}
 */
export function nestedFolds(
  table: ColumnTable,
  options: SplitOptions & {
    outer: number | 'leave-one-out';
    inner: number | 'leave-one-out';
    random: Random;
  },
): NestedFold[] {
  const { by, stratify, outer, inner, random } = options;
  const groups = grouping(table, by);
  const classes = classesOf(table, stratify);
  const part = (rows: Int32Array, how: number | 'leave-one-out', stream: Random) =>
    how === 'leave-one-out'
      ? leaveOneOutCore(rows, groups, by)
      : kFoldCore(rows, groups, classes, { by, folds: how, random: stream });
  return part(allRows(table), outer, random.fork('outer')).map((fold, i) => ({
    ...fold,
    inner: part(fold.train, inner, random.fork(`inner/${i}`)),
  }));
}

function kFoldCore(
  rows: Int32Array,
  groups: GroupedRows,
  classes: GroupedRows | undefined,
  { by, folds, random }: Pick<KFoldOptions, 'by' | 'folds' | 'random'>,
): Fold[] {
  if (!Number.isInteger(folds) || folds < 2) {
    throw new OptionError(`groupedKFold: folds must be a whole number of at least 2, got ${folds}`);
  }
  requireGroups('groupedKFold', new Set(rows.map((row) => groups.of[row])).size, folds, by);
  const inFold = assign(rows, groups, classes, new Array<number>(folds).fill(1 / folds), random);
  return Array.from({ length: folds }, (_, k) =>
    foldOf(`${k + 1} of ${folds}`, rows, (row) => inFold[groups.of[row]] === k),
  );
}

function leaveOneOutCore(rows: Int32Array, groups: GroupedRows, by: SplitOptions['by']): Fold[] {
  const present = [...new Set(rows.map((row) => groups.of[row]))].sort((a, b) => a - b);
  requireGroups('leaveOneGroupOut', present.length, 2, by);
  return present.map((group) => foldOf(groups.names[group], rows, (row) => groups.of[row] === group));
}

/**
 * The fold of every group: largest first, each to the fold that has the least of the group's classes so far, measured against the fold's
 * share. (The summed squares of class shares, which this keeps small step by step, are least when all folds are alike; the same aim as
 * scikit-learn's StratifiedGroupKFold.)
 */
function assign(
  rows: Int32Array,
  groups: GroupedRows,
  classes: GroupedRows | undefined,
  shares: readonly number[],
  random: Random,
): Int32Array {
  const classCount = classes?.names.length ?? 1;
  const totals = new Float64Array(classCount);
  const sizes = new Float64Array(groups.names.length);
  const counts = new Float64Array(groups.names.length * classCount);
  for (const row of rows) {
    const kind = classes?.of[row] ?? 0;
    totals[kind]++;
    sizes[groups.of[row]]++;
    counts[groups.of[row] * classCount + kind]++;
  }
  const present = Array.from(sizes.keys()).filter((group) => sizes[group] > 0);
  const order = random.shuffle(present).sort((a, b) => sizes[b] - sizes[a]);
  const filled = shares.map(() => new Float64Array(classCount)); // share of each class that is in the fold
  const held = new Int32Array(shares.length);
  const inFold = new Int32Array(groups.names.length).fill(-1);
  order.forEach((group, placed) => {
    const empty = held.filter((n) => n === 0).length;
    const mustFill = order.length - placed <= empty; // the last groups go where there is none yet
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    shares.forEach((share, k) => {
      if (mustFill && held[k] > 0) return;
      let load = 0;
      for (let kind = 0; kind < classCount; kind++) {
        if (totals[kind] === 0) continue;
        const added = counts[group * classCount + kind] / totals[kind];
        load += (added * (filled[k][kind] + added / 2)) / share;
      }
      if (load < least) {
        least = load;
        best = k;
      }
    });
    inFold[group] = best;
    held[best]++;
    for (let kind = 0; kind < classCount; kind++) {
      if (totals[kind] > 0) filled[best][kind] += counts[group * classCount + kind] / totals[kind];
    }
  });
  return inFold;
}

function foldOf(name: string, rows: Int32Array, tested: (row: number) => boolean): Fold {
  return { name, train: rows.filter((row) => !tested(row)), test: rows.filter(tested) };
}

function requireGroups(who: string, found: number, needed: number, by: SplitOptions['by']): void {
  if (found >= needed) return;
  const units = ([] as Unit[]).concat(by).join(' and ');
  throw new OptionError(
    `${who}: needs at least ${needed} groups by ${units}, got ${found}; use fewer folds or split by a smaller unit`,
  );
}

function allRows(table: ColumnTable): Int32Array {
  return Int32Array.from({ length: table.numRows() }, (_, row) => row);
}

function grouping(table: ColumnTable, by: SplitOptions['by']): GroupedRows {
  return groupRowsByAll(table, ([] as Unit[]).concat(by));
}

function classesOf(table: ColumnTable, stratify: string | undefined): GroupedRows | undefined {
  return stratify === undefined ? undefined : groupRows(table, stratify);
}
