import { DataError } from '../util/errors';
import { choleskyFactor, choleskySolve } from './cholesky';
import { checkLength, checkMatrix, checkNumber, type FloatArray } from './matrix';

export interface LogisticOptions {
  /**
   * Ridge penalty: ½ × penalty × |w|² is added to the summed loss; the intercept is free. Larger means smaller weights. Default 1
   * (scikit-learn's C = 1 / penalty).
   */
  penalty?: number;
  /** `balanced` weights cells so that both classes count the same (equal priors); `none` (default) counts cells. */
  classWeight?: 'none' | 'balanced';
}

/** A fitted logistic regression of class 1 against class 0. */
export interface Logistic {
  d: number;
  /** [d] */
  weights: Float64Array;
  /** [1] */
  intercept: Float64Array;
  /** Newton steps taken. */
  iterations: number;
}

/**
 * Ridge logistic regression of two classes by Newton's method with step halving; the optimum is unique, gradients end below 1e-10 of
 * their start. Features should be standardised. Cost: about 8 × n × d² operations.
 *
 * @param x [n, d] cells
 * @param labels true or 1 for class 1
 * @throws DataError when a class has no cell or the penalty is 0 and the classes can be separated; ShapeError, OptionError
 */
export function fitLogistic(
  x: FloatArray,
  n: number,
  d: number,
  labels: ArrayLike<number | boolean>,
  options: LogisticOptions = {},
): Logistic {
  const { penalty = 1, classWeight = 'none' } = options;
  checkMatrix('fitLogistic', x, n, d);
  checkLength('fitLogistic', 'labels', labels, n);
  checkNumber('fitLogistic', 'penalty', penalty, 0);
  let positives = 0;
  for (let i = 0; i < n; i++) if (labels[i]) positives++;
  if (positives === 0 || positives === n) {
    throw new DataError(
      `fitLogistic needs cells of two classes, got ${positives} of class 1 and ${n - positives} of class 0`,
    );
  }
  const balanced = classWeight === 'balanced';
  const weightOf = [balanced ? n / (2 * (n - positives)) : 1, balanced ? n / (2 * positives) : 1];

  const size = d + 1; // the intercept is the last coefficient
  let beta = new Float64Array(size);
  let loss = lossAt(beta);
  let start = 0;
  for (let iteration = 1; iteration <= 100; iteration++) {
    const { gradient, hessian } = derivatives(beta);
    let steepest = 0;
    for (const value of gradient) steepest = Math.max(steepest, Math.abs(value));
    if (iteration === 1) start = steepest;
    if (steepest <= 1e-10 * Math.max(start, 1)) return result(iteration - 1);
    const lower = choleskyFactor(hessian, size);
    if (!lower) break;
    const step = choleskySolve(lower, size, gradient);
    let better = false;
    for (let length = 1; length > 1e-10; length /= 2) {
      const next = beta.map((value, j) => value - length * step[j]);
      const nextLoss = lossAt(next);
      if (nextLoss <= loss) {
        better = nextLoss < loss;
        beta = next;
        loss = nextLoss;
        break;
      }
    }
    if (!better) return result(iteration); // at the limit of double precision
  }
  throw noOptimum();

  function noOptimum(): DataError {
    return new DataError(
      'fitLogistic: the classes can be separated or features depend on each other, so no unpenalised optimum exists; set penalty to 1',
    );
  }

  function result(iterations: number): Logistic {
    const separated = () => {
      for (let i = 0; i < n; i++) if (linear(beta, i) > 0 !== Boolean(labels[i])) return false;
      return true;
    };
    if (penalty === 0 && separated()) throw noOptimum(); // weights would grow for ever
    return { d, weights: beta.slice(0, d), intercept: beta.slice(d), iterations };
  }

  function linear(coefficients: Float64Array, i: number): number {
    let sum = coefficients[d];
    for (let j = 0; j < d; j++) sum += coefficients[j] * x[i * d + j];
    return sum;
  }

  function lossAt(coefficients: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const margin = labels[i] ? linear(coefficients, i) : -linear(coefficients, i);
      // log(1 + e^−m) without overflow
      const term = margin > 0 ? Math.log1p(Math.exp(-margin)) : -margin + Math.log1p(Math.exp(margin));
      sum += weightOf[labels[i] ? 1 : 0] * term;
    }
    for (let j = 0; j < d; j++) sum += 0.5 * penalty * coefficients[j] ** 2;
    return sum;
  }

  function derivatives(coefficients: Float64Array) {
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    const row = new Float64Array(size).fill(1);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) row[j] = x[i * d + j];
      const chance = 1 / (1 + Math.exp(-linear(coefficients, i)));
      const weight = weightOf[labels[i] ? 1 : 0];
      const error = weight * (chance - (labels[i] ? 1 : 0));
      const curvature = weight * chance * (1 - chance);
      for (let j = 0; j < size; j++) {
        gradient[j] += error * row[j];
        const scaled = curvature * row[j];
        for (let k = 0; k <= j; k++) hessian[j * size + k] += scaled * row[k];
      }
    }
    for (let j = 0; j < d; j++) {
      gradient[j] += penalty * coefficients[j];
      hessian[j * size + j] += penalty;
    }
    for (let j = 0; j < size; j++) for (let k = 0; k < j; k++) hessian[k * size + j] = hessian[j * size + k];
    return { gradient, hessian };
  }
}
