/** Tensors: shape, type, statistics, and a picture where the shape is that of one. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { MimeBundle } from '../../kernel/services';
import { htmlTable, numberText } from './html';
import { statistics } from './numbers';
import { greyRange, type PictureValues, picturePng } from './picture';

/** Pictures of a batch that are shown. */
const mostPictures = 16;
/** Sides that can be a picture's, in pixels. */
const [smallest, largest] = [8, 2048];

export async function displayTensor(value: unknown): Promise<MimeBundle | null> {
  if (!isTensor(value)) return null;
  const title = `Tensor [${value.shape.join(', ')}] ${value.dtype}`;
  if (value.isDisposed) return { 'text/plain': `${title}, disposed` };
  const data: ArrayLike<number | string> = await value.data();
  if (value.dtype === 'string')
    return { 'text/plain': `${title}: ${Array.from(data).slice(0, 8).join(', ')}` };
  const numbers = data as ArrayLike<number>;
  const { min, max, mean, sd, missing } = statistics(numbers);
  const rows = [
    ['shape', `[${value.shape.join(', ')}]`],
    ['type', value.dtype],
    ['from, to', `${numberText(min)}, ${numberText(max)}`],
    ['mean, standard deviation', `${numberText(mean)}, ${numberText(sd)}`],
    ...(missing > 0 ? [['not finite', missing]] : []),
  ];
  const picture = pictureValues(value.shape, numbers);
  const first = Array.from({ length: Math.min(8, numbers.length) }, (_, i) => numberText(numbers[i]));
  const told = rows.slice(2).map(([name, text]) => `${name}: ${text}`);
  const bundle: MimeBundle = {
    'text/plain': `${title}: ${first.join(', ')}${numbers.length > 8 ? ', …' : ''}\n${told.join('; ')}`,
    'text/html': htmlTable(['Tensor', ''], rows),
  };
  if (!picture || Number.isNaN(min)) return bundle;
  const range = greyRange(min, max);
  const png = Buffer.from(await picturePng(picture, range)).toString('base64');
  const caption = `${picture.count < value.shape[0] && picture.count > 1 ? `the first ${picture.count}; ` : ''}black ${numberText(range[0])}, white ${numberText(range[1])}`;
  return {
    ...bundle,
    'image/png': png,
    // front ends show one kind only, and HTML before pictures
    'text/html': `${bundle['text/html']}\n<img alt="${title}" src="data:image/png;base64,${png}">\n<p>${caption}</p>`,
  };
}

/** Null unless the shape is [h, w], [h, w, 1 | 3], [n, h, w] or [n, h, w, 1 | 3] with sides of pictures. */
function pictureValues(shape: readonly number[], data: ArrayLike<number>): PictureValues | null {
  const last = shape.at(-1);
  const channels = shape.length > 2 && (last === 1 || last === 3) ? last : 1;
  const sides = shape.length > 2 && (last === 1 || last === 3) ? shape.slice(0, -1) : shape;
  if (sides.length !== 2 && sides.length !== 3) return null;
  const [height, width] = sides.slice(-2);
  const fits = (side: number) => side >= smallest && side <= largest;
  // a long table of numbers is no picture
  if (!fits(height) || !fits(width) || Math.max(height / width, width / height) > 4) return null;
  const count = sides.length === 2 ? 1 : Math.min(mostPictures, sides[0]);
  return count > 0 ? { data, count, height, width, channels } : null;
}

function isTensor(value: unknown): value is Tensor {
  const tensor = value as Partial<Tensor> | null;
  return (
    typeof tensor === 'object' &&
    tensor !== null &&
    Array.isArray(tensor.shape) &&
    typeof tensor.dtype === 'string' &&
    typeof tensor.data === 'function' &&
    'dataId' in tensor
  );
}
