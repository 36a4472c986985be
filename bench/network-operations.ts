import { type Architecture, innermostSide } from '../src/autoencoder/architecture';

/** Floating-point operations of one image through encoder or decoder (they mirror each other): a multiplication and an addition are two. */
export function countOperations(architecture: Architecture): number {
  const { imageSize, channels, latentDims } = architecture;
  const widths = [1, ...channels];
  const convolutions = channels.reduce((sum, outputs, i) => {
    const side = imageSize / 2 ** (i + 1);
    return sum + 2 * side ** 2 * 16 * widths[i] * outputs;
  }, 0);
  return convolutions + 2 * channels[channels.length - 1] * innermostSide(architecture) ** 2 * latentDims;
}
