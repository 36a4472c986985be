import { DataError, OptionError } from '../util/errors';
import type { Random } from '../util/random';
import { choleskyFactor, choleskySolve } from './cholesky';
import { checkLength, checkMatrix, type FloatArray } from './matrix';
import { momentsOf, scaleOf } from './moments';

/** Names of the levels per cell, by factor: `{ day: […], series: […], tumor: […], category: […] }`. */
export type Factors = Record<string, ArrayLike<string | number>>;

/** What one factor has to do with the descriptors. */
export interface FactorVariance {
  factor: string;
  levels: number;
  /**
   * Share of the cells' squared distance from the centre that lies between the factor's levels (PERMANOVA's R², Anderson 2001). It
   * counts everything that goes along with the factor: of nested factors the finer one includes the coarser.
   */
  r2: number;
  /** The same less what that many levels explain by chance (ω²); may be slightly below 0. */
  adjustedR2: number;
  pseudoF: number;
  /**
   * Share of the variance that is the factor's own in a random-effects model with all factors given (cut at 0): of day and tumor
   * imaged on other days, each gets what the other cannot explain.
   */
  fraction: number;
}

export interface VarianceExplained {
  factors: FactorVariance[];
  /** Share left between cells of the same levels. */
  residualFraction: number;
}

/**
 * Variance of the descriptors by factor, over all (standardised) features together: R² of each factor alone, and variance components of
 * all factors side by side. The components are MINQUE(0) estimates (Rao 1971), which need no iteration: they equate sums of squares of
 * level totals to their expectation, whatever the imbalance. Cost: n × d per factor.
 *
 * @param x [n, d] descriptors
 * @param factors any number, crossed or nested
 * @throws DataError for no spread at all; OptionError for no factor or one with a single level; ShapeError
 * @example
 * varianceExplained(latents, n, 56, { day, tumor, category }).factors; // [{ factor: 'day', r2: 0.12, fraction: 0.03, … }, …]
 */
export function varianceExplained(x: FloatArray, n: number, d: number, factors: Factors): VarianceExplained {
  checkMatrix('varianceExplained', x, n, d);
  const names = Object.keys(factors);
  if (names.length === 0)
    throw new OptionError('varianceExplained needs at least one factor, such as { day }');
  const moments = momentsOf(x, d);
  const scale = scaleOf(moments);
  const z = Float64Array.from(x, (value, i) => (value - moments.mean[i % d]) / scale[i % d]);
  let total = 0;
  for (const value of z) total += value * value;
  if (total === 0)
    throw new DataError('varianceExplained: all cells have the same descriptor; check the input');

  const coded = names.map((name) => codeLevels(name, factors[name], n));
  const single = coded.findIndex(({ levels }) => levels < 2);
  if (single >= 0)
    throw new OptionError(`varianceExplained: factor ${names[single]} has a single level; leave it out`);

  const sums = coded.map(({ code, levels }) => levelSums(z, n, d, code, levels));
  const between = coded.map(({ counts }, f) =>
    sums[f].reduce((sum, value, i) => sum + (value * value) / counts[Math.floor(i / d)], 0),
  );
  const fractions = components(coded, sums, n, total);
  const described = names.map((factor, f): FactorVariance => {
    const { levels } = coded[f];
    const within = (total - between[f]) / Math.max(n - levels, 1);
    return {
      factor,
      levels,
      r2: between[f] / total,
      adjustedR2: (between[f] - (levels - 1) * within) / (total + within),
      pseudoF: between[f] / (levels - 1) / within,
      fraction: fractions[f],
    };
  });
  return { factors: described, residualFraction: fractions[names.length] };
}

interface Coded {
  code: Int32Array;
  levels: number;
  counts: Float64Array;
}

function codeLevels(name: string, values: ArrayLike<string | number>, n: number): Coded {
  checkLength('varianceExplained', `factor ${name}`, values, n);
  const numbers = new Map<string | number, number>();
  const code = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    let level = numbers.get(values[i]);
    if (level === undefined) {
      level = numbers.size;
      numbers.set(values[i], level);
    }
    code[i] = level;
  }
  const counts = new Float64Array(numbers.size);
  for (const level of code) counts[level]++;
  return { code, levels: numbers.size, counts };
}

/** Sum of the cells of each level, [levels, d]. */
function levelSums(z: Float64Array, n: number, d: number, code: Int32Array, levels: number): Float64Array {
  const sums = new Float64Array(levels * d);
  for (let i = 0; i < n; i++) {
    const to = code[i] * d;
    for (let j = 0; j < d; j++) sums[to + j] += z[i * d + j];
  }
  return sums;
}

