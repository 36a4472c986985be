/** One shifted cell as a picture: what a slider asks for, and the frames that stand in for it where no kernel runs. */
import type { Autoencoder } from '../autoencoder/autoencoder';
import { cropPng } from '../plots/montage';
import { ShapeError } from '../util/errors';

/**
 * Decodes a cell shifted along a direction. One decoder pass, so that a slider can follow the hand.
 *
 * @param code [d] descriptor of the cell
 * @param direction [d] shift for one standard deviation, from `amplificationDirection`
 * @param shift in standard deviations; 0 gives the reconstruction, exactly
 * @returns a grey PNG of the model's image size
 * @throws ShapeError when code or direction are of another length than the model's descriptors
 * @example
 * const png = await decodeShift(model, code, amplificationDirection(classifier), 1.5);
 */
export async function decodeShift(
  model: Autoencoder,
  code: ArrayLike<number>,
  direction: ArrayLike<number>,
  shift: number,
): Promise<Uint8Array> {
  const [frame] = await amplificationFrames(model, code, direction, [shift]);
  return frame.png;
}

/** A picture at one shift. */
export interface AmplificationFrame {
  /** In standard deviations. */
  shift: number;
  png: Uint8Array;
}

/**
 * {@link decodeShift} for several shifts in one pass, to be shown without a kernel.
 *
 * @param shifts in standard deviations, in the order of the frames
 */
export async function amplificationFrames(
  model: Autoencoder,
  code: ArrayLike<number>,
  direction: ArrayLike<number>,
  shifts: readonly number[],
): Promise<AmplificationFrame[]> {
  const { latentDims: d, imageSize } = model.architecture;
  for (const [name, values] of [
    ['code', code],
    ['direction', direction],
  ] as const) {
    if (values.length !== d) {
      throw new ShapeError(
        `decodeShift needs a ${name} of the model's ${d} features, got ${values.length}; encode and classify with this model`,
      );
    }
  }
  const codes = new Float32Array(shifts.length * d);
  shifts.forEach((shift, s) => {
    for (let j = 0; j < d; j++) codes[s * d + j] = code[j] + shift * direction[j];
  });
  const images = model.decode(codes);
  const pixels = imageSize ** 2;
  return Promise.all(
    shifts.map(async (shift, s) => ({
      shift,
      png: await cropPng(images.subarray(s * pixels, (s + 1) * pixels), imageSize),
    })),
  );
}
