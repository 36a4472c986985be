import type { Autoencoder } from './autoencoder';
import type { CropSource } from './crop-source';

/** How well crops come back, in evaluation mode; null where there are none. */
export interface Reconstruction {
  /** Mean cross-entropy per pixel. */
  validationLoss: number | null;
  /** Squared error per pixel: mean and standard deviation over crops. */
  validationMseMean: number | null;
  validationMseSd: number | null;
}

/** Crops in memory at a time. */
const passSize = 64;

/** Encodes and decodes all crops of `crops` and compares. */
export async function measureReconstruction(model: Autoencoder, crops: CropSource): Promise<Reconstruction> {
  if (crops.count === 0) return { validationLoss: null, validationMseMean: null, validationMseSd: null };
  const pixels = crops.size ** 2;
  let crossEntropy = 0;
  const errors: number[] = [];
  for (let start = 0; start < crops.count; start += passSize) {
    const count = Math.min(passSize, crops.count - start);
    const images = await crops.read(Int32Array.from({ length: count }, (_, i) => start + i));
    const reconstructions = model.reconstruct(images);
    for (let i = 0; i < count; i++) {
      let squares = 0;
      for (let at = i * pixels; at < (i + 1) * pixels; at++) {
        const target = images[at];
        const value = reconstructions[at];
        squares += (target - value) ** 2;
        crossEntropy -= target * Math.log(value + 1e-12) + (1 - target) * Math.log(1 - value + 1e-12);
      }
      errors.push(squares / pixels);
    }
  }
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const variance =
    errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / Math.max(1, errors.length - 1);
  return {
    validationLoss: round(crossEntropy / (crops.count * pixels)),
    validationMseMean: round(mean),
    validationMseSd: round(Math.sqrt(variance)),
  };
}

function round(value: number): number {
  return Number(value.toFixed(6));
}
