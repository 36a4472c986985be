import { checkLength, checkMatrix, checkNumber, type FloatArray } from '../stats/matrix';
import { rowsByName } from '../util/rows-by-name';

/** Time-averaged descriptors. */
export interface TrackAverages {
  /** [m, d] */
  latents: Float64Array;
  m: number;
  /** [m] row of the first cell in each average, to look up its tumor, day and label. */
  rows: Int32Array;
  /** [m] cells averaged. */
  cells: Int32Array;
}

/**
 * Mean descriptor of each track (one living cell over time), or of stretches of it, to compare with single time points.
 *
 * @param latents [n, d], rows of a track in order of time
 * @param tracks the track of each cell; give series and track together where numbers repeat ("s07/12")
 * @param window time points per average; the rest of a track shorter than half of it is left out unless it is all there is. Default: all
 * @throws ShapeError, DataError, OptionError
 */
export function averageTracks(
  latents: FloatArray,
  n: number,
  d: number,
  tracks: ArrayLike<string | number>,
  window = Infinity,
): TrackAverages {
  checkMatrix('averageTracks', latents, n, d);
  checkLength('averageTracks', 'tracks', tracks, n);
  checkNumber('averageTracks', 'window', window, 1);
  const parts: number[][] = [];
  for (const rows of rowsByName(tracks).values()) {
    for (let start = 0; start < rows.length; start += window) {
      const part = rows.slice(start, start + window);
      if (start === 0 || part.length >= window / 2) parts.push(part);
    }
  }
  const means = new Float64Array(parts.length * d);
  parts.forEach((part, p) => {
    for (const i of part) {
      for (let j = 0; j < d; j++) means[p * d + j] += latents[i * d + j] / part.length;
    }
  });
  return {
    latents: means,
    m: parts.length,
    rows: Int32Array.from(parts, (part) => part[0]),
    cells: Int32Array.from(parts, (part) => part.length),
  };
}
