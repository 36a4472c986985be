import { delong } from '../stats/delong';
import { checkLength, checkMatrix, type FloatArray, takeRows } from '../stats/matrix';
import { defaultProgress, type Progress } from '../util/progress';
import { checkFolds, groupCells } from './grouped-cells';
import { fitNetwork, type NetworkOptions } from './network';

export interface NetworkByGroupOptions extends NetworkOptions {
  /** [n, d] descriptors. */
  latents: FloatArray;
  n: number;
  d: number;
  /** True (or 1) for positive cells. */
  labels: ArrayLike<number | boolean>;
  /** What is left out together. */
  groups: ArrayLike<string | number>;
  /** Further units left out with it, as in `classifyByGroup`. */
  alsoLeaveOut?: Record<string, ArrayLike<string | number>>;
  progress?: Progress;
}

/**
 * Leave-one-group-out with the small network, to compare its pooled AUC with that of `classifyByGroup` on the same cells.
 *
 * @returns out-of-group scores [n] and their AUC with DeLong's 95 % interval
 * @throws DataError, ShapeError, OptionError as `classifyByGroup` does; InterruptedError
 */
export async function networkByGroup(
  options: NetworkByGroupOptions,
): Promise<{ scores: Float64Array; auc: { value: number; delong95: [number, number] } }> {
  const { latents, n, d, labels, groups, progress = defaultProgress } = options;
  checkMatrix('networkByGroup', latents, n, d);
  checkLength('networkByGroup', 'labels', labels, n);
  checkLength('networkByGroup', 'groups', groups, n);
  const cells = groupCells(latents, d, labels, groups, options.alsoLeaveOut);
  checkFolds('networkByGroup', cells, ['negative', 'positive']);
  const scores = new Float64Array(n);
  progress.start('network, leave one group out', cells.parts.length, 'folds');
  for (const [p, part] of cells.parts.entries()) {
    const rows = part.training.flatMap((h) => cells.parts[h].rows.flat()).sort((a, b) => a - b);
    const score = await fitNetwork(
      takeRows(latents, d, rows),
      rows.length,
      d,
      rows.map((i) => Boolean(labels[i])),
      { ...options, random: options.random.fork(`${cells.names[part.group]}/${p}`) },
    );
    for (const i of part.rows.flat()) scores[i] = score(latents, i);
    progress.update(p + 1, cells.names[part.group]);
  }
  progress.finish();
  const { auc, low, high } = delong(scores, labels);
  return { scores, auc: { value: auc, delong95: [low, high] } };
}
