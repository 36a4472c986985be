import { DataError, OptionError } from '../util/errors';

/**
 * p values corrected for many tests, in the order given.
 *
 * @param p values from 0 to 1
 * @param method `holm` keeps the chance of any false finding below the level (Holm 1979); `bh` keeps the share of false findings among
 *   the findings below it (Benjamini and Hochberg 1995); `bonferroni` is the plain product
 * @throws DataError for a value outside 0 … 1
 * @example
 * adjustP([0.01, 0.04, 0.03], 'holm'); // [0.03, 0.06, 0.06]
 */
export function adjustP(p: ArrayLike<number>, method: 'holm' | 'bh' | 'bonferroni'): Float64Array {
  const m = p.length;
  for (let i = 0; i < m; i++) {
    if (!(p[i] >= 0 && p[i] <= 1)) throw new DataError(`adjustP needs values from 0 to 1, got ${p[i]}`);
  }
  const adjusted = new Float64Array(m);
  const order = Array.from({ length: m }, (_, i) => i).sort((a, b) => p[a] - p[b]);
  if (method === 'bonferroni') {
    for (let i = 0; i < m; i++) adjusted[i] = Math.min(1, m * p[i]);
  } else if (method === 'holm') {
    let largest = 0;
    order.forEach((i, rank) => {
      largest = Math.max(largest, (m - rank) * p[i]);
      adjusted[i] = Math.min(1, largest);
    });
  } else if (method === 'bh') {
    let smallest = 1;
    for (let rank = m; rank >= 1; rank--) {
      const i = order[rank - 1];
      smallest = Math.min(smallest, (m / rank) * p[i]);
      adjusted[i] = smallest;
    }
  } else throw new OptionError(`adjustP: unknown method "${String(method)}"; use holm, bh or bonferroni`);
  return adjusted;
}
