/** Crops as a model wants them: what was done to the crops that it was trained on is done to every other. */
import { breather } from '../util/breather';
import type { Crops } from './load-crops';
import { checkPreprocessing, type Preprocessing, preprocessCrop } from './preprocess/preprocess-crop';

/** The part of {@link Preprocessing} that gives the same result every time, as a model's record has it. */
export type FixedPreprocessing = Omit<Preprocessing, 'turnShare'>;

/**
 * Applies a model's recorded preprocessing to loaded crops.
 *
 * @param preprocessing what model.json says; nothing leaves the crops as they are
 * @returns the same crops, or new images beside the same table
 * @throws OptionError when a setting cannot be used; InterruptedError
 * @example
 * const prepared = await prepareCrops(crops, { align: true });
 */
export async function prepareCrops(
  crops: Crops,
  preprocessing: FixedPreprocessing = {},
  signal?: AbortSignal,
): Promise<Crops> {
  if (!Object.values(preprocessing).some(Boolean)) return crops;
  checkPreprocessing('prepareCrops', preprocessing);
  const { size } = crops;
  const pixels = size * size;
  const images = new Float32Array(crops.images.length);
  const breathe = breather(signal, 'prepareCrops');
  for (let start = 0; start < images.length; start += pixels) {
    await breathe();
    const crop = crops.images.subarray(start, start + pixels);
    images.set(preprocessCrop(crop, size, size, size, preprocessing), start);
  }
  return { ...crops, images };
}
