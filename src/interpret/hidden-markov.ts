/**
 * A hidden Markov model of two states with normal observations (Rabiner, Proceedings of the IEEE 1989): which of two states a cell is in,
 * from scores that scatter.
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
  const { rounds = 200, prior = { chance: 0.02, frames: 50 }, equalSd = true } = options;
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
  let model: HiddenMarkov = {
    mean: [part(0, 0.5), part(0.5, 1)],
    sd: [0.7 * spread, 0.7 * spread],
    leave: [prior.chance, prior.chance],
    startHigh: 0.5,
    logLikelihood: -Infinity,
    rounds: 0,
  };
  for (let round = 1; round <= rounds; round++) {
    const sums = {
      weight: [0, 0],
      value: [0, 0],
      square: [0, 0],
      left: [0, 0],
      stayed: [0, 0],
      startHigh: 1,
    };
    let logLikelihood = 0;
    for (const track of tracks) {
      if (track.length === 0) continue;
      const { high, pairs, logLikelihood: ofTrack } = forwardBackward(model, track);
      logLikelihood += ofTrack;
      sums.startHigh += high[0];
      for (let t = 0; t < track.length; t++) {
        for (const state of [0, 1]) {
          const weight = state ? high[t] : 1 - high[t];
          sums.weight[state] += weight;
          sums.value[state] += weight * track[t];
          sums.square[state] += weight * track[t] * track[t];
        }
      }
      for (const state of [0, 1]) {
        sums.left[state] += pairs[2 * state + (1 - state)];
        sums.stayed[state] += pairs[2 * state + state];
      }
    }
    const means = sums.value.map((value, s) => value / sums.weight[s]);
    const variances = sums.square.map((square, s) => Math.max(0, square / sums.weight[s] - means[s] ** 2));
    const common =
      (variances[0] * sums.weight[0] + variances[1] * sums.weight[1]) / (sums.weight[0] + sums.weight[1]);
    const sds = (equalSd ? [common, common] : variances).map((variance) =>
      Math.max(smallest, Math.sqrt(variance)),
    );
    const leave = sums.left.map(
      (left, s) => (left + prior.chance * prior.frames) / (left + sums.stayed[s] + prior.frames),
    );
    const done = logLikelihood - model.logLikelihood < 1e-7 * Math.abs(logLikelihood);
    model = {
      mean: [means[0], means[1]],
      sd: [sds[0], sds[1]],
      leave: [leave[0], leave[1]],
      startHigh: sums.startHigh / (tracks.length + 2),
      logLikelihood,
      rounds: round,
    };
    if (done) break;
  }
  return model.mean[0] <= model.mean[1] ? model : swapped(model);
}

/** The likeliest sequence of states (Viterbi): 0 low, 1 high. */
export function decodeStates(model: HiddenMarkov, track: ArrayLike<number>): Uint8Array {
  const n = track.length;
  const from = new Uint8Array(2 * n);
  let best = [Math.log(1 - model.startHigh), Math.log(model.startHigh)];
  for (let t = 0; t < n; t++) {
    if (t > 0) {
      const next = [0, 1].map((to) => {
        const scores = [0, 1].map((state) => best[state] + Math.log(stepChance(model, state, to)));
        from[2 * t + to] = scores[1] > scores[0] ? 1 : 0;
        return Math.max(scores[0], scores[1]);
      });
      best = next;
    }
    best = best.map((score, state) => score + logDensity(model, state, track[t]));
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

function forwardBackward(model: HiddenMarkov, track: ArrayLike<number>) {
  const n = track.length;
  const forward = new Float64Array(2 * n);
  const scale = new Float64Array(n);
  // densities relative to the larger one, so that a far observation does not underflow; the factor goes into the likelihood
  const density = new Float64Array(2 * n);
  let logLikelihood = 0;
  for (let t = 0; t < n; t++) {
    const logs = [logDensity(model, 0, track[t]), logDensity(model, 1, track[t])];
    const top = Math.max(logs[0], logs[1]);
    logLikelihood += top;
    for (const to of [0, 1]) {
      density[2 * t + to] = Math.exp(logs[to] - top);
      const reached =
        t === 0
          ? to
            ? model.startHigh
            : 1 - model.startHigh
          : forward[2 * t - 2] * stepChance(model, 0, to) + forward[2 * t - 1] * stepChance(model, 1, to);
      forward[2 * t + to] = reached * density[2 * t + to];
    }
    scale[t] = forward[2 * t] + forward[2 * t + 1];
    logLikelihood += Math.log(scale[t]);
    forward[2 * t] /= scale[t];
    forward[2 * t + 1] /= scale[t];
  }
  const high = new Float64Array(n);
  const pairs = [0, 0, 0, 0]; // expected steps from state to state
  let backward = [1, 1];
  for (let t = n - 1; t >= 0; t--) {
    high[t] = forward[2 * t + 1] * backward[1];
    const total = high[t] + forward[2 * t] * backward[0];
    high[t] /= total;
    if (t === 0) break;
    const next = [0, 0];
    for (const state of [0, 1]) {
      for (const to of [0, 1]) {
        const weight = (stepChance(model, state, to) * density[2 * t + to] * backward[to]) / scale[t];
        next[state] += weight;
        pairs[2 * state + to] += forward[2 * t - 2 + state] * weight;
      }
    }
    backward = next;
  }
  return { high, pairs, logLikelihood };
}

const stepChance = ({ leave }: HiddenMarkov, from: number, to: number) =>
  from === to ? 1 - leave[from] : leave[from];

function logDensity({ mean, sd }: HiddenMarkov, state: number, value: number): number {
  return -0.5 * ((value - mean[state]) / sd[state]) ** 2 - Math.log(sd[state]) - 0.5 * Math.log(2 * Math.PI);
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
