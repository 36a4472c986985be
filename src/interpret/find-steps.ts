/**
 * Switches as steps in a cell's own level. A hidden Markov model with common levels takes cells that lie between the states for switching ones; here every
 * track has a level of its own, frames may resemble their neighbours, and a step counts when it explains clearly more than that.
 */
import { ShapeError } from '../util/errors';
import { median } from '../util/quantile';
import type { Switch } from './plasticity';
import { tracksInTime } from './tracks-in-time';

export interface FindStepsOptions {
  /** [n] score of each cell and frame. */
  scores: ArrayLike<number>;
  /** [n] name of the track. */
  tracks: ArrayLike<string>;
  /** [n] frame, or time; only its order counts. */
  frames: ArrayLike<number>;
  /**
   * Fall of the residual sum of squares, in units of the noise variance, that a step must bring (a likelihood ratio). Default 20: over 20 places in a track
   * without a step, one in some thousands gets as far.
   */
  threshold?: number;
  /** Frames that a state lasts at least. Default 2. */
  shortest?: number;
}

/**
 * Finds at most one step per track, by generalised least squares with noise of first order autocorrelation. Noise and autocorrelation are those of the
 * median track, as most tracks have no step.
 *
 * @returns the steps, clearest first
 * @throws ShapeError when the arrays differ in length
 */
export function findSteps(options: FindStepsOptions): (Switch & { gain: number; size: number })[] {
  const { scores, tracks, frames, threshold = 20, shortest = 2 } = options;
  const n = scores.length;
  if (tracks.length !== n || frames.length !== n) {
    throw new ShapeError(
      `findSteps needs a track and a frame for each of ${n} scores, got ${tracks.length} and ${frames.length}`,
    );
  }
  const series = tracksInTime(tracks, frames).map(({ track, rows }) => ({
    track,
    rows,
    values: rows.map((row) => scores[row]),
  }));
  const long = series.filter(({ values }) => values.length >= 2 * shortest + 2);
  if (long.length === 0) return [];
  const { variance, carry } = noiseOf(long.map(({ values }) => values));
  if (!(variance > 0)) return [];

  return long
    .flatMap(({ track, rows, values }) => {
      const flat = leastSquares(values, carry, -1).residual;
      let best = { residual: Infinity, size: 0, at: -1 };
      for (let at = shortest; at <= values.length - shortest; at++) {
        const fit = leastSquares(values, carry, at);
        if (fit.residual < best.residual) best = { ...fit, at };
      }
      const gain = (flat - best.residual) / (variance * (1 - carry * carry));
      const to = best.size > 0 ? ('high' as const) : ('low' as const);
      return gain > threshold ? [{ track, at: best.at, row: rows[best.at], to, gain, size: best.size }] : [];
    })
    .sort((a, b) => b.gain - a.gain);
}

/** Variance around the track's mean and correlation of neighbouring frames, of the median track. */
function noiseOf(tracks: readonly number[][]): { variance: number; carry: number } {
  const moments = tracks.map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    let [square, neighbours] = [0, 0];
    values.forEach((value, t) => {
      square += (value - mean) ** 2;
      if (t > 0) neighbours += (value - mean) * (values[t - 1] - mean);
    });
    return { square: square / (values.length - 1), neighbours: neighbours / (values.length - 1) };
  });
  const variance = median(moments.map(({ square }) => square));
  const neighbours = median(moments.map(({ neighbours: value }) => value));
  return { variance, carry: Math.max(0, Math.min(0.9, neighbours / variance)) };
}

/** A level and, unless `at` is −1, a step at frame `at`, fitted to values whose noise carries over from frame to frame. */
function leastSquares(
  values: readonly number[],
  carry: number,
  at: number,
): { residual: number; size: number } {
  const first = Math.sqrt(1 - carry * carry); // weight of the first frame, which has none before it
  const stepped = (t: number) => (at >= 0 && t >= at ? 1 : 0);
  let [a, b, c, p, q, yy] = [0, 0, 0, 0, 0, 0];
  values.forEach((value, t) => {
    const y = t === 0 ? first * value : value - carry * values[t - 1];
    const level = t === 0 ? first : 1 - carry;
    const step = t === 0 ? first * stepped(0) : stepped(t) - carry * stepped(t - 1);
    a += level * level;
    b += level * step;
    c += step * step;
    p += level * y;
    q += step * y;
    yy += y * y;
  });
  if (at < 0) return { residual: yy - (p * p) / a, size: 0 };
  const determinant = a * c - b * b;
  const height = (c * p - b * q) / determinant;
  const size = (a * q - b * p) / determinant;
  return { residual: yy - height * p - size * q, size };
}
