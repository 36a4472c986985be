import { DataError } from '../util/errors';
import { checkLength, checkNumber } from './matrix';

/** Cells whose predicted probability falls into one bin. */
export interface ReliabilityBin {
  low: number;
  high: number;
  cells: number;
  /** Mean predicted probability; NaN for an empty bin. */
  predicted: number;
  /** Share of positive cells; NaN for an empty bin. */
  observed: number;
}

export interface Calibration {
  bins: ReliabilityBin[];
  /** Mean squared difference between probability and outcome (0 or 1); 0.25 for always saying one half. */
  brier: number;
  /** Brier score of always saying the share of positive cells. */
  brierOfPrevalence: number;
  /** Mean over cells of |predicted − observed| of their bin. */
  expectedError: number;
}

/**
 * How well probabilities match what happens: reliability in equally wide bins and the Brier score.
 *
 * @param probabilities of the positive class, 0 … 1
 * @param labels true (or 1) for the positive class
 * @param bins default 10
 * @throws DataError when there is no cell or a probability lies outside 0 … 1; ShapeError, OptionError
 */
export function calibration(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number | boolean>,
  bins = 10,
): Calibration {
  const n = probabilities.length;
  checkLength('calibration', 'labels', labels, n);
  checkNumber('calibration', 'bins', bins, 1);
  if (n === 0) throw new DataError('calibration needs at least one cell, got none');
  const cells = new Float64Array(bins);
  const predicted = new Float64Array(bins);
  const observed = new Float64Array(bins);
  let brier = 0;
  let positives = 0;
  for (let i = 0; i < n; i++) {
    const p = probabilities[i];
    if (!(p >= 0 && p <= 1)) {
      throw new DataError(
        `calibration needs probabilities from 0 to 1, got ${p} for cell ${i + 1}; turn scores into probabilities with toProbability`,
      );
    }
    const outcome = labels[i] ? 1 : 0;
    const bin = Math.min(bins - 1, Math.floor(p * bins));
    cells[bin]++;
    predicted[bin] += p;
    observed[bin] += outcome;
    positives += outcome;
    brier += (p - outcome) ** 2 / n;
  }
  let expectedError = 0;
  for (let b = 0; b < bins; b++) expectedError += Math.abs(predicted[b] - observed[b]) / n;
  return {
    bins: Array.from(cells, (count, b) => ({
      low: b / bins,
      high: (b + 1) / bins,
      cells: count,
      predicted: predicted[b] / count,
      observed: observed[b] / count,
    })),
    brier,
    brierOfPrevalence: (positives / n) * (1 - positives / n),
    expectedError,
  };
}

/** Probability of the positive class that a score of LDA or logistic regression stands for, 1 / (1 + e^−score). */
export function toProbability(score: number): number {
  return 1 / (1 + Math.exp(-score));
}
