/** Rows of each track in the order of its frames; tracks in the order in which they come. */
export function tracksInTime(
  tracks: ArrayLike<string>,
  frames: ArrayLike<number>,
): { track: string; rows: number[] }[] {
  const rowsOf = new Map<string, number[]>();
  for (let i = 0; i < tracks.length; i++) {
    const rows = rowsOf.get(tracks[i]);
    if (rows) rows.push(i);
    else rowsOf.set(tracks[i], [i]);
  }
  return [...rowsOf].map(([track, rows]) => ({ track, rows: rows.sort((a, b) => frames[a] - frames[b]) }));
}
