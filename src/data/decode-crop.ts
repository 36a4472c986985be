/** One image file to greyscale numbers. */
import { readFileSync, statSync } from 'node:fs';
import type { Sharp } from 'sharp';
import { DataError, messageOf } from '../util/errors';
import { readGreyPng } from './read-grey-png';
import { resizeBilinear } from './resize-bilinear';

/** A crop of a single cell is small; a picture above this (100 million pixels) is something else. */
const mostPixels = 1e8;
/** Nor is a larger file a crop: 100 million pixels of 16 bits and three colours, uncompressed. */
const mostBytes = mostPixels * 6;

/** Luminance of red, green and blue, as Torch7's `image.rgb2y` (ITU-R BT.601). */
const luminance = [0.299, 0.587, 0.114];

/** A decoded picture of any size. */
export interface DecodedPicture {
  width: number;
  height: number;
  /** [height, width] row by row. */
  pixels: Uint8Array | Uint16Array | Float32Array;
  /** The value that is white: 255, 65535 or 1. */
  white: number;
}

/**
 * Reads a PNG, TIFF or JPEG of 8 or 16 bits as float32 0..1, greyscale, at `size`×`size` pixels (see {@link resizeBilinear}). Colour
 * becomes luminance, transparency is ignored, of several pages the first is taken.
 *
 * Cost: 0.5 ms of one core for a greyscale PNG of 256×256 pixels, three times that for other kinds.
 *
 * @returns [size, size] row by row
 * @throws DataError whose message is the reason alone: empty, no image, cut short, larger than 100 million pixels
 */
export async function decodeCrop(path: string, size: number): Promise<Float32Array> {
  const { width, height, pixels, white } = await decodePicture(path);
  return resizeBilinear(toShares(pixels, white), height, width, size, size);
}

/**
 * Decodes a picture at its own size and depth.
 *
 * @throws DataError as {@link decodeCrop}
 */
export async function decodePicture(path: string): Promise<DecodedPicture> {
  const bytes = readWhole(path);
  const plain = readGreyPng(bytes, mostPixels);
  if (plain) return { ...plain, white: plain.pixels instanceof Uint16Array ? 65535 : 255 };
  try {
    return await decodeWithSharp(bytes);
  } catch (error) {
    throw new DataError(reasonOf(error), { cause: error });
  }
}

/** Integers to 0..1. */
export function toShares(pixels: Uint8Array | Uint16Array | Float32Array, white: number): Float32Array {
  if (pixels instanceof Float32Array) return pixels;
  const shares = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) shares[i] = pixels[i] / white;
  return shares;
}

async function decodeWithSharp(bytes: Buffer): Promise<DecodedPicture> {
  const { default: sharp } = await import('sharp');
  // failOn: a file that is cut short is an error, not a picture with a grey end
  const image: Sharp = sharp(bytes, { failOn: 'warning', limitInputPixels: mostPixels, page: 0 });
  const { depth, channels = 1 } = await image.metadata();
  const deep = depth === 'ushort';
  const coloured = channels >= 3;
  const { data, info } = await image
    .removeAlpha()
    .toColourspace(coloured ? (deep ? 'rgb16' : 'srgb') : deep ? 'grey16' : 'b-w')
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const numbers = deep ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  const pixels = toGrey(numbers, info.width * info.height, info.channels, deep ? 65535 : 255);
  return { width: info.width, height: info.height, pixels, white: 1 };
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

/** The file's bytes; an empty one, a folder and a giant are refused by name before a decoder sees them. */
function readWhole(path: string): Buffer {
  try {
    const status = statSync(path);
    if (status.isDirectory()) throw new DataError('is a folder');
    if (status.size === 0) throw new DataError('is empty');
    if (status.size > mostBytes) throw new DataError(`is larger than ${mostBytes / 1e6} MB`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof DataError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new DataError(code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`, { cause: error });
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
