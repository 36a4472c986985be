/**
 * Mirrors a picture left to right.
 *
 * @param pixels [height, width] row by row
 * @returns a new picture of the same size
 */
export function flipLeftRight(pixels: Float32Array, width: number): Float32Array {
  const flipped = new Float32Array(pixels.length);
  for (let row = 0; row < pixels.length; row += width) {
    for (let x = 0; x < width; x++) flipped[row + x] = pixels[row + width - 1 - x];
  }
  return flipped;
}
