/**
 * A hidden Markov model of two states with normal observations (Rabiner, Proceedings of the IEEE 1989): which of two states a cell is in,
 * from scores that scatter. With drift, what a score is above or below its state's mean carries over to the next frame in part (Hamilton, Econometrica
 * 1989): a cell that keeps a level of its own is then not taken for one that switches.
 */
import { checkNumber } from '../stats/matrix';
import { DataError } from '../util/errors';

export interface HiddenMarkov {
  /** [low state, high state] mean and standard deviation of the observations. */
  mean: [number, number];
  sd: [number, number];
  /** Chance to leave a state from one frame to the next. */
  leave: [number, number];
  /** Chance that a track begins in the high state. */
  startHigh: number;
  /** Share of a score's distance from its state's mean that the next frame keeps, 0 … 0.98; 0 where frames scatter on their own. */
  carry: number;
  logLikelihood: number;
  rounds: number;
}

export interface FitOptions {
  /** Largest number of rounds of expectation and maximisation. Default 200. */
  rounds?: number;
  /**
   * Chance to leave a state that the fit starts from and is drawn to, as if so many frames had been seen: `{ chance, frames }`. Default 0.02 with
   * the weight of 50 frames; it keeps short tracks of one state from being cut to pieces.
   */
  prior?: { chance: number; frames: number };
  /** Lets scores drift about their state's mean (default false); both states then scatter alike. */
  drift?: boolean;
  /** Both states scatter alike (default), or each on its own. */
  equalSd?: boolean;
}

/**
 * Fits the model to several tracks (Baum and Welch).
 *
 * @param tracks observations in time, track by track
 * @throws DataError when there are fewer than four observations, or none differ
 */
