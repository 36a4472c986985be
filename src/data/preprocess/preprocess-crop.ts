/** What may be done to a crop before the network sees it, in the reference's order. */
import { OptionError } from '../../util/errors';
import type { Random } from '../../util/random';
import { resizeBilinear } from '../resize-bilinear';
import { alignCrop } from './align-crop';
import { flipLeftRight } from './flip-left-right';
import { maskGaussian } from './gaussian-mask';
import { normalizeLocalContrast } from './local-contrast';
import { type LowPass, lowPass } from './low-pass';
import { rotateNearest } from './rotate-nearest';
import { shiftIllumination } from './shift-illumination';

/** Every step is off unless named. */
export interface Preprocessing {
  /** Moves every cell to the middle and turns it to its principal axis, tail to the right. Not in the reference. */
  align?: boolean;
  /**
   * Share of crops that are turned by a random angle, half of them mirrored as well; drawn anew each epoch. The reference turns 0.2
   * (0.1 in its parallel loader).
   */
  turnShare?: number;
  /** Fades the crop's edge: standard deviation of the bell as a share of the side, above 0. */
  maskSigma?: number;
  /** Blurs, and stretches to 0..1. */
  lowPass?: LowPass;
  /** Local contrast normalisation with a Laplacian of this side in pixels, odd. Values leave 0..1. */
  localContrastKernel?: number;
  /** Added to every pixel, then clipped to 0..1. */
  illuminationShift?: number;
}

/** Throws an OptionError that names the first setting that cannot be used. */
export function checkPreprocessing(who: string, options: Preprocessing): void {
  const { turnShare, maskSigma, localContrastKernel, illuminationShift } = options;
  const odd = (value: number) => Number.isInteger(value) && value > 0 && value % 2 === 1;
  const refuse = (name: string, needed: string, value: number) => {
    throw new OptionError(`${who}: ${name} must be ${needed}, got ${value}`);
  };
  if (turnShare !== undefined && !(turnShare >= 0 && turnShare <= 1))
    refuse('turnShare', 'in 0..1', turnShare);
  if (maskSigma !== undefined && !(maskSigma > 0)) refuse('maskSigma', 'greater than 0', maskSigma);
  if (localContrastKernel !== undefined && !odd(localContrastKernel))
    refuse('localContrastKernel', 'an odd number of pixels', localContrastKernel);
  if (illuminationShift !== undefined && !(Math.abs(illuminationShift) <= 1))
    refuse('illuminationShift', 'in -1..1', illuminationShift);
  if (options.lowPass) {
    const { sigma, kernelSize = 25 } = options.lowPass;
    if (!(sigma > 0)) refuse('lowPass.sigma', 'greater than 0', sigma);
    if (!odd(kernelSize)) refuse('lowPass.kernelSize', 'an odd number of pixels', kernelSize);
  }
}

/**
 * Prepares one crop: alignment, turning, mask, low-pass, local contrast, illumination, and last the resizing.
 *
 * @param pixels 0..1, [height, width] row by row; stays as it is
 * @param size side of the result in pixels
 * @param random where turning draws from; needed when `turnShare` is above 0
 * @returns [size, size] row by row, never `pixels` itself
 */
export function preprocessCrop(
  pixels: Float32Array,
  height: number,
  width: number,
  size: number,
  options: Preprocessing,
  random?: Random,
): Float32Array {
  let crop = pixels;
  if (options.align) crop = alignCrop(crop, height, width);
  if (options.turnShare && random && random.uniform() < options.turnShare) {
    const angle = random.uniform() * 2 * Math.PI;
    if (random.uniform() < 0.5) crop = flipLeftRight(crop, width);
    crop = rotateNearest(crop, height, width, angle);
  }
  if (options.maskSigma) crop = maskGaussian(crop, height, width, options.maskSigma);
  if (options.lowPass) crop = lowPass(crop, height, width, options.lowPass);
  if (options.localContrastKernel) {
    crop = normalizeLocalContrast(crop, height, width, options.localContrastKernel);
  }
  if (options.illuminationShift) crop = shiftIllumination(crop, options.illuminationShift);
  return resizeBilinear(crop, height, width, size, size);
}
