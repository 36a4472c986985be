import { ShapeError } from '../util/errors';
import { rowsByName } from '../util/rows-by-name';

/**
 * One signal in time out of several that show the same change, such as a classifier's score and hallmarks measured in the crops: each is taken about the mean of
 * its own track and divided by its standard deviation inside tracks, so that all count alike, and they are added. What a signal misses in a frame (NaN) counts as that
 * track's mean.
 *
 * Noise of the score and of a ruler are nearly independent, so switches stand out of both together more clearly than out of each.
 *
 * @param signals each [n]
 * @param tracks [n] name of the track
 * @returns [n] sum, 0 on average in every track
 * @throws ShapeError when lengths differ, or a signal never changes inside a track
 * @example
 * const steps = findSteps({ scores: jointSignal([scores, jointSignal([extension, scattering], tracks)], tracks), tracks, frames });
 */
export function jointSignal(signals: readonly ArrayLike<number>[], tracks: ArrayLike<string>): Float64Array {
  const n = tracks.length;
  const rowsOf = rowsByName(tracks);
  const joint = new Float64Array(n);
  signals.forEach((signal, s) => {
    if (signal.length !== n) {
      throw new ShapeError(`jointSignal needs a track for each of ${signal.length} values, got ${n}`);
    }
    const deviations = new Float64Array(n);
    let [square, freedom] = [0, 0];
    for (const rows of rowsOf.values()) {
      const seen = rows.filter((row) => Number.isFinite(signal[row]));
      const mean = seen.reduce((sum, row) => sum + signal[row], 0) / seen.length;
      for (const row of seen) {
        deviations[row] = signal[row] - mean;
        square += deviations[row] ** 2;
      }
      freedom += Math.max(0, seen.length - 1);
    }
    if (!(square > 0)) {
      throw new ShapeError(
        `jointSignal needs signals that change along a track, got one (number ${s + 1}) that never does; leave it out`,
      );
    }
    const sd = Math.sqrt(square / freedom);
    for (let i = 0; i < n; i++) joint[i] += deviations[i] / sd;
  });
  return joint;
}
