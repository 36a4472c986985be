import { DataError } from '../util/errors';
import { checkLength, checkMatrix, type FloatArray } from './matrix';
import { momentsOf, scaleOf } from './moments';

export interface CenterBatchesOptions {
  /**
   * True for the cells that a batch is measured by, such as a control type imaged every day. Default all cells, which also removes
   * whatever else differs between the days, the biology of a tumor imaged on one day included.
   */
  reference?: ArrayLike<boolean | number>;
  /** Divide by the standard deviation of the batch's reference cells, too. Default true. */
  scale?: boolean;
}

/**
 * Per-batch centring (and scaling) on reference cells: afterwards the reference cells of every batch have the mean and the spread that
 * all reference cells had together. Uses no label and nothing of other batches except that common target.
 *
 * @param x [n, d] descriptors
 * @param batches the day of each cell
 * @returns [n, d]
 * @throws DataError when a batch has fewer than two reference cells; ShapeError
 */
export function centerBatches(
  x: FloatArray,
  n: number,
  d: number,
  batches: ArrayLike<string | number>,
  options: CenterBatchesOptions = {},
): Float64Array {
  checkMatrix('centerBatches', x, n, d);
  checkLength('centerBatches', 'batches', batches, n);
  const { reference, scale = true } = options;
  if (reference) checkLength('centerBatches', 'reference marks', reference, n);
  const members = new Map<string, { all: number[]; reference: number[] }>();
  const everyReference: number[] = [];
  for (let i = 0; i < n; i++) {
    const name = String(batches[i]);
    const batch = members.get(name) ?? { all: [], reference: [] };
    members.set(name, batch);
    batch.all.push(i);
    if (reference && !reference[i]) continue;
    batch.reference.push(i);
    everyReference.push(i);
  }
  const common = momentsOf(x, d, everyReference);
  const commonScale = scaleOf(common);
  const corrected = new Float64Array(n * d);
  for (const [name, batch] of members) {
    if (batch.reference.length < 2) {
      throw new DataError(
        `centerBatches needs at least two reference cells in every batch, got ${batch.reference.length} in "${name}"; leave that batch out or choose other reference cells`,
      );
    }
    const own = momentsOf(x, d, batch.reference);
    const ownScale = scaleOf(own);
    for (const i of batch.all) {
      for (let j = 0; j < d; j++) {
        const by = scale ? commonScale[j] / ownScale[j] : 1;
        corrected[i * d + j] = common.mean[j] + (x[i * d + j] - own.mean[j]) * by;
      }
    }
  }
  return corrected;
}
