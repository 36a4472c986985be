import { rowsByName } from '../util/rows-by-name';

/** Rows of each track in the order of its frames; tracks in the order in which they come. */
export function tracksInTime(
  tracks: ArrayLike<string>,
  frames: ArrayLike<number>,
): { track: string; rows: number[] }[] {
  return [...rowsByName(tracks)].map(([track, rows]) => ({
    track,
    rows: rows.sort((a, b) => frames[a] - frames[b]),
  }));
}