/**
 * Variance components as shares of their sum, residual last. With K_f the matrix that is 1 for pairs of cells of the same level and M
 * the centring matrix, E[zᵀ M K_f M z] = Σ_g σ²_g tr(M K_f M K_g); all traces follow from counts of cells per pair of levels.
 */
function components(coded: Coded[], sums: Float64Array[], n: number, total: number): number[] {
  const k = coded.length + 1; // the residual is the factor whose levels are single cells
  const squares = coded.map(({ counts }) => counts.reduce((sum, count) => sum + count * count, 0));
  const system = new Float64Array(k * k);
  const right = new Float64Array(k);
  for (let f = 0; f < k - 1; f++) {
    for (let g = 0; g <= f; g++) {
      const joint = new Map<number, number>();
      const { code: a, counts: countsA } = coded[f];
      const { code: b, counts: countsB, levels } = coded[g];
      for (let i = 0; i < n; i++) {
        const key = a[i] * levels + b[i];
        joint.set(key, (joint.get(key) ?? 0) + 1);
      }
      let both = 0;
      let edge = 0;
      for (const [key, count] of joint) {
        both += count * count;
        edge += count * countsA[Math.floor(key / levels)] * countsB[key % levels];
      }
      const trace = both - (2 * edge) / n + (squares[f] * squares[g]) / (n * n);
      system[f * k + g] = trace;
      system[g * k + f] = trace;
    }
    const trace = n - squares[f] / n;
    system[f * k + k - 1] = trace;
    system[(k - 1) * k + f] = trace;
    for (const value of sums[f]) right[f] += value * value;
  }
  system[k * k - 1] = n - 1;
  right[k - 1] = total;
  const lower = choleskyFactor(system, k, 1e-9 * n);
  if (!lower) {
    throw new DataError(
      'varianceExplained: two factors sort the cells in the same way (such as one day per tumor), so their shares cannot be told apart; leave one out',
    );
  }
  const estimates = choleskySolve(lower, k, right).map((value) => Math.max(0, value));
  const sum = estimates.reduce((a, b) => a + b, 0);
  return Array.from(estimates, (value) => value / sum);
}

/** Result of {@link permanova}. */
export interface Permanova {
  r2: number;
  pseudoF: number;
  p: number;
  permutations: number;
}

/**
 * PERMANOVA of a factor that belongs to whole units (the category of a tumor): R² between levels, and how often exchanging the units'
 * levels explains as much. Permuting single cells instead would call any difference between tumors a difference between categories.
 *
 * @param levels of the factor, one per cell, constant within units
 * @param units the tumor (or day) of each cell
 * @throws DataError when a unit has two levels; ShapeError, OptionError
 */
export function permanova(
  x: FloatArray,
  n: number,
  d: number,
  levels: ArrayLike<string | number>,
  units: ArrayLike<string | number>,
  options: { permutations?: number; random: Random },
): Permanova {
  const { permutations = 999, random } = options;
  const { factors } = varianceExplained(x, n, d, { levels });
  const moments = momentsOf(x, d);
  const scale = scaleOf(moments);
  const z = Float64Array.from(x, (value, i) => (value - moments.mean[i % d]) / scale[i % d]);
  const unit = codeLevels('units', units, n);
  const level = codeLevels('levels', levels, n);
  const sums = levelSums(z, n, d, unit.code, unit.levels);
  const levelOf = new Int32Array(unit.levels).fill(-1);
  for (let i = 0; i < n; i++) {
    const before = levelOf[unit.code[i]];
    if (before >= 0 && before !== level.code[i]) {
      throw new DataError(`permanova needs one level per unit, but unit "${units[i]}" has two`);
    }
    levelOf[unit.code[i]] = level.code[i];
  }
  const between = (assignment: ArrayLike<number>) => {
    const totals = new Float64Array(level.levels * d);
    const counts = new Float64Array(level.levels);
    for (let u = 0; u < unit.levels; u++) {
      counts[assignment[u]] += unit.counts[u];
      for (let j = 0; j < d; j++) totals[assignment[u] * d + j] += sums[u * d + j];
    }
    return totals.reduce((sum, value, i) => sum + (value * value) / counts[Math.floor(i / d)], 0);
  };
  const observed = between(levelOf);
  let atLeast = 1;
  for (let r = 0; r < permutations; r++) {
    if (between(random.shuffle(Array.from(levelOf))) >= observed * (1 - 1e-12)) atLeast++;
  }
  return { r2: factors[0].r2, pseudoF: factors[0].pseudoF, p: atLeast / (permutations + 1), permutations };
}
