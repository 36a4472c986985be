import { choleskyFactor, choleskySolve } from '../stats/cholesky';
import { checkLength, checkMatrix, checkNumber, type FloatArray } from '../stats/matrix';
import { type Moments, mergeMoments, momentsOf, scaleOf } from '../stats/moments';
import { DataError } from '../util/errors';
import { rowsByName } from '../util/rows-by-name';

export interface ProbeOptions {
  /** Ridge penalty on standardised features, against a sum over all training cells. Default 1: only there for features that depend on each other. */
  penalty?: number;
}

/** How well numbers can be read linearly from descriptors of cells that the probe never saw. */
export interface ProbeResult {
  /** [n] prediction for each cell by the probe of the other groups. */
  predicted: Float64Array;
  /** 1 − squared error / squared distance from the mean; below 0 where the mean would have been the better guess. */
  r2: number;
}

/** A probe learnt from the cells of all other groups. */
export interface ProbeFold {
  /** Cells of the left-out group. */
  rows: readonly number[];
  /** Reads target `t` (in the order given) from the descriptor in row `i`, whichever group it belongs to. */
  read(i: number, t: number): number;
}

/**
 * Reads each of some numbers (planted factors, measured hallmarks) from the descriptors by ridge regression, out of group: every cell is
 * predicted by a regression on the cells of all other groups, standardisation included. Cost: n × d² once, then d³ per group.
 *
 * Predictions of different groups carry different offsets (leaving a group out moves the mean of the others away from it), so they are no
 * input for a classifier across groups; {@link probeFolds} is.
 *
 * @param x [n, d] descriptors
 * @param targets numbers by name, one per cell
 * @param groups what is left out together: tumors, days, or numbers of random folds
 * @returns by name of the target
 * @throws DataError for fewer than two groups, a target without spread, or one that is not finite; ShapeError, OptionError
 * @example
 * linearProbe(latents, n, 56, { light_scattering }, tumors).light_scattering.r2; // 0.66
 */
export function linearProbe(
  x: FloatArray,
  n: number,
  d: number,
  targets: Readonly<Record<string, ArrayLike<number>>>,
  groups: ArrayLike<string | number>,
  options: ProbeOptions = {},
): Record<string, ProbeResult> {
  const folds = probeFolds(x, n, d, targets, groups, options);
  return Object.fromEntries(
    Object.keys(targets).map((name, t) => {
      const predicted = new Float64Array(n);
      for (const { rows, read } of folds) for (const i of rows) predicted[i] = read(i, t);
      return [name, { predicted, r2: explained(name, targets[name], predicted) }];
    }),
  );
}

/** The probes behind {@link linearProbe}, one per left-out group, each able to read any cell; same arguments and errors. */
export function probeFolds(
  x: FloatArray,
  n: number,
  d: number,
  targets: Readonly<Record<string, ArrayLike<number>>>,
  groups: ArrayLike<string | number>,
  { penalty = 1 }: ProbeOptions = {},
): ProbeFold[] {
  checkMatrix('linearProbe', x, n, d);
  checkLength('linearProbe', 'groups', groups, n);
  checkNumber('linearProbe', 'penalty', penalty, 0);
  const names = Object.keys(targets);
  const width = d + names.length;
  const joint = new Float64Array(n * width); // descriptor, then targets: their moments hold all that a regression needs
  for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) joint[i * width + j] = x[i * d + j];
  names.forEach((name, t) => {
    checkLength('linearProbe', name, targets[name], n);
    for (let i = 0; i < n; i++) {
      const value = targets[name][i];
      if (!Number.isFinite(value)) {
        throw new DataError(`linearProbe: ${name} of cell ${i + 1} is ${value}; leave such cells out first`);
      }
      joint[i * width + d + t] = value;
    }
  });
  const rowsOf = rowsByName(Array.from(groups, String));
  if (rowsOf.size < 2) {
    throw new DataError(
      `linearProbe needs at least two groups, got only "${groups[0]}"; choose another group column`,
    );
  }
  const parts = [...rowsOf.values()].map((rows) => ({ rows, moments: momentsOf(joint, width, rows) }));
  return parts.map((part) => {
    const training = mergeMoments(parts.filter((other) => other !== part).map(({ moments }) => moments));
    const weights = regress(training, d, penalty);
    return {
      rows: part.rows,
      read(i, t) {
        let value = training.mean[d + t];
        for (let j = 0; j < d; j++) value += weights[t][j] * (x[i * d + j] - training.mean[j]);
        return value;
      },
    };
  });
}

/** Ridge regression of every target on the d features, from the moments of both; weights in the features' own units. */
function regress(training: Moments, d: number, penalty: number): Float64Array[] {
  const width = training.d;
  const scale = scaleOf(training);
  const system = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) system[i * d + j] = training.scatter[i * width + j] / (scale[i] * scale[j]);
    system[i * d + i] += Math.max(penalty, 1e-9 * training.n);
  }
  const lower = choleskyFactor(system, d);
  if (!lower) throw new DataError('linearProbe: the features depend on each other; give a penalty');
  return Array.from({ length: width - d }, (_, t) => {
    const right = Float64Array.from({ length: d }, (_, j) => training.scatter[j * width + d + t] / scale[j]);
    return choleskySolve(lower, d, right).map((weight, j) => weight / scale[j]);
  });
}

function explained(name: string, truth: ArrayLike<number>, predicted: Float64Array): number {
  let mean = 0;
  for (let i = 0; i < predicted.length; i++) mean += truth[i] / predicted.length;
  let error = 0;
  let total = 0;
  for (let i = 0; i < predicted.length; i++) {
    error += (truth[i] - predicted[i]) ** 2;
    total += (truth[i] - mean) ** 2;
  }
  // a spread within rounding errors of the mean is none
  if (total <= predicted.length * (10 * Number.EPSILON * mean) ** 2)
    throw new DataError(`linearProbe: ${name} is the same for all cells; leave it out`);
  return 1 - error / total;
}
