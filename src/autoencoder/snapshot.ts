/** Pictures of a model's state: held-out crops over their reconstructions, and cells decoded from the prior. */
import { montagePng } from '../plots/montage';
import { seededRandom } from '../util/random';
import type { Autoencoder } from './autoencoder';

const columns = 8;
/** Crops that a snapshot shows: three rows, each over its reconstructions. */
export const snapshotCrops = 3 * columns;

/**
 * A grid of eight columns as PNG: up to 24 crops, each row over its reconstructions, and below them samples of the prior (always the same
 * codes, so that pictures of different epochs can be compared). With 16 samples the grid is 8 × 8.
 *
 * @param images crops 0..1 of the model's size
 * @param options.priorSamples how many cells to decode from the prior
 */
export async function snapshotPng(
  model: Autoencoder,
  images: Float32Array,
  { title, note, priorSamples = 16 }: { title: string; note?: string; priorSamples?: number },
): Promise<Uint8Array> {
  const { imageSize: size, latentDims } = model.architecture;
  const pixels = size * size;
  const count = Math.min(snapshotCrops, images.length / pixels);
  const shown = images.subarray(0, count * pixels);
  const reconstructions = model.reconstruct(shown);
  const random = seededRandom(1).fork('prior samples');
  const codes = Float32Array.from({ length: priorSamples * latentDims }, () => random.normal());
  const cropRows = Math.ceil(count / columns);
  const sampleRows = Math.ceil(priorSamples / columns);
  const grid = new Float32Array((2 * cropRows + sampleRows) * columns * pixels);
  const rowLabels: string[] = [];
  for (let row = 0; row < cropRows; row++) {
    const part = (of: Float32Array) => of.subarray(row * columns * pixels, (row + 1) * columns * pixels);
    grid.set(part(shown), 2 * row * columns * pixels);
    grid.set(part(reconstructions), (2 * row + 1) * columns * pixels);
    rowLabels.push('crop', 'reconstruction');
  }
  if (priorSamples > 0) grid.set(model.decode(codes), 2 * cropRows * columns * pixels);
  for (let row = 0; row < sampleRows; row++) rowLabels.push('prior sample');
  return montagePng(grid, {
    count: rowLabels.length * columns,
    size,
    columns,
    rowLabels,
    title,
    note,
    scale: size < 100 ? 2 : 1,
  });
}
