/**
 * The value below which a share p of ascending values lies, interpolated between neighbours (definition 7 of Hyndman and Fan, the default
 * of NumPy and R); NaN for no values.
 */
export function quantile(ascending: ArrayLike<number>, p: number): number {
  const at = p * (ascending.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, ascending.length - 1);
  return ascending.length === 0
    ? Number.NaN
    : ascending[low] + (at - low) * (ascending[high] - ascending[low]);
}

/** The median of values in any order. */
export function median(values: ArrayLike<number>): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}
