/** Which crops training never sees, so that the reconstruction can be measured on them. */
import { seededRandom } from '../util/random';

/**
 * Which of `count` crops a training run with this seed holds out (none below ten crops).
 *
 * @returns their numbers, ascending
 */
export function heldOutCrops(count: number, share: number, seed: number): Int32Array {
  const held = count < 10 ? 0 : Math.max(share > 0 ? 1 : 0, Math.floor(count * share));
  return seededRandom(seed).fork('held-out crops').permutation(count).slice(0, held).sort();
}

/** The other ones. */
export function trainedCrops(count: number, heldOut: Int32Array): Int32Array {
  const held = new Set(heldOut);
  return Int32Array.from({ length: count }, (_, i) => i).filter((i) => !held.has(i));
}
