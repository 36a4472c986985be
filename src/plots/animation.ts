import sharp from 'sharp';
import { OptionError } from '../util/errors';

export interface AnimationOptions {
  /** WebP keeps every grey value; GIF plays everywhere, with 256 colours. */
  format: 'gif' | 'webp';
  /** Time that each picture is shown. Default 250. */
  delayMilliseconds?: number;
  /** Plays back to the first picture before it starts again, so that nothing jumps. Default true. */
  backAndForth?: boolean;
}

/**
 * Pictures of one size as an endless animation, readable by any browser and needing no video codec.
 *
 * @param pictures PNG files, such as those of `montagePng`
 * @throws OptionError without pictures
 * @example
 * writeFileAtomic('amplified.webp', await animationOf(montages, { format: 'webp' }));
 */
export async function animationOf(
  pictures: readonly Uint8Array[],
  { format, delayMilliseconds = 250, backAndForth = true }: AnimationOptions,
): Promise<Uint8Array> {
  if (pictures.length === 0) throw new OptionError('animationOf needs at least one picture, got none');
  const order = backAndForth ? [...pictures, ...pictures.slice(1, -1).reverse()] : [...pictures];
  if (order.length === 1) order.push(order[0]); // one picture alone would be a still
  // stacked by hand: sharp's own join loses grey values of one-channel pictures (0.35)
  const pages = await Promise.all(
    order.map((picture) =>
      sharp(picture).toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true }),
    ),
  );
  const { width, height, channels } = pages[0].info;
  if (pages.some(({ info }) => info.width !== width || info.height !== height)) {
    throw new OptionError('animationOf needs pictures of one size; draw them with the same options');
  }
  const film = sharp(Buffer.concat(pages.map(({ data }) => data)), {
    raw: { width, height: height * pages.length, channels, pageHeight: height },
  });
  const timing = { loop: 0, delay: order.map(() => delayMilliseconds) };
  return format === 'gif'
    ? film.gif({ ...timing, keepDuplicateFrames: true }).toBuffer()
    : film.webp({ ...timing, lossless: true }).toBuffer();
}
