/** Arrays of numbers: how many, from where to where, the first ones. */
import type { MimeBundle } from '../../kernel/services';
import { numberText } from './html';

type TypedArray = Exclude<NodeJS.TypedArray, BigInt64Array | BigUint64Array>;

/** Shorter arrays are shown whole, as text. */
const shortArray = 12;

export function displayNumbers(value: unknown): MimeBundle | null {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return null;
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return null;
  const array = value as TypedArray;
  if (array.length <= shortArray) return null;
  const { min, max, mean, sd, missing } = statistics(array);
  const first = Array.from(array.subarray(0, 8), numberText).join(', ');
  return {
    'text/plain': `${array.constructor.name}(${array.length.toLocaleString('en-US')}): ${first}, …\nfrom ${numberText(min)} to ${numberText(max)}, mean ${numberText(mean)}, standard deviation ${numberText(sd)}${missing > 0 ? `, ${missing} not finite` : ''}`,
  };
}

/** Of the finite values. */
export function statistics(values: ArrayLike<number>): {
  min: number;
  max: number;
  mean: number;
  sd: number;
  missing: number;
} {
  let [min, max, sum, squares, count] = [Infinity, -Infinity, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    count++;
  }
  const mean = sum / count;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) squares += (values[i] - mean) ** 2;
  const none = count === 0;
  return {
    min: none ? Number.NaN : min,
    max: none ? Number.NaN : max,
    mean,
    sd: Math.sqrt(squares / count),
    missing: values.length - count,
  };
}
