/** Tensors: shape, type, statistics, and a picture where the shape is that of one. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { MimeBundle } from '../../kernel/services';
import { htmlTable, numberText } from './html';
import { statistics } from './numbers';

/** Pictures of a batch that are shown. */
const mostPictures = 16;
/** Sides that can be a picture's. */
const [smallest, largest] = [8, 2048];

export async function displayTensor(value: unknown): Promise<MimeBundle | null> {
  if (!isTensor(value)) return null;
  const title = `Tensor [${value.shape.join(', ')}] ${value.dtype}`;
  if (value.isDisposed) return { 'text/plain': `${title}, disposed` };
  const data = value.dataSync();
  if (typeof data[0] === 'string')
    return { 'text/plain': `${title}: ${Array.from(data).slice(0, 8).join(', ')}` };
  const { min, max, mean, sd, missing } = statistics(data as ArrayLike<number>);
  const rows = [
    ['shape', `[${value.shape.join(', ')}]`],
    ['type', value.dtype],
    ['from, to', `${numberText(min)}, ${numberText(max)}`],
    ['mean, standard deviation', `${numberText(mean)}, ${numberText(sd)}`],
    ...(missing > 0 ? [['not finite', missing]] : []),
  ];
  const first = Array.from(data.slice(0, 8) as ArrayLike<number>, numberText).join(', ');
  return {
    'text/plain': `${title}: ${first}${data.length > 8 ? ', …' : ''}\n${rows
      .slice(2)
      .map(([name, text]) => `${name}: ${text}`)
      .join('; ')}`,
    'text/html': htmlTable(['Tensor', ''], rows),
    ...(await picture(value, data as Float32Array, min, max)),
  };
}

/** Of [h, w], [h, w, 1] and [n, s, s, 1], grey from the smallest to the largest value. */
async function picture(
  tensor: Tensor,
  data: ArrayLike<number>,
  min: number,
  max: number,
): Promise<MimeBundle> {
  const shape = tensor.shape.at(-1) === 1 && tensor.rank > 2 ? tensor.shape.slice(0, -1) : tensor.shape;
  const [height, width] = shape.slice(-2);
  const fits = (side: number) => side >= smallest && side <= largest;
  if ((shape.length !== 2 && shape.length !== 3) || height !== width || !fits(height)) return {};
  if (!(max > min)) return {};
  const count = Math.min(mostPictures, shape.length === 3 ? shape[0] : 1);
  if (count === 0) return {};
  const { montagePng } = await import('../../plots/montage.js');
  const images = Float32Array.from(
    { length: count * height * width },
    (_, i) => (data[i] - min) / (max - min),
  );
  return { 'image/png': await montagePng(images, { count, size: height, columns: Math.min(8, count) }) };
}

function isTensor(value: unknown): value is Tensor {
  const tensor = value as Partial<Tensor> | null;
  return (
    typeof tensor === 'object' &&
    tensor !== null &&
    Array.isArray(tensor.shape) &&
    typeof tensor.dtype === 'string' &&
    typeof tensor.dataSync === 'function' &&
    'dataId' in tensor
  );
}
