import type { ColumnTable } from '../../util/arquero';
import { DataError } from '../../util/errors';
import { nearestName } from '../../util/nearest-name';

/**
 * What must stay together: a tumor, a day of imaging, a series (one position on one day), the track of one cell through time, or the
 * values of any other column of the table.
 */
export type Unit = 'tumor' | 'day' | 'series' | 'track' | (string & {});

/** Rows by group. */
export interface GroupedRows {
  /** Name of each group, in order of first appearance. */
  names: string[];
  /** Group number of each row. */
  of: Int32Array;
}

/** Columns that tell a unit apart, the first set that a table has. A series number means another position on every day. */
const unitColumns: Record<string, string[][]> = {
  day: [['date'], ['day']],
  series: [['date', 'series'], ['series']],
  track: [['date', 'series', 'track'], ['track'], ['date', 'cell_type', 'series', 'x', 'y', 'start', 'end']],
};

/**
 * Groups the rows of a table by a unit. A track is told by the column track within its day and series, else by what the file names say:
 * day, cell type, series, position, start and end.
 *
 * @throws DataError when the table lacks the columns, or a row has no value there
 * @example
 * groupRows(crops.table, 'day').names; // ['140606', '140617', …]
 */
export function groupRows(table: ColumnTable, unit: Unit): GroupedRows {
  const present = table.columnNames();
  const choices = unitColumns[unit] ?? [[unit]];
  const names = choices.find((set) => set.every((name) => present.includes(name)));
  if (!names) {
    const nearest = nearestName(unit, present);
    throw new DataError(
      `groupRows: the table has no column ${choices.map((set) => set.join(', ')).join(', or ')} to group by ${unit}${nearest ? `; nearest is ${nearest}` : ''} (it has ${present.slice(0, 12).join(', ')})`,
    );
  }
  const columns = names.map((name) => table.array(name) as ArrayLike<unknown>);
  const known = new Map<string, number>();
  const groups: string[] = [];
  const of = new Int32Array(table.numRows());
  for (let row = 0; row < of.length; row++) {
    const parts = columns.map((column, i) => textOf(column[row], names[i], row, unit));
    const key = JSON.stringify(parts); // a joined text could be the same for different parts
    let group = known.get(key);
    if (group === undefined) {
      group = groups.length;
      known.set(key, group);
      groups.push(parts.join(' '));
    }
    of[row] = group;
  }
  return { names: groups, of };
}

function textOf(value: unknown, column: string, row: number, unit: Unit): string {
  const missing = value === null || value === undefined || value === '' || Number.isNaN(value);
  if (missing) {
    throw new DataError(
      `groupRows: row ${row + 1} has no ${column}, so its ${unit} is not known; leave such rows out before splitting`,
    );
  }
  return String(value);
}

/**
 * Groups rows so that none of several units is torn: rows that share any of them, directly or through others, are one group. Named after
 * the values of the first unit.
 */
export function groupRowsByAll(table: ColumnTable, units: readonly Unit[]): GroupedRows {
  const groupings = units.map((unit) => groupRows(table, unit));
  if (groupings.length === 1) return groupings[0];
  const parent = Int32Array.from({ length: table.numRows() }, (_, row) => row);
  const root = (row: number): number => {
    while (parent[row] !== row) {
      parent[row] = parent[parent[row]];
      row = parent[row];
    }
    return row;
  };
  for (const { names, of } of groupings) {
    const first = new Int32Array(names.length).fill(-1);
    of.forEach((group, row) => {
      if (first[group] < 0) first[group] = row;
      else parent[root(row)] = root(first[group]);
    });
  }
  const number = new Map<number, number>();
  const members: Set<string>[] = [];
  const of = parent.map((_, row) => {
    const key = root(row);
    let group = number.get(key);
    if (group === undefined) {
      group = members.length;
      number.set(key, group);
      members.push(new Set());
    }
    members[group].add(groupings[0].names[groupings[0].of[row]]);
    return group;
  });
  return { names: members.map((set) => [...set].join('+')), of };
}
