/**
 * Distance of every pixel to the nearest pixel of a set, exact, in pixels (Felzenszwalb and Huttenlocher, Theory of Computing 2012:
 * lower envelope of parabolas, first along columns, then along rows). Cost: a few operations a pixel.
 *
 * @param mask [size · size]; the set is where it is 1
 * @returns [size · size]; 0 inside the set, Infinity everywhere when the set is empty
 */
export function distanceTo(mask: Uint8Array, size: number): Float32Array {
  const far = 1e12; // larger than any squared distance, and finite, so that differences stay numbers
  const squared = new Float64Array(mask.length);
  for (let i = 0; i < mask.length; i++) squared[i] = mask[i] ? 0 : far;
  const line = new Float64Array(size);
  const centres = new Int32Array(size);
  const borders = new Float64Array(size + 1);

  const transform = (start: number, step: number) => {
    for (let i = 0; i < size; i++) line[i] = squared[start + i * step];
    let last = 0;
    centres[0] = 0;
    borders[0] = -Infinity;
    borders[1] = Infinity;
    for (let q = 1; q < size; q++) {
      let meet = intersection(line, centres[last], q);
      while (meet <= borders[last]) {
        last--;
        meet = intersection(line, centres[last], q);
      }
      last++;
      centres[last] = q;
      borders[last] = meet;
      borders[last + 1] = Infinity;
    }
    let k = 0;
    for (let q = 0; q < size; q++) {
      while (borders[k + 1] < q) k++;
      squared[start + q * step] = (q - centres[k]) ** 2 + line[centres[k]];
    }
  };
  for (let x = 0; x < size; x++) transform(x, size);
  for (let y = 0; y < size; y++) transform(y * size, 1);
  const distance = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) distance[i] = squared[i] >= far ? Infinity : Math.sqrt(squared[i]);
  return distance;
}

/** Where the parabolas that stand on `a` and on `b` meet. */
function intersection(heights: Float64Array, a: number, b: number): number {
  return (heights[b] + b * b - (heights[a] + a * a)) / (2 * (b - a));
}