export function fitHiddenMarkov(
  tracks: readonly ArrayLike<number>[],
  options: FitOptions = {},
): HiddenMarkov {
  const { rounds = 200, prior = { chance: 0.02, frames: 50 }, drift = false, equalSd = true } = options;
  checkNumber('fitHiddenMarkov', 'rounds', rounds, 1);
  const all = Float64Array.from(tracks.flatMap((track) => Array.from(track))).sort();
  if (all.length < 4 || !(all[all.length - 1] > all[0])) {
    throw new DataError(
      `fitHiddenMarkov needs at least four observations that differ, got ${all.length}; give scores along tracks`,
    );
  }
  const part = (from: number, to: number) => {
    const values = all.subarray(Math.floor(from * all.length), Math.ceil(to * all.length));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const spread = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
  const smallest = 0.05 * spread; // a state must not shrink onto one observation
  const used = tracks.filter((track) => track.length > 0);
  let model: HiddenMarkov = {
    mean: [part(0, 0.5), part(0.5, 1)],
    sd: [0.7 * spread, 0.7 * spread],
    leave: [prior.chance, prior.chance],
    startHigh: 0.5,
    carry: drift ? 0.5 : 0,
    logLikelihood: -Infinity,
    rounds: 0,
  };
  for (let round = 1; round <= rounds; round++) {
    const expected = used.map((track) => forwardBackward(model, track));
    const logLikelihood = expected.reduce((sum, track) => sum + track.logLikelihood, 0);
    const done = logLikelihood - model.logLikelihood < 1e-7 * Math.abs(logLikelihood);
    const left = [0, 0];
    const stayed = [0, 0];
    for (const { pairs } of expected) {
      for (let at = 4; at < pairs.length; at += 4) {
        for (const state of [0, 1]) {
          stayed[state] += pairs[at + 3 * state];
          left[state] += pairs[at + 1 + state];
        }
      }
    }
    const startHigh = expected.reduce((sum, { high }) => sum + high[0], 1) / (used.length + 2);
    const leave = left.map(
      (count, s) => (count + prior.chance * prior.frames) / (count + stayed[s] + prior.frames),
    );
    const { mean: means, sd, carry } = (drift ? driftingMoments : moments)(used, expected, model, equalSd);
    model = {
      mean: means,
      sd: [Math.max(smallest, sd[0]), Math.max(smallest, sd[1])],
      leave: [leave[0], leave[1]],
      startHigh,
      carry,
      logLikelihood,
      rounds: round,
    };
    if (done) break;
  }
  return model.mean[0] <= model.mean[1] ? model : swapped(model);
}

type Moments = Pick<HiddenMarkov, 'mean' | 'sd' | 'carry'>;

/** Means and deviations of the observations, weighted by the chances of the states. */
function moments(
  tracks: readonly ArrayLike<number>[],
  expected: readonly Expected[],
  _model: HiddenMarkov,
  equalSd: boolean,
): Moments {
  const sums = { weight: [0, 0], value: [0, 0], square: [0, 0] };
  tracks.forEach((track, i) => {
    for (let t = 0; t < track.length; t++) {
      for (const state of [0, 1]) {
        const weight = state ? expected[i].high[t] : 1 - expected[i].high[t];
        sums.weight[state] += weight;
        sums.value[state] += weight * track[t];
        sums.square[state] += weight * track[t] * track[t];
      }
    }
  });
  const mean = sums.value.map((value, s) => value / sums.weight[s]);
  const variances = sums.square.map((square, s) => Math.max(0, square / sums.weight[s] - mean[s] ** 2));
  const common =
    (variances[0] * sums.weight[0] + variances[1] * sums.weight[1]) / (sums.weight[0] + sums.weight[1]);
  const [low, high] = equalSd ? [common, common] : variances;
  return { mean: [mean[0], mean[1]], sd: [Math.sqrt(low), Math.sqrt(high)], carry: 0 };
}

/** Means by least squares given the carry, then the carry given the means, then what is left. */
function driftingMoments(
  tracks: readonly ArrayLike<number>[],
  expected: readonly Expected[],
  { carry: before }: HiddenMarkov,
): Moments {
  /** Visits every step from state to state with its chance. */
  const steps = (visit: (weight: number, from: number, to: number, last: number, now: number) => void) => {
    tracks.forEach((track, i) => {
      for (let t = 1; t < track.length; t++) {
        for (let k = 0; k < 4; k++)
          visit(expected[i].pairs[4 * t + k], k >> 1, k & 1, track[t - 1], track[t]);
      }
    });
  };
  // normal equations of both means: [low², low·high, high²] and [low, high]
  const a = [0, 0, 0];
  const b = [0, 0];
  tracks.forEach((track, i) => {
    const high = expected[i].high[0];
    const sharper = 1 - before * before;
    a[0] += (1 - high) * sharper;
    a[2] += high * sharper;
    b[0] += (1 - high) * sharper * track[0];
    b[1] += high * sharper * track[0];
  });
  steps((weight, from, to, last, now) => {
    const low = (to === 0 ? 1 : 0) - (from === 0 ? before : 0);
    const high = (to === 1 ? 1 : 0) - (from === 1 ? before : 0);
    const value = now - before * last;
    a[0] += weight * low * low;
    a[1] += weight * low * high;
    a[2] += weight * high * high;
    b[0] += weight * low * value;
    b[1] += weight * high * value;
  });
  const determinant = a[0] * a[2] - a[1] * a[1];
  const mean: [number, number] = [
    (b[0] * a[2] - a[1] * b[1]) / determinant,
    (a[0] * b[1] - a[1] * b[0]) / determinant,
  ];
  const products = { both: 0, last: 0 };
  steps((weight, from, to, last, now) => {
    products.both += weight * (now - mean[to]) * (last - mean[from]);
    products.last += weight * (last - mean[from]) ** 2;
  });
  const carry = Math.max(0, Math.min(0.98, products.both / products.last || 0));
  const rest = { squares: 0, weight: 0 };
  steps((weight, from, to, last, now) => {
    rest.squares += weight * (now - mean[to] - carry * (last - mean[from])) ** 2;
    rest.weight += weight;
  });
  const sd = Math.sqrt(rest.squares / rest.weight / (1 - carry * carry));
  return { mean, sd: [sd, sd], carry };
}

/** The likeliest sequence of states (Viterbi): 0 low, 1 high. */
export function decodeStates(model: HiddenMarkov, track: ArrayLike<number>): Uint8Array {
  const n = track.length;
  const from = new Uint8Array(2 * n);
  let best = [0, 0];
  for (let t = 0; t < n; t++) {
    best = [0, 1].map((to) => {
      if (t === 0) return logStart(model, to, track[0]);
      const scores = [0, 1].map((state) => best[state] + logStep(model, state, to, track, t));
      from[2 * t + to] = scores[1] > scores[0] ? 1 : 0;
      return Math.max(scores[0], scores[1]);
    });
  }
  const states = new Uint8Array(n);
  if (n > 0) states[n - 1] = best[1] > best[0] ? 1 : 0;
  for (let t = n - 1; t > 0; t--) states[t - 1] = from[2 * t + states[t]];
  return states;
}

/** Chance of the high state at every frame, given the whole track. */
export function stateChances(model: HiddenMarkov, track: ArrayLike<number>): Float64Array {
  return forwardBackward(model, track).high;
}

/** Logarithm of the density of a track under the model, whatever its states. */
export function trackLogLikelihood(model: HiddenMarkov, track: ArrayLike<number>): number {
  return forwardBackward(model, track).logLikelihood;
}

/** What is expected of the states, given a track. */
interface Expected {
  /** [n] chance of the high state. */
  high: Float64Array;
  /** [n, 4] chance of each step into the frame: low to low, low to high, high to low, high to high; 0 at the first. */
  pairs: Float64Array;
  logLikelihood: number;
}

/** Forward and backward in logarithms, so that far observations do not underflow. */
function forwardBackward(model: HiddenMarkov, track: ArrayLike<number>): Expected {
  const n = track.length;
  const forward = new Float64Array(2 * n);
  const backward = new Float64Array(2 * n);
  const steps = new Float64Array(4 * n);
  for (let t = 0; t < n; t++) {
    if (t > 0) for (let k = 0; k < 4; k++) steps[4 * t + k] = logStep(model, k >> 1, k & 1, track, t);
    for (const to of [0, 1]) {
      forward[2 * t + to] =
        t === 0
          ? logStart(model, to, track[0])
          : logSum(forward[2 * t - 2] + steps[4 * t + to], forward[2 * t - 1] + steps[4 * t + 2 + to]);
    }
  }
  for (let t = n - 2; t >= 0; t--) {
    for (const state of [0, 1]) {
      backward[2 * t + state] = logSum(
        steps[4 * t + 4 + 2 * state] + backward[2 * t + 2],
        steps[4 * t + 5 + 2 * state] + backward[2 * t + 3],
      );
    }
  }
  const logLikelihood = n > 0 ? logSum(forward[2 * n - 2], forward[2 * n - 1]) : 0;
  const high = Float64Array.from({ length: n }, (_, t) =>
    Math.exp(forward[2 * t + 1] + backward[2 * t + 1] - logLikelihood),
  );
  const pairs = Float64Array.from(steps, (step, at) => {
    const [t, state, to] = [at >> 2, (at >> 1) & 1, at & 1];
    return t === 0 ? 0 : Math.exp(forward[2 * t - 2 + state] + step + backward[2 * t + to] - logLikelihood);
  });
  return { high, pairs, logLikelihood };
}

function logSum(a: number, b: number): number {
  const top = Math.max(a, b);
  return top + Math.log(Math.exp(a - top) + Math.exp(b - top));
}

function logStart({ startHigh, mean, sd }: HiddenMarkov, state: number, value: number): number {
  return Math.log(state ? startHigh : 1 - startHigh) + logNormal(value - mean[state], sd[state]);
}

/** Of a step to a state and the score found there, given the state and the score before. */
function logStep(
  { leave, mean, sd, carry }: HiddenMarkov,
  from: number,
  to: number,
  track: ArrayLike<number>,
  t: number,
): number {
  const kept = carry === 0 ? 0 : carry * (track[t - 1] - mean[from]);
  return (
    Math.log(from === to ? 1 - leave[from] : leave[from]) +
    logNormal(track[t] - mean[to] - kept, sd[to] * Math.sqrt(1 - carry * carry))
  );
}

function logNormal(distance: number, sd: number): number {
  return -0.5 * (distance / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
}

function swapped(model: HiddenMarkov): HiddenMarkov {
  const swap = ([a, b]: [number, number]): [number, number] => [b, a];
  return {
    ...model,
    mean: swap(model.mean),
    sd: swap(model.sd),
    leave: swap(model.leave),
    startHigh: 1 - model.startHigh,
  };
}
