import { bell } from './gaussian-mask';

/** A low-pass filter as the reference has it. */
export interface LowPass {
  /** Standard deviation of the Gaussian as a share of the kernel's side; visible effect: granules melt away. */
  sigma: number;
  /** Side of the kernel in pixels, odd. Default 25, as in the reference. */
  kernelSize?: number;
}

/**
 * Blurs a picture with a Gaussian, zeros beyond the border (so edges darken, as in the reference), and stretches the result to 0..1.
 *
 * Cost: 2 × kernelSize multiplications per pixel.
 *
 * @param pixels [height, width] row by row
 * @returns a new picture of the same size; all 0 if it is of one grey
 */
export function lowPass(
  pixels: Float32Array,
  height: number,
  width: number,
  { sigma, kernelSize = 25 }: LowPass,
): Float32Array {
  const blurred = blurSame(pixels, height, width, bell(kernelSize, sigma));
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of blurred) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const range = most - least;
  for (let i = 0; i < blurred.length; i++) blurred[i] = range > 0 ? (blurred[i] - least) / range : 0;
  return blurred;
}

/**
 * Convolves rows, then columns, with one symmetric kernel of odd length; the picture is 0 beyond its border.
 *
 * @returns a new picture of the same size, not normalised
 */
export function blurSame(
  pixels: Float32Array,
  height: number,
  width: number,
  kernel: Float64Array,
): Float32Array {
  const half = kernel.length >> 1;
  const across = new Float64Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      const last = Math.min(kernel.length - 1, width - 1 - x + half);
      for (let k = Math.max(0, half - x); k <= last; k++) sum += kernel[k] * pixels[y * width + x + k - half];
      across[y * width + x] = sum;
    }
  }
  const blurred = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) {
    const first = Math.max(0, half - y);
    const last = Math.min(kernel.length - 1, height - 1 - y + half);
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = first; k <= last; k++) sum += kernel[k] * across[(y + k - half) * width + x];
      blurred[y * width + x] = sum;
    }
  }
  return blurred;
}
