/**
 * Adds `shift` to every pixel, as brighter or darker lamps would, and keeps the result in 0..1.
 *
 * @param pixels 0..1
 * @param shift in units of the whole range
 * @returns a new picture
 */
export function shiftIllumination(pixels: Float32Array, shift: number): Float32Array {
  return pixels.map((value) => Math.min(1, Math.max(0, value + shift)));
}
