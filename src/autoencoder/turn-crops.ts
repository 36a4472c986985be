/** Augmentation without interpolation: the eight ways to lay a square picture on itself. */
import type { Random } from '../util/random';

/**
 * Turns every crop by a random multiple of 90° and mirrors every other one, in place. No pixel's value changes, only its position.
 *
 * @param images [n, size, size, 1] row by row
 */
export function turnCrops(images: Float32Array, size: number, random: Random): void {
  const pixels = size * size;
  const source = new Float32Array(pixels);
  const last = size - 1;
  for (let start = 0; start < images.length; start += pixels) {
    const symmetry = random.integer(8);
    if (symmetry === 0) continue;
    const crop = images.subarray(start, start + pixels);
    source.set(crop);
    const swapped = (symmetry & 1) !== 0;
    const flippedX = (symmetry & 2) !== 0;
    const flippedY = (symmetry & 4) !== 0;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const fromY = flippedY ? last - y : y;
        const fromX = flippedX ? last - x : x;
        crop[y * size + x] = swapped ? source[fromX * size + fromY] : source[fromY * size + fromX];
      }
    }
  }
}
