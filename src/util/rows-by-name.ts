/** Numbers of the rows of each name, in their order; names in the order in which they come. */
export function rowsByName<Name>(names: ArrayLike<Name>): Map<Name, number[]> {
  const rowsOf = new Map<Name, number[]>();
  for (let i = 0; i < names.length; i++) {
    const rows = rowsOf.get(names[i]);
    if (rows) rows.push(i);
    else rowsOf.set(names[i], [i]);
  }
  return rowsOf;
}
