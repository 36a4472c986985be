import { type Classifier, scoreCells } from '../classify/classifier';
import type { CellRange } from './cell-range';

/** The nearest descriptor on the other side of the decision line. */
export interface Counterfactual {
  /** [d] */
  code: Float32Array;
  /** Shift along the classifier's pattern in standard deviations of the score; its sign is the way to go. */
  shift: number;
  scoreBefore: number;
  /** Just beyond 0, on the other side. */
  scoreAfter: number;
  /** Whether it is still like real cells; null when no range was given. */
  withinRange: boolean | null;
}

/** How far beyond the line, in standard deviations of the score. */
const beyond = 0.05;

/**
 * The smallest change of a cell that makes the classifier change its mind. Distance is measured by the cells' own covariance (Mahalanobis), so that the
 * change is one that cells make: the shortest way to a linear decision line then runs along the pattern Σw.
 *
 * @param code [d] descriptor
 * @param range of real cells, to say whether the result is one
 */
export function counterfactual(
  code: Float32Array,
  classifier: Classifier,
  range?: CellRange,
): Counterfactual {
  const [scoreBefore] = scoreCells(classifier, code, 1);
  const { pattern } = classifier;
  // what one unit of shift adds to the score
  const [raised] = scoreCells(
    classifier,
    code.map((value, j) => value + pattern[j]),
    1,
  );
  const perShift = raised - scoreBefore;
  const side = scoreBefore > 0 ? -1 : 1;
  const shift = perShift === 0 ? 0 : -scoreBefore / perShift + side * beyond;
  const shifted = code.map((value, j) => value + shift * pattern[j]);
  return {
    code: shifted,
    shift,
    scoreBefore,
    scoreAfter: scoreCells(classifier, shifted, 1)[0],
    withinRange: range ? range.distance(shifted) <= range.limit : null,
  };
}
