import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeStates,
  fitHiddenMarkov,
  type HiddenMarkov,
  stateChances,
  trackLogLikelihood,
} from '../../src/interpret/hidden-markov';
import { seededRandom } from '../../src/util/random';
import { assertClose, readReference } from '../helpers/reference';

/** Values of test/reference/hmmlearn_states.py. */
interface Hmmlearn {
  version: string;
  tracks: number[][];
  given: Pick<HiddenMarkov, 'mean' | 'sd' | 'leave' | 'startHigh'> & {
    logLikelihood: number[];
    states: number[][];
    highChance: number[][];
  };
  fitted: Pick<HiddenMarkov, 'mean' | 'leave' | 'startHigh' | 'logLikelihood'> & {
    sd: number;
    states: number[][];
  };
}

const model: HiddenMarkov = {
  mean: [-1, 1.5],
  sd: [1, 0.8],
  leave: [0.1, 0.2],
  startHigh: 0.3,
  carry: 0,
  logLikelihood: 0,
  rounds: 0,
};
const density = (state: number, value: number) =>
  Math.exp(-0.5 * ((value - model.mean[state]) / model.sd[state]) ** 2) /
  (model.sd[state] * Math.sqrt(2 * Math.PI));

/** Every sequence of states with its probability together with the observations. */
function enumerate(track: number[]): { states: number[]; weight: number }[] {
  return Array.from({ length: 2 ** track.length }, (_, code) => {
    const states = track.map((_, t) => (code >> t) & 1);
    let weight = states[0] ? model.startHigh : 1 - model.startHigh;
    states.forEach((state, t) => {
      if (t > 0) weight *= states[t - 1] === state ? 1 - model.leave[state] : model.leave[states[t - 1]];
      weight *= density(state, track[t]);
    });
    return { states, weight };
  });
}

describe('a hidden Markov model of two states', () => {
  const track = [-0.8, 0.4, 1.9, 0.2, -1.4, 0.6, 2.2, 1.1];

  it('finds the sequence and the chances that counting all sequences finds', () => {
    const all = enumerate(track);
    const best = all.reduce((a, b) => (b.weight > a.weight ? b : a));
    assert.deepEqual(Array.from(decodeStates(model, track)), best.states);
    const total = all.reduce((sum, { weight }) => sum + weight, 0);
    const chances = stateChances(model, track);
    track.forEach((_, t) => {
      const high = all.reduce((sum, { states, weight }) => sum + states[t] * weight, 0) / total;
      assert.ok(Math.abs(chances[t] - high) < 1e-12, `${chances[t]} ${high}`);
    });
  });

  it('with drift finds what counting all sequences finds, each score drawn to the one before', () => {
    const drifting = { ...model, sd: [0.9, 0.9] as [number, number], carry: 0.6 };
    const normal = (distance: number, sd: number) =>
      Math.exp(-0.5 * (distance / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI));
    const all = Array.from({ length: 2 ** track.length }, (_, code) => {
      const states = track.map((_, t) => (code >> t) & 1);
      let weight = states[0] ? drifting.startHigh : 1 - drifting.startHigh;
      states.forEach((state, t) => {
        const before = states[t - 1];
        const off = track[t] - drifting.mean[state];
        if (t === 0) weight *= normal(off, 0.9);
        else {
          weight *= before === state ? 1 - drifting.leave[state] : drifting.leave[before];
          weight *= normal(off - 0.6 * (track[t - 1] - drifting.mean[before]), 0.9 * 0.8);
        }
      });
      return { states, weight };
    });
    const best = all.reduce((a, b) => (b.weight > a.weight ? b : a));
    assert.deepEqual(Array.from(decodeStates(drifting, track)), best.states);
    const total = all.reduce((sum, { weight }) => sum + weight, 0);
    stateChances(drifting, track).forEach((chance, t) => {
      const high = all.reduce((sum, { states, weight }) => sum + states[t] * weight, 0) / total;
      assert.ok(Math.abs(chance - high) < 1e-12, `${chance} ${high}`);
    });
  });

  it('recovers the states that tracks were drawn from', () => {
    const random = seededRandom(3);
    const truth: number[][] = [];
    const tracks = Array.from({ length: 60 }, () => {
      const states: number[] = [];
      let state = random.uniform() < 0.5 ? 1 : 0;
      for (let t = 0; t < 30; t++) {
        if (random.uniform() < 0.04) state = 1 - state;
        states.push(state);
      }
      truth.push(states);
      return states.map((s) => (s ? 1.2 : -1.2) + random.normal());
    });
    const fitted = fitHiddenMarkov(tracks);
    assert.ok(
      Math.abs(fitted.mean[0] + 1.2) < 0.15 && Math.abs(fitted.mean[1] - 1.2) < 0.15,
      `${fitted.mean}`,
    );
    assert.ok(Math.abs(fitted.sd[0] - 1) < 0.1);
    assert.ok(
      fitted.leave.every((leave) => leave > 0.02 && leave < 0.07),
      `${fitted.leave}`,
    );
    const right = tracks.flatMap((values, i) =>
      Array.from(decodeStates(fitted, values), (state, t) => Number(state === truth[i][t])),
    );
    const share = right.reduce((sum, value) => sum + value, 0) / right.length;
    assert.ok(share > 0.93, `${share}`);
  });

  it('calls the state with the larger mean high, whatever the order of the data', () => {
    const random = seededRandom(1);
    const tracks = [3, -3].map((mean) => Array.from({ length: 20 }, () => mean + random.normal()));
    const { mean } = fitHiddenMarkov(tracks);
    assert.ok(mean[0] < 0 && mean[1] > 0);
  });

  it('survives observations far from both states', () => {
    assert.ok(stateChances(model, [1e4, -1e4, 0]).every(Number.isFinite));
  });

  it('needs observations that differ', () => {
    assert.throws(() => fitHiddenMarkov([[1, 1, 1, 1, 1]]), /at least four observations that differ/);
  });

  const hmmlearn = readReference<Hmmlearn>('hmmlearn.json');

  it(`has the log-likelihood, path and chances of ${hmmlearn.version} under the same parameters, to 1e-8`, () => {
    const { given, tracks } = hmmlearn;
    const same: HiddenMarkov = { ...given, carry: 0, logLikelihood: 0, rounds: 0 };
    tracks.forEach((values, i) => {
      assertClose([trackLogLikelihood(same, values)], [given.logLikelihood[i]], 1e-8, 'log-likelihood');
      assert.deepEqual(Array.from(decodeStates(same, values)), given.states[i]);
      assertClose(stateChances(same, values), given.highChance[i], 1e-8, 'chance of the high state');
    });
  });

  it(`fits what ${hmmlearn.version} fits with the same priors: parameters to 0.2 %, the same path`, () => {
    const { fitted, tracks } = hmmlearn;
    const ours = fitHiddenMarkov(tracks);
    assertClose(ours.mean, fitted.mean, 2e-3, 'mean');
    assertClose(ours.sd, [fitted.sd, fitted.sd], 2e-3, 'standard deviation');
    assertClose(ours.leave, fitted.leave, 2e-3, 'chance to leave');
    assertClose([ours.startHigh], [fitted.startHigh], 2e-3, 'chance of a high start');
    assertClose([ours.logLikelihood], [fitted.logLikelihood], 1e-5, 'log-likelihood');
    tracks.forEach((values, i) => {
      assert.deepEqual(Array.from(decodeStates(ours, values)), fitted.states[i]);
    });
  });
});
