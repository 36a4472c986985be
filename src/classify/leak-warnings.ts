import type { FloatArray } from '../stats/matrix';
import type { GroupedCells } from './grouped-cells';

/**
 * Reasons to believe that what is scored is not independent of what it was trained on: units (day, track, …) with cells on both sides,
 * and descriptors that occur on both sides to the last digit.
 *
 * @param x [n, d] descriptors
 * @param cells the same, sorted into parts
 * @param units values of each unit per cell, by its name
 * @returns one sentence per finding; empty when there is none
 */
export function leakWarnings(
  x: FloatArray,
  cells: GroupedCells,
  units: Record<string, ArrayLike<string | number>> = {},
): string[] {
  const part = new Int32Array(cells.truth.length);
  cells.parts.forEach(({ rows }, p) => {
    for (const members of rows) for (const i of members) part[i] = p;
  });
  const trainsOn = cells.parts.map(({ training }) => new Set(training));
  const warnings: string[] = [];
  for (const [name, values] of Object.entries(units)) {
    const partsOf = new Map<string | number, Set<number>>();
    for (let i = 0; i < part.length; i++) {
      const parts = partsOf.get(values[i]);
      if (parts) parts.add(part[i]);
      else partsOf.set(values[i], new Set([part[i]]));
    }
    const shared = [...partsOf]
      .filter(([, parts]) => [...parts].some((p) => [...parts].some((q) => trainsOn[p].has(q))))
      .map(([value]) => value);
    if (shared.length > 0) {
      const some = shared.slice(0, 3).join(', ') + (shared.length > 3 ? ', …' : '');
      warnings.push(
        `leak: ${shared.length} of ${partsOf.size} values of ${name} (${some}) have cells in training and in test; the AUC may be too high, leave out by ${name} as well`,
      );
    }
  }
  const repeated = repeatedAcross(x, cells.d, part, trainsOn);
  if (repeated > 0) {
    warnings.push(
      `leak: ${repeated} ${repeated === 1 ? 'cell has' : 'cells have'} the same descriptor as a cell of another group; duplicated cells in training and test raise the AUC, remove them`,
    );
  }
  return warnings;
}

/** Cells whose whole descriptor occurred before in a part that theirs is trained on. */
function repeatedAcross(x: FloatArray, d: number, part: Int32Array, trainsOn: Set<number>[]): number {
  const bits = new Int32Array(x.buffer, x.byteOffset, x.byteLength / 4);
  const words = (d * x.BYTES_PER_ELEMENT) / 4;
  const seen = new Map<number, number>();
  let repeated = 0;
  for (let i = 0; i < part.length; i++) {
    let hash = 0x811c9dc5;
    for (let w = i * words; w < (i + 1) * words; w++) {
      hash = Math.imul(hash ^ bits[w], 0x01000193);
      hash ^= hash >>> 15;
    }
    const first = seen.get(hash);
    if (first === undefined) seen.set(hash, i);
    else if (trainsOn[part[i]].has(part[first]) && sameRow(x, d, first, i)) repeated++;
  }
  return repeated;
}

function sameRow(x: FloatArray, d: number, p: number, q: number): boolean {
  for (let j = 0; j < d; j++) if (x[p * d + j] !== x[q * d + j]) return false;
  return true;
}
