/** Numbers as a picture: one, or the first of a batch side by side. */
import sharp from 'sharp';

/** Values [count, height, width, channels] of which pictures are made. */
export interface PictureValues {
  data: ArrayLike<number>;
  count: number;
  height: number;
  width: number;
  /** 1 grey, 3 red, green and blue. */
  channels: 1 | 3;
}

/** The values that are shown black and white. */
export type GreyRange = readonly [black: number, white: number];

const gap = 4;
const mostColumns = 8;

/** PNG of pictures in rows of up to eight; small ones are enlarged by whole numbers, so that pixels stay what they are. */
export async function picturePng(values: PictureValues, [black, white]: GreyRange): Promise<Uint8Array> {
  const { data, count, height, width, channels } = values;
  const columns = Math.min(mostColumns, count);
  const rows = Math.ceil(count / columns);
  const scale = Math.max(1, Math.round((count === 1 ? 192 : 96) / Math.max(height, width)));
  const gridWidth = columns * (width + gap) - gap;
  const gridHeight = rows * (height + gap) - gap;
  const pixels = new Uint8Array(gridWidth * gridHeight * channels).fill(255);
  for (let picture = 0; picture < count; picture++) {
    const left = (picture % columns) * (width + gap);
    const top = Math.floor(picture / columns) * (height + gap);
    for (let y = 0; y < height; y++) {
      const from = (picture * height + y) * width * channels;
      const to = ((top + y) * gridWidth + left) * channels;
      for (let i = 0; i < width * channels; i++) {
        const share = (data[from + i] - black) / (white - black);
        pixels[to + i] = share > 0 ? Math.round(255 * Math.min(1, share)) : 0; // NaN is black
      }
    }
  }
  const grid = sharp(pixels, { raw: { width: gridWidth, height: gridHeight, channels } }).resize(
    gridWidth * scale,
    gridHeight * scale,
    { kernel: 'nearest' },
  );
  return (channels === 1 ? grid.toColourspace('b-w') : grid).png().toBuffer();
}

/** Crops lie in 0..1 and files in whole numbers up to 255; anything else is spread from its smallest to its largest value. */
export function greyRange(min: number, max: number): GreyRange {
  if (min >= 0 && max <= 1) return [0, 1];
  if (min >= 0 && max <= 255 && max > 64 && Number.isInteger(min) && Number.isInteger(max)) return [0, 255];
  return max > min ? [min, max] : [min - 1, max + 1];
}
