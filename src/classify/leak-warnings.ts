import type { FloatArray } from '../stats/matrix';

/**
 * Reasons to believe that a left-out fold is not independent of its training cells: units (day, track, …) that lie in several folds,
 * and descriptors that occur in several folds to the last digit.
 *
 * @param x [n, d] descriptors
 * @param fold [n] fold of each cell
 * @param units values of each unit per cell, by its name
 * @returns one sentence per finding; empty when there is none
 */
export function leakWarnings(
  x: FloatArray,
  d: number,
  fold: Int32Array,
  units: Record<string, ArrayLike<string | number>> = {},
): string[] {
  const warnings: string[] = [];
  for (const [name, values] of Object.entries(units)) {
    const foldOf = new Map<string | number, number>();
    const shared = new Set<string | number>();
    for (let i = 0; i < fold.length; i++) {
      const first = foldOf.get(values[i]);
      if (first === undefined) foldOf.set(values[i], fold[i]);
      else if (first !== fold[i]) shared.add(values[i]);
    }
    if (shared.size > 0) {
      const some = [...shared].slice(0, 3).join(', ');
      warnings.push(
        `leak: ${shared.size} of ${foldOf.size} values of ${name} (${some}${shared.size > 3 ? ', …' : ''}) have cells in training and in test; the AUC may be too high, leave out by ${name} as well`,
      );
    }
  }
  const repeated = repeatedAcrossFolds(x, d, fold);
  if (repeated > 0) {
    warnings.push(
      `leak: ${repeated} cells have the same descriptor as a cell of another group; duplicated cells in training and test raise the AUC, remove them`,
    );
  }
  return warnings;
}

/** Cells whose whole descriptor occurred before in another fold. */
function repeatedAcrossFolds(x: FloatArray, d: number, fold: Int32Array): number {
  const bits = new Int32Array(x.buffer, x.byteOffset, x.byteLength / 4);
  const words = (d * x.BYTES_PER_ELEMENT) / 4;
  const seen = new Map<number, number>();
  let repeated = 0;
  for (let i = 0; i < fold.length; i++) {
    let hash = 0x811c9dc5;
    for (let w = i * words; w < (i + 1) * words; w++) {
      hash = Math.imul(hash ^ bits[w], 0x01000193);
      hash ^= hash >>> 15;
    }
    const first = seen.get(hash);
    if (first === undefined) seen.set(hash, i);
    else if (fold[first] !== fold[i] && sameRow(x, d, first, i)) repeated++;
  }
  return repeated;
}

function sameRow(x: FloatArray, d: number, p: number, q: number): boolean {
  for (let j = 0; j < d; j++) if (x[p * d + j] !== x[q * d + j]) return false;
  return true;
}
