import { seededRandom } from '../../src/util/random';

/** Seven tumors m0 … m6 of equally many cells, the first three high: feature 1 is higher by `effect`; tumors differ by `tumorSpread`. */
export function plantTumors(
  options: { cells?: number; effect?: number; tumorSpread?: number; seed?: number } = {},
) {
  const { cells = 60, effect = 1.5, tumorSpread = 0, seed = 1 } = options;
  const random = seededRandom(seed);
  const d = 6;
  const n = 7 * cells;
  const latents = new Float64Array(n * d);
  const labels: boolean[] = [];
  const groups: string[] = [];
  for (let t = 0; t < 7; t++) {
    const shift = Array.from({ length: d }, () => tumorSpread * random.normal());
    for (let i = 0; i < cells; i++) {
      const row = (t * cells + i) * d;
      for (let j = 0; j < d; j++) latents[row + j] = random.normal() + shift[j];
      if (t < 3) latents[row] += effect;
      labels.push(t < 3);
      groups.push(`m${t}`);
    }
  }
  return { latents, n, d, labels, groups };
}
