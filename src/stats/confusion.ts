import { checkLength } from './matrix';

/** Cells called against what they are. */
export interface Confusion {
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

/**
 * Counts of calls (score above `threshold` means positive) per group, such as per tumor, in order of first appearance.
 *
 * @throws ShapeError when lengths differ
 */
export function confusionByGroup(
  scores: ArrayLike<number>,
  labels: ArrayLike<number | boolean>,
  groups: ArrayLike<string | number>,
  threshold = 0,
): Map<string, Confusion> {
  checkLength('confusionByGroup', 'labels', labels, scores.length);
  checkLength('confusionByGroup', 'groups', groups, scores.length);
  const table = new Map<string, Confusion>();
  for (let i = 0; i < scores.length; i++) {
    const name = String(groups[i]);
    let counts = table.get(name);
    if (!counts) {
      counts = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
      table.set(name, counts);
    }
    const called = scores[i] > threshold;
    if (labels[i]) counts[called ? 'truePositives' : 'falseNegatives']++;
    else counts[called ? 'falsePositives' : 'trueNegatives']++;
  }
  return table;
}
