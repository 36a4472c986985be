/** The direction in descriptor space that a linear score stands for. */
export interface ScorePattern {
  /** [d] the shift of a cell's descriptor that belongs to one standard deviation of score: Σw / √(wᵀΣw). */
  pattern: Float64Array;
  /** Standard deviation of the score over the cells, √(wᵀΣw). */
  scoreSd: number;
}

/**
 * The pattern Σw of a linear filter w: how descriptors move when the score does. Weights alone also cancel nuisance that features
 * share, so shifting cells along them leaves the cells' own distribution (Haufe et al., NeuroImage 87, 2014, equation 6).
 * A cell moved by s × pattern scores s standard deviations higher.
 *
 * @param covariance [d, d] of the descriptors over all cells
 * @param weights [d]
 * @returns zeros when the score does not vary at all
 */
export function ldaPattern(covariance: Float64Array, weights: Float64Array): ScorePattern {
  const d = weights.length;
  const pattern = new Float64Array(d);
  let variance = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) pattern[i] += covariance[i * d + j] * weights[j];
    variance += weights[i] * pattern[i];
  }
  const scoreSd = Math.sqrt(Math.max(0, variance));
  for (let i = 0; i < d; i++) pattern[i] = scoreSd > 0 ? pattern[i] / scoreSd : 0;
  return { pattern, scoreSd };
}
