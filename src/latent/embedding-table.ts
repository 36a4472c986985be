/** Tables of maps: a crop's path and its coordinates. */
import { type ColumnTable, loadArquero } from '../util/arquero';

/** path and coordinates. @param points [n, names.length] row by row */
export async function embeddingTable(
  paths: string[],
  points: ArrayLike<number>,
  names: string[],
): Promise<ColumnTable> {
  const { table } = await loadArquero();
  const k = names.length;
  const columns = names.map((name, j): [string, Float64Array] => [
    name,
    Float64Array.from({ length: paths.length }, (_, i) => points[i * k + j]),
  ]);
  return table({ path: paths, ...Object.fromEntries(columns) });
}
