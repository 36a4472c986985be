/** One image file to greyscale numbers. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import sharp from 'sharp';
import { DataError, messageOf } from '../util/errors';
import { resizeBilinear } from './resize-bilinear';

/** A crop of a single cell is small; a picture above this (100 million pixels) is something else. */
const mostPixels = 1e8;

/** Luminance of red, green and blue, as Torch7's `image.rgb2y` (ITU-R BT.601). */
const luminance = [0.299, 0.587, 0.114];

/**
 * Reads a PNG, TIFF or JPEG of 8 or 16 bits as float32 0..1, greyscale, at `size`×`size` pixels (see {@link resizeBilinear}). Colour
 * becomes luminance, transparency is ignored, of several pages the first is taken.
 *
 * @returns [size, size] row by row
 * @throws DataError whose message is the reason alone: empty, no image, cut short, too large
 */
export async function decodeCrop(path: string, size: number): Promise<Float32Array> {
  refuseEmpty(path);
  try {
    // failOn: a file that is cut short is an error, not a picture with a grey end
    const image = sharp(path, { failOn: 'warning', limitInputPixels: mostPixels, page: 0 });
    const { depth, channels = 1 } = await image.metadata();
    const deep = depth === 'ushort';
    const coloured = channels >= 3;
    const { data, info } = await image
      .removeAlpha()
      .toColourspace(coloured ? (deep ? 'rgb16' : 'srgb') : deep ? 'grey16' : 'b-w')
      .raw({ depth: deep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const numbers = deep ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
    const grey = toGrey(numbers, info.width * info.height, info.channels, deep ? 65535 : 255);
    return resizeBilinear(grey, info.height, info.width, size, size);
  } catch (error) {
    throw new DataError(reasonOf(error), { cause: error });
  }
}

function toGrey(
  numbers: Uint8Array | Uint16Array,
  pixels: number,
  channels: number,
  most: number,
): Float32Array {
  const grey = new Float32Array(pixels);
  if (channels < 3) {
    for (let i = 0; i < pixels; i++) grey[i] = numbers[i * channels] / most;
  } else {
    const [red, green, blue] = luminance;
    for (let i = 0; i < pixels; i++) {
      const at = i * channels;
      grey[i] = (red * numbers[at] + green * numbers[at + 1] + blue * numbers[at + 2]) / most;
    }
  }
  return grey;
}

/** Libvips calls an empty file an unsupported format; say what it is. */
function refuseEmpty(path: string): void {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DataError(code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`, { cause: error });
  }
  try {
    if (fstatSync(file).isDirectory()) throw new DataError('is a folder');
    if (readSync(file, Buffer.alloc(1), 0, 1, 0) === 0) throw new DataError('is empty');
  } finally {
    closeSync(file);
  }
}

/** Libvips' words in plain ones. */
function reasonOf(error: unknown): string {
  const text = messageOf(error);
  if (/unsupported image format/i.test(text)) return 'is no PNG, TIFF or JPEG image';
  if (/pixel limit/i.test(text)) return `is larger than ${mostPixels / 1e6} million pixels`;
  if (/end of|truncated|premature|libspng read error|read error|corrupt|invalid/i.test(text)) {
    return 'is damaged or cut short';
  }
  return `cannot be decoded (${text.split('\n')[0]})`;
}
