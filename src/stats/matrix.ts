/**
 * How the statistics see data: row-major typed arrays with their sizes beside them, one row per cell, one column per feature.
 */
import { DataError, OptionError, ShapeError } from '../util/errors';

/** Numbers of single or double precision; sums are always kept in double precision. */
export type FloatArray = Float64Array | Float32Array;

/**
 * Checks that `x` holds `n × d` finite numbers.
 *
 * @param who name of the calling function, the first word of the message
 * @throws ShapeError when the length is not n × d; DataError naming the first cell and feature that is NaN or infinite
 */
export function checkMatrix(who: string, x: FloatArray, n: number, d: number): void {
  if (!Number.isInteger(n) || !Number.isInteger(d) || n < 1 || d < 1 || x.length !== n * d) {
    throw new ShapeError(
      `${who} needs a matrix of n × d = ${n} × ${d} numbers, both at least 1, got ${x.length}; pass n cells row after row`,
    );
  }
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i])) {
      throw new DataError(
        `${who}: cell ${Math.floor(i / d) + 1} has ${x[i]} in feature ${(i % d) + 1}; leave such cells out first`,
      );
    }
  }
}

/**
 * Checks that there is one entry per cell.
 *
 * @throws ShapeError when `values.length` is not n
 */
export function checkLength(who: string, what: string, values: ArrayLike<unknown>, n: number): void {
  if (values.length !== n) {
    throw new ShapeError(`${who} needs one of ${what} per cell, ${n} in all, got ${values.length}`);
  }
}

/**
 * Checks an option that must be a number within bounds.
 *
 * @throws OptionError when it is not
 */
export function checkNumber(who: string, name: string, value: number, min: number, max = Infinity): void {
  if (!(value >= min && value <= max)) {
    const range = max === Infinity ? `at least ${min}` : `between ${min} and ${max}`;
    throw new OptionError(`${who}: ${name} must be ${range}, got ${value}`);
  }
}

/** The chosen rows of a matrix, in their order: [rows.length, d]. */
export function takeRows(x: FloatArray, d: number, rows: ArrayLike<number>): Float64Array {
  const taken = new Float64Array(rows.length * d);
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] * d;
    for (let j = 0; j < d; j++) taken[i * d + j] = x[from + j];
  }
  return taken;
}
