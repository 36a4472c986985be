/** One line of a benchmark: our figure beside a named peer's, measured in the same run. */
export interface BenchRow {
  name: string;
  unit: string;
  ours: number;
  peer: number;
  peerName: string;
  /** ours ÷ peer */
  ratio: number;
  better: 'higher' | 'lower';
  /** What was aimed at, in words. */
  goal: string;
}

/** Median of an unsorted list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
