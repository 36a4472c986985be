/**
 * Multiplies a picture by a bell that is 1 in the middle, so that neighbours at the edge fade: exp(−r²/2(σ·side)²).
 *
 * @param pixels [height, width] row by row
 * @param sigma the bell's standard deviation as a share of the side
 * @returns a new picture of the same size
 */
export function maskGaussian(
  pixels: Float32Array,
  height: number,
  width: number,
  sigma: number,
): Float32Array {
  const across = bell(width, sigma);
  const down = bell(height, sigma);
  const masked = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      masked[y * width + x] = pixels[y * width + x] * across[x] * down[y];
    }
  }
  return masked;
}

/**
 * An unnormalised Gaussian, 1 in the middle. A round Gaussian in two dimensions is the product of two of these.
 *
 * @param sigma standard deviation as a share of `n`
 */
export function bell(n: number, sigma: number): Float64Array {
  const centre = (n - 1) / 2;
  return Float64Array.from({ length: n }, (_, i) => Math.exp(-(((i - centre) / (sigma * n)) ** 2) / 2));
}
