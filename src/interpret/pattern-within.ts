import { type Classifier, rawWeights } from '../classify/classifier';
import { ldaPattern } from '../stats/lda-pattern';
import { checkLength, checkMatrix, type FloatArray } from '../stats/matrix';
import { momentsOf } from '../stats/moments';
import { DataError } from '../util/errors';
import { rowsByName } from '../util/rows-by-name';

/**
 * The same classifier with a pattern Σw whose covariance Σ is pooled inside batches (days of imaging): how cells of one day differ when their score differs.
 *
 * Over all cells, days that show more high than low tumors tie the day's lamp to the score, and the pattern dims the background along with showing the
 * hallmarks. A shift of 1 raises the score by one standard deviation over all training cells, as before.
 *
 * @param latents [n, d] descriptors, such as those that the classifier was trained on
 * @param batches [n] the day of each cell
 * @throws DataError when every batch has a single cell, or the score does not vary inside them; ShapeError
 * @example
 * const { images } = await amplifyCells(model, codes, patternWithin(classifier, latents, n, days), { shifts });
 */
export function patternWithin(
  classifier: Classifier,
  latents: FloatArray,
  n: number,
  batches: ArrayLike<string | number>,
): Classifier {
  const d = classifier.features;
  checkMatrix('patternWithin', latents, n, d);
  checkLength('patternWithin', 'batches', batches, n);
  const rowsOf = rowsByName(Array.from(batches, String));
  const covariance = new Float64Array(d * d);
  const freedom = Math.max(1, n - rowsOf.size);
  for (const rows of rowsOf.values()) {
    const { scatter } = momentsOf(latents, d, rows);
    for (let k = 0; k < covariance.length; k++) covariance[k] += scatter[k] / freedom;
  }
  const { pattern, scoreSd } = ldaPattern(covariance, rawWeights(classifier).weights);
  if (!(scoreSd > 0)) {
    throw new DataError(
      `patternWithin needs batches inside which the score varies, got ${rowsOf.size} batches of ${n} cells; give the day of imaging`,
    );
  }
  // √(wᵀΣw) inside the batches becomes the score's standard deviation over all cells
  return { ...classifier, pattern: Array.from(pattern, (step) => (step * classifier.scoreSd) / scoreSd) };
}
