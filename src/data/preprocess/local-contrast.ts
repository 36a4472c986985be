/** Width of the reference's Laplacian as a share of its kernel's side. */
const sigma = 0.1;

/**
 * The reference's local contrast normalisation: convolution with a Laplacian of a Gaussian, (1−q)·exp(−q), zeros beyond the border.
 * Values leave 0..1, on both sides of 0; the autoencoder's reconstruction loss is not made for that.
 *
 * Cost: kernelSize² multiplications per pixel.
 *
 * @param pixels [height, width] row by row
 * @param kernelSize side of the kernel in pixels, odd
 * @returns a new picture of the same size
 */
export function normalizeLocalContrast(
  pixels: Float32Array,
  height: number,
  width: number,
  kernelSize: number,
): Float32Array {
  const kernel = laplacian(kernelSize);
  const half = kernelSize >> 1;
  const result = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, half - y);
    const bottom = Math.min(kernelSize - 1, height - 1 - y + half);
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, half - x);
      const right = Math.min(kernelSize - 1, width - 1 - x + half);
      let sum = 0;
      for (let j = top; j <= bottom; j++) {
        const row = (y + j - half) * width + x - half;
        for (let i = left; i <= right; i++) sum += kernel[j * kernelSize + i] * pixels[row + i];
      }
      result[y * width + x] = sum;
    }
  }
  return result;
}

/** [n, n] row by row, as Torch7's `image.laplacian(n)`. */
export function laplacian(n: number): Float64Array {
  const centre = (n - 1) / 2;
  const squared = (i: number) => ((i - centre) / (sigma * n)) ** 2;
  return Float64Array.from({ length: n * n }, (_, at) => {
    const q = (squared(at % n) + squared(Math.floor(at / n))) / 2;
    return (1 - q) * Math.exp(-q);
  });
}
