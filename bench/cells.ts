import { seededRandom } from '../src/util/random';

/**
 * Cells like latent descriptors: 24 clouds in 12 factors, mixed into 56 features by a bent map, with noise of each feature's own.
 *
 * @returns [n, 56]
 */
export function latentLikeCells(n: number, seed = 1): Float32Array {
  const d = 56;
  const factors = 12;
  const random = seededRandom(seed);
  const centres = Float64Array.from({ length: 24 * factors }, () => 2.2 * random.normal());
  const mixing = Float64Array.from({ length: factors * d }, () => random.normal() / 3);
  const x = new Float32Array(n * d);
  const low = new Float64Array(factors);
  for (let i = 0; i < n; i++) {
    const cloud = random.integer(24);
    for (let f = 0; f < factors; f++) low[f] = centres[cloud * factors + f] + random.normal();
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let f = 0; f < factors; f++) sum += low[f] * mixing[f * d + j];
      x[i * d + j] = 3 * Math.tanh(sum) + 0.3 * random.normal();
    }
  }
  return x;
}
