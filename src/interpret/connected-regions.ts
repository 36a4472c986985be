/**
 * Regions of touching pixels.
 *
 * @param mask [size · size]
 * @param diagonals whether pixels that meet at a corner touch
 * @returns label of each pixel from 1 on, 0 where the mask is 0; and the number of regions
 */
export function connectedRegions(
  mask: Uint8Array,
  size: number,
  diagonals: boolean,
): { labels: Int32Array; count: number } {
  const labels = new Int32Array(size * size);
  const stack: number[] = [];
  let count = 0;
  for (let seed = 0; seed < mask.length; seed++) {
    if (!mask[seed] || labels[seed]) continue;
    count++;
    labels[seed] = count;
    stack.push(seed);
    while (stack.length > 0) {
      const at = stack.pop() as number;
      const x = at % size;
      const y = (at - x) / size;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          if (!diagonals && dx !== 0 && dy !== 0) continue;
          const [u, v] = [x + dx, y + dy];
          if (u < 0 || v < 0 || u >= size || v >= size) continue;
          const next = v * size + u;
          if (mask[next] && !labels[next]) {
            labels[next] = count;
            stack.push(next);
          }
        }
      }
    }
  }
  return { labels, count };
}
