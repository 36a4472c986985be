import type { FloatArray } from '../stats/matrix';
import { fitPca } from '../stats/pca';

/**
 * Cells on their first principal components, [n, components]: the flat projection beside UMAP, and UMAP's start.
 *
 * @param x [n, d] descriptors
 * @throws ShapeError, DataError, OptionError as `fitPca` does
 * @example
 * const points = pcaEmbedding(latents, n, 56); // [n, 2]
 */
export function pcaEmbedding(x: FloatArray, n: number, d: number, components = 2): Float64Array {
  return fitPca(x, n, d, { components }).transform(x, n);
}
