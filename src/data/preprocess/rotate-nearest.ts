/**
 * Turns a picture about its middle, taking the nearest pixel, as Torch7's `image.rotate(…, 'simple')` does. What comes from outside is 0.
 *
 * @param pixels [height, width] row by row
 * @param angle radians, counter-clockwise as seen on a screen
 * @returns a new picture of the same size
 */
export function rotateNearest(
  pixels: Float32Array,
  height: number,
  width: number,
  angle: number,
): Float32Array {
  const turned = new Float32Array(pixels.length);
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = roundHalfAway(cos * (x - centreX) - sin * (y - centreY) + centreX);
      const fromY = roundHalfAway(cos * (y - centreY) + sin * (x - centreX) + centreY);
      if (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height) {
        turned[y * width + x] = pixels[fromY * width + fromX];
      }
    }
  }
  return turned;
}

/** As C's round(): halves go away from 0, so that −0.5 is outside the picture. */
function roundHalfAway(value: number): number {
  return value < 0 ? -Math.floor(0.5 - value) : Math.floor(value + 0.5);
}
