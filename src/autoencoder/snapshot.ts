/** Pictures of a model's state: held-out crops over their reconstructions, and cells decoded from the prior. */
import { montagePng } from '../plots/montage';
import { seededRandom } from '../util/random';
import type { Autoencoder } from './autoencoder';

const columns = 8;

/**
 * A grid of three rows as PNG: up to eight crops, their reconstructions, and eight samples of the prior (always the same eight codes).
 *
 * @param images crops 0..1 of the model's size
 */
export async function snapshotPng(
  model: Autoencoder,
  images: Float32Array,
  title: string,
): Promise<Uint8Array> {
  const { imageSize: size, latentDims } = model.architecture;
  const pixels = size * size;
  const count = Math.min(columns, images.length / pixels);
  const shown = images.subarray(0, count * pixels);
  const random = seededRandom(1).fork('prior samples');
  const codes = Float32Array.from({ length: columns * latentDims }, () => random.normal());
  const grid = new Float32Array(3 * columns * pixels);
  grid.set(shown, 0);
  grid.set(model.reconstruct(shown), columns * pixels);
  grid.set(model.decode(codes), 2 * columns * pixels);
  return montagePng(grid, {
    count: 3 * columns,
    size,
    columns,
    rowLabels: ['crop', 'reconstruction', 'prior sample'],
    title,
    scale: size < 100 ? 2 : 1,
  });
}
