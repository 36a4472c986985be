/** Plasticity in time: in which state cells are along their tracks, when they switch, and what their look does around it. */
import { ShapeError } from '../util/errors';
import { median } from '../util/quantile';
import { decodeStates, fitHiddenMarkov, type HiddenMarkov, stateChances } from './hidden-markov';
import { tracksInTime } from './tracks-in-time';

export interface PlasticityOptions {
  /** [n] classifier score of each cell and frame. */
  scores: ArrayLike<number>;
  /** [n] name of the track. */
  tracks: ArrayLike<string>;
  /** [n] frame, or time; only its order counts. */
  frames: ArrayLike<number>;
  /** Further values per cell and frame, such as hallmarks, to average around switches. */
  measures?: Record<string, ArrayLike<number>>;
  /** Frames averaged to each side of a switch. Default 4. */
  window?: number;
}

/** A change of state. */
export interface Switch {
  track: string;
  /** Number of the track's frame (from 0) that is the first in the new state. */
  at: number;
  /** Row of that frame in the given arrays. */
  row: number;
  to: 'high' | 'low';
}

export interface Plasticity {
  model: HiddenMarkov;
  /** [n] likeliest state and chance of the high state, row by row as given. */
  states: ('high' | 'low')[];
  highChance: Float64Array;
  switches: Switch[];
  tracks: { track: string; frames: number; meanScore: number; highShare: number; switches: number }[];
  /** Frames in a row in one state; a stay that a track's end cuts short counts as it was seen. */
  dwell: { state: 'high' | 'low'; stays: number; meanFrames: number; medianFrames: number }[];
  /** Mean score and measures at each frame around switches, those to low mirrored: a rise is a change towards high. */
  around: { offset: number; count: number; score: number; measures: Record<string, number> }[];
}

/**
 * States, switches and dwell times of cells from scores along tracks, by a hidden Markov model of two states fitted to all tracks together.
 *
 * @throws ShapeError when the arrays differ in length; DataError for too few scores
 */
export function analysePlasticity(options: PlasticityOptions): Plasticity {
  const { scores, tracks, frames, measures = {}, window = 4 } = options;
  const n = scores.length;
  for (const [name, values] of Object.entries({ tracks, frames, ...measures })) {
    if (values.length !== n) {
      throw new ShapeError(`analysePlasticity needs ${n} ${name}, one for each score, got ${values.length}`);
    }
  }
  const sorted = tracksInTime(tracks, frames);
  const scoresOf = (rows: readonly number[]) => Float64Array.from(rows, (row) => scores[row]);
  const model = fitLikelier(sorted.map(({ rows }) => scoresOf(rows)));

  const states = new Array<'high' | 'low'>(n);
  const highChance = new Float64Array(n);
  const switches: Switch[] = [];
  const stays: { state: 'high' | 'low'; frames: number }[] = [];
  const summaries = sorted.map(({ track, rows }) => {
    const values = scoresOf(rows);
    const path = decodeStates(model, values);
    const chances = stateChances(model, values);
    let since = 0;
    let turns = 0;
    rows.forEach((row, t) => {
      states[row] = path[t] ? 'high' : 'low';
      highChance[row] = chances[t];
      if (t > 0 && path[t] !== path[t - 1]) {
        switches.push({ track, at: t, row, to: states[row] });
        stays.push({ state: path[t - 1] ? 'high' : 'low', frames: t - since });
        since = t;
        turns++;
      }
    });
    stays.push({ state: path[rows.length - 1] ? 'high' : 'low', frames: rows.length - since });
    return {
      track,
      frames: rows.length,
      meanScore: values.reduce((sum, value) => sum + value, 0) / values.length,
      highShare: path.reduce((sum, state) => sum + state, 0) / path.length,
      switches: turns,
    };
  });
  return {
    model,
    states,
    highChance,
    switches,
    tracks: summaries,
    dwell: (['high', 'low'] as const).map((state) => {
      const lengths = stays.filter((stay) => stay.state === state).map((stay) => stay.frames);
      return {
        state,
        stays: lengths.length,
        meanFrames: lengths.reduce((sum, length) => sum + length, 0) / lengths.length,
        medianFrames: median(lengths),
      };
    }),
    around: aroundSwitches(
      switches,
      new Map(sorted.map(({ track, rows }) => [track, rows])),
      scores,
      measures,
      window,
    ),
  };
}

/** Of frames that scatter on their own and scores that drift, what explains the tracks better (Bayesian information criterion). */
function fitLikelier(tracks: readonly Float64Array[]): HiddenMarkov {
  const independent = fitHiddenMarkov(tracks);
  const drifting = fitHiddenMarkov(tracks, { drift: true });
  const frames = tracks.reduce((sum, track) => sum + track.length, 0);
  // the carry is one parameter more
  return drifting.logLikelihood - independent.logLikelihood > 0.5 * Math.log(frames) ? drifting : independent;
}

/** Means at each frame from `window` before to `window` after; switches to low count with the time as it is and values mirrored at their mean. */
function aroundSwitches(
  switches: readonly Switch[],
  rowsOf: ReadonlyMap<string, number[]>,
  scores: ArrayLike<number>,
  measures: Record<string, ArrayLike<number>>,
  window: number,
): Plasticity['around'] {
  const all: Record<string, ArrayLike<number>> = { score: scores, ...measures };
  return Array.from({ length: 2 * window }, (_, i) => {
    const offset = i - window; // the switch lies between −1 and 0
    const sums = Object.fromEntries(Object.keys(all).map((name) => [name, { sum: 0, count: 0 }]));
    let count = 0;
    for (const { track, at, to } of switches) {
      const rows = rowsOf.get(track) ?? [];
      const row = rows[at + offset];
      if (row === undefined) continue;
      count++;
      for (const [name, values] of Object.entries(all)) {
        const centre = meanOf(rows.map((other) => values[other]));
        const value = (values[row] - centre) * (to === 'high' ? 1 : -1);
        if (!Number.isFinite(value)) continue;
        sums[name].sum += value;
        sums[name].count++;
      }
    }
    const mean = (name: string) => sums[name].sum / sums[name].count;
    return {
      offset,
      count,
      score: mean('score'),
      measures: Object.fromEntries(Object.keys(measures).map((name) => [name, mean(name)])),
    };
  });
}

function meanOf(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

/** How well found switches match planted ones: each pairs with the nearest of its track and direction within `tolerance` frames, once. */
export function matchSwitches(
  found: readonly Switch[],
  planted: readonly Switch[],
  tolerance: number,
): { precision: number; recall: number; f1: number } {
  const free = new Set(planted);
  let matched = 0;
  for (const { track, at, to } of found) {
    const near = [...free]
      .filter((other) => other.track === track && other.to === to && Math.abs(other.at - at) <= tolerance)
      .sort((a, b) => Math.abs(a.at - at) - Math.abs(b.at - at))[0];
    if (!near) continue;
    free.delete(near);
    matched++;
  }
  const precision = found.length > 0 ? matched / found.length : Number.NaN;
  const recall = planted.length > 0 ? matched / planted.length : Number.NaN;
  return { precision, recall, f1: (2 * matched) / (found.length + planted.length) };
}
