/**
 * Gaussian blur of a square image, the edge pixels repeated outwards; the kernel reaches to three standard deviations.
 *
 * @param image [size · size]
 * @param sd of the Gaussian in pixels; 0 copies
 * @returns [size · size]
 */
export function gaussianBlur(image: Float32Array, size: number, sd: number): Float32Array {
  if (!(sd > 0)) return image.slice();
  const reach = Math.max(1, Math.ceil(3 * sd));
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / sd) ** 2),
  );
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  const clamp = (at: number) => Math.max(0, Math.min(size - 1, at));

  const across = new Float32Array(size * size);
  const both = new Float32Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) sum += kernel[k + reach] * image[y * size + clamp(x + k)];
      across[y * size + x] = sum / total;
    }
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) sum += kernel[k + reach] * across[clamp(y + k) * size + x];
      both[y * size + x] = sum / total;
    }
  }
  return both;
}
