/** Tables of descriptors: a crop's metadata followed by z1 … zD. */
import type { ColumnTable } from '../util/arquero';

/**
 * Adds the columns z1 … zD to a table of crops.
 *
 * @param codes [n, dims] row by row, float32
 */
export function latentTable(crops: ColumnTable, codes: Float32Array, dims: number): ColumnTable {
  const n = crops.numRows();
  const columns: Record<string, Float32Array> = {};
  for (let feature = 0; feature < dims; feature++) {
    const column = new Float32Array(n);
    for (let i = 0; i < n; i++) column[i] = codes[i * dims + feature];
    columns[`z${feature + 1}`] = column;
  }
  return crops.assign(columns);
}
