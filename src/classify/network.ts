import { checkLength, checkMatrix, checkNumber, type FloatArray } from '../stats/matrix';
import { momentsOf, scaleOf } from '../stats/moments';
import { breather } from '../util/breather';
import { DataError } from '../util/errors';
import type { Random } from '../util/random';

export interface NetworkOptions {
  /** Hidden units. Default 32. */
  hidden?: number;
  /** Passes over the cells. Default 30. */
  epochs?: number;
  /** Cells per step. Default 64. */
  batch?: number;
  /** Of Adam. Default 0.003. */
  learningRate?: number;
  /** Pulls weights towards 0, per step and relative to the learning rate. Default 0.01. */
  weightDecay?: number;
  random: Random;
  signal?: AbortSignal;
}

/**
 * A small network (standardised descriptor → hidden units with tanh → one score) trained with Adam on the logistic loss, both classes
 * weighted the same. It is there for comparison: when it does no better out of group than LDA, the linear score is not what limits.
 *
 * @param x [n, d] training cells
 * @param labels true (or 1) for the positive class
 * @returns a function that scores a cell, given its table [·, d] and row; above 0 means positive
 * @throws DataError when a class has no cell; ShapeError, OptionError; InterruptedError
 */
export async function fitNetwork(
  x: FloatArray,
  n: number,
  d: number,
  labels: ArrayLike<number | boolean>,
  options: NetworkOptions,
): Promise<(cells: FloatArray, row: number) => number> {
  const { hidden = 32, epochs = 30, batch = 64, learningRate = 0.003, weightDecay = 0.01, random } = options;
  checkMatrix('fitNetwork', x, n, d);
  checkLength('fitNetwork', 'labels', labels, n);
  checkNumber('fitNetwork', 'hidden', hidden, 1);
  checkNumber('fitNetwork', 'batch', batch, 1);
  let positives = 0;
  for (let i = 0; i < n; i++) if (labels[i]) positives++;
  if (positives === 0 || positives === n) {
    throw new DataError(`fitNetwork needs cells of both classes, got ${positives} positive of ${n}`);
  }
  const moments = momentsOf(x, d);
  const scale = scaleOf(moments);
  const input = new Float64Array(d);
  const load = (cells: FloatArray, row: number) => {
    for (let j = 0; j < d; j++) input[j] = (cells[row * d + j] - moments.mean[j]) / scale[j];
  };

  // one vector: hidden weights [hidden, d], their biases [hidden], output weights [hidden], its bias
  const biases = hidden * d;
  const out = biases + hidden;
  const last = out + hidden;
  const parameters = new Float64Array(last + 1);
  for (let p = 0; p < biases; p++) parameters[p] = random.normal() / Math.sqrt(d);
  for (let h = 0; h < hidden; h++) parameters[out + h] = random.normal() / Math.sqrt(hidden);
  const active = new Float64Array(hidden);
  const forward = (): number => {
    let score = parameters[last];
    for (let h = 0; h < hidden; h++) {
      let sum = parameters[biases + h];
      for (let j = 0; j < d; j++) sum += parameters[h * d + j] * input[j];
      active[h] = Math.tanh(sum);
      score += parameters[out + h] * active[h];
    }
    return score;
  };

  const classWeight = [n / (2 * (n - positives)), n / (2 * positives)];
  const gradient = new Float64Array(last + 1);
  const first = new Float64Array(last + 1);
  const second = new Float64Array(last + 1);
  const breathe = breather(options.signal, 'network');
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(n);
    for (let start = 0; start < n; start += batch) {
      await breathe();
      gradient.fill(0);
      const size = Math.min(batch, n - start);
      for (let k = 0; k < size; k++) {
        const i = order[start + k];
        load(x, i);
        const label = labels[i] ? 1 : 0;
        const error = (classWeight[label] * (1 / (1 + Math.exp(-forward())) - label)) / size;
        gradient[last] += error;
        for (let h = 0; h < hidden; h++) {
          gradient[out + h] += error * active[h];
          const back = error * parameters[out + h] * (1 - active[h] * active[h]);
          gradient[biases + h] += back;
          for (let j = 0; j < d; j++) gradient[h * d + j] += back * input[j];
        }
      }
      step++;
      const rate = (learningRate * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
      for (let p = 0; p <= last; p++) {
        first[p] += 0.1 * (gradient[p] - first[p]);
        second[p] += 0.001 * (gradient[p] * gradient[p] - second[p]);
        const isBias = p >= biases && (p < out || p === last);
        if (!isBias) parameters[p] *= 1 - learningRate * weightDecay;
        parameters[p] -= (rate * first[p]) / (Math.sqrt(second[p]) + 1e-8);
      }
    }
  }
  return (cells, row) => {
    load(cells, row);
    return forward();
  };
}
