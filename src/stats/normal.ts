/** Probability that a standard normal value lies below z; relative error below 1e-14. */
export function normalCdf(z: number): number {
  const x = Math.abs(z);
  if (x > 38) return z > 0 ? 1 : 0;
  let tail: number;
  if (x < 3) {
    // power series of the integral from 0 (Abramowitz and Stegun 26.2.11)
    let term = x;
    let sum = x;
    for (let k = 1; Math.abs(term) > 1e-17 * sum; k++) {
      term *= (x * x) / (2 * k + 1);
      sum += term;
    }
    tail = 0.5 - (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
  } else {
    // continued fraction of the tail (26.2.14), from the back
    let fraction = 0;
    for (let k = 120; k >= 1; k--) fraction = k / (x + fraction);
    tail = Math.exp(-0.5 * x * x) / (Math.sqrt(2 * Math.PI) * (x + fraction));
  }
  return z > 0 ? 1 - tail : tail;
}

/**
 * The z below which a standard normal value lies with probability p: −∞ for 0, ∞ for 1. Halving of the bracket gives a start, Newton's
 * steps on {@link normalCdf} the digits.
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN;
  let low = -39;
  let high = 39;
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  let z = (low + high) / 2;
  for (let i = 0; i < 4; i++) {
    const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
    if (density === 0) break;
    z -= (normalCdf(z) - p) / density;
  }
  return z;
}

/** A number with its interval of the given level, such as 0.95. */
export interface Interval {
  low: number;
  high: number;
  level: number;
}
