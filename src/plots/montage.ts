import { Resvg } from '@resvg/resvg-js';
import sharp from 'sharp';
import { OptionError, ShapeError } from '../util/errors';
import { escapeXml } from './escape';
import { fontFamily, resvgFont, textWidth } from './font';
import { divergingColors, inkColor, mutedInkColor } from './theme';
import { wrapText } from './wrap-text';

/** Crops to show, one after the other: 0..1 as floats (what lies outside is clamped), or 0..255 as bytes. */
export type GreyImages = Float32Array | Uint8Array;

/** How a grid of crops is laid out. Every label stands outside the pictures, broken into lines where it is too long. */
export interface MontageOptions {
  /** Number of crops in `images`. */
  count: number;
  /** Side of a crop in pixels. */
  size: number;
  /** Crops in a row (as many as make the grid nearly square). */
  columns?: number;
  /** One label above each crop. */
  labels?: readonly string[];
  /** One label left of each row. */
  rowLabels?: readonly string[];
  /** One label above each column. */
  columnLabels?: readonly string[];
  /** Above everything. */
  title?: string;
  /** Small print below the title, such as "Synthetic cells". */
  note?: string;
  /** Picture pixels per crop pixel, a whole number (as many as make a crop about 128 pixels wide, at least 1). */
  scale?: number;
  /** Pixels between crops (4). */
  gap?: number;
}

/**
 * A grid of grey crops as PNG, with labels around them.
 *
 * @param images [count, size, size]
 * @throws ShapeError when the images hold fewer than `count` crops; OptionError when labels and grid do not match
 * @example
 * writeFileAtomic('reconstructions.png', await montagePng(crops, { count: 16, size: 64, columns: 8 }));
 */
export async function montagePng(images: GreyImages, options: MontageOptions): Promise<Uint8Array> {
  return gridPng('montagePng', images, options, greyPixel(images));
}

/** Options of {@link differencePng}. */
export interface DifferenceOptions extends MontageOptions {
  /** The difference that gets the full colour; by default the largest absolute one, which the picture states. */
  range?: number;
}

/**
 * Differences of crops as PNG: vermillion where a crop became brighter, blue where darker, near white where nothing changed.
 *
 * @param differences [count, size, size], after minus before, in the crops' own unit (0..1)
 */
export async function differencePng(
  differences: Float32Array,
  { range = largestMagnitude(differences), note, ...options }: DifferenceOptions,
): Promise<Uint8Array> {
  const scaleNote = `grey value: blue −${range.toPrecision(2)}, vermillion +${range.toPrecision(2)}`;
  return gridPng(
    'differencePng',
    differences,
    { ...options, note: note ? `${scaleNote} · ${note}` : scaleNote },
    divergingPixel(differences, range),
  );
}

/** One grey crop as PNG of its own size, without any margin. */
export async function cropPng(image: GreyImages, size: number): Promise<Uint8Array> {
  if (image.length !== size * size) {
    throw new ShapeError(`cropPng needs a crop of ${size} × ${size} pixels, got ${image.length} values`);
  }
  const bytes = image instanceof Uint8Array ? image : Uint8Array.from(image, greyByte);
  return sharp(bytes, { raw: { width: size, height: size, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}

/** Writes the colour of value `index` at `offset` of an RGB picture. */
type Paint = (index: number, rgb: Uint8Array, offset: number) => void;

function greyPixel(images: GreyImages): Paint {
  const bytes = images instanceof Uint8Array;
  return (index, rgb, offset) => {
    rgb.fill(bytes ? images[index] : greyByte(images[index]), offset, offset + 3);
  };
}

/** 0..1 → 0..255; NaN is black. */
function greyByte(value: number): number {
  return value > 0 ? Math.round(Math.min(1, value) * 255) : 0;
}

function divergingPixel(differences: Float32Array, range: number): Paint {
  const [below, middle, above] = divergingColors.map((hex) =>
    [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
  );
  return (index, rgb, offset) => {
    const share = range > 0 ? Math.max(-1, Math.min(1, differences[index] / range)) : 0;
    const end = share < 0 ? below : above;
    for (let channel = 0; channel < 3; channel++) {
      rgb[offset + channel] = Math.round(
        middle[channel] + Math.abs(share) * (end[channel] - middle[channel]),
      );
    }
  };
}

function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

const font = { title: 15, label: 12 };
const lineHeight = { title: 20, label: 15 };
const margin = 10;
/** Row labels wider than this go on in a second line. */
const rowLabelRoom = 150;

async function gridPng(
  who: string,
  images: GreyImages,
  options: MontageOptions,
  paint: Paint,
): Promise<Uint8Array> {
  const layout = layOut(who, images, options);
  const { width, height, tile, size, scale, count } = layout;

  const rgb = new Uint8Array(3 * width * height).fill(255);
  for (let crop = 0; crop < count; crop++) {
    const { left, top } = layout.place(crop);
    for (let y = 0; y < tile; y++) {
      const row = crop * size * size + Math.floor(y / scale) * size;
      for (let x = 0; x < tile; x++) {
        paint(row + Math.floor(x / scale), rgb, 3 * ((top + y) * width + left + x));
      }
    }
  }
  const picture = sharp(rgb, { raw: { width, height, channels: 3 } });
  if (layout.texts.length === 0) return picture.png().toBuffer();
  const words = new Resvg(textSvg(layout.texts, width, height), { font: resvgFont }).render().asPng();
  return picture
    .composite([{ input: words }])
    .png()
    .toBuffer();
}

/** A line of text in the picture, its baseline's start (or middle, or end) at x, y. */
interface PlacedText {
  text: string;
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
  size: number;
  weight: number;
  color: string;
}

interface Layout {
  width: number;
  height: number;
  count: number;
  size: number;
  scale: number;
  /** Side of a drawn crop: size × scale. */
  tile: number;
  texts: PlacedText[];
  /** Upper left corner of a crop. */
  place(crop: number): { left: number; top: number };
}

function layOut(who: string, images: GreyImages, options: MontageOptions): Layout {
  const { count, size, labels, rowLabels, columnLabels, title, note, gap = 4 } = options;
  const { columns = Math.max(1, Math.ceil(Math.sqrt(count))) } = options;
  const { scale = Math.max(1, Math.round(128 / size)) } = options;
  if (images.length < count * size * size) {
    throw new ShapeError(
      `${who} needs ${count} crops of ${size} × ${size} pixels (${count * size * size} values), got ${images.length} values`,
    );
  }
  for (const [name, value, least] of [
    ['count', count, 0],
    ['size', size, 1],
    ['columns', columns, 1],
    ['scale', scale, 1],
    ['gap', gap, 0],
  ] as const) {
    if (!Number.isInteger(value) || value < least) {
      throw new OptionError(`${who}: ${name} must be a whole number of at least ${least}, got ${value}`);
    }
  }
  const rows = Math.ceil(count / columns);
  checkLabels(who, 'labels', labels, count, 'crops');
  checkLabels(who, 'rowLabels', rowLabels, rows, 'rows');
  checkLabels(who, 'columnLabels', columnLabels, columns, 'columns');

  const tile = size * scale;
  const linesOf = (text: string, room: number, fontSize: number = font.label) =>
    text ? wrapText(text, room, fontSize) : [];
  // labels of neighbouring tiles keep 4 pixels between them
  const tileRoom = tile + gap - 4;
  const tileFont = fittingFont([...(labels ?? []), ...(columnLabels ?? [])], tileRoom);
  const rowLines = (rowLabels ?? []).map((text) => linesOf(text, rowLabelRoom));
  const columnLines = (columnLabels ?? []).map((text) => linesOf(text, tileRoom, tileFont));
  const cropLines = (labels ?? []).map((text) => linesOf(text, tileRoom, tileFont));

  const widest = Math.max(0, ...rowLines.flat().map((line) => textWidth(line, font.label)));
  const gridLeft = margin + (widest > 0 ? Math.ceil(widest) + 8 : 0);
  const width = Math.max(gridLeft + columns * tile + (columns - 1) * gap + margin, title || note ? 240 : 0);

  const texts: PlacedText[] = [];
  let y = margin;
  const write = (lines: readonly string[], kind: 'title' | 'label', color: string) => {
    for (const text of lines) {
      const weight = kind === 'title' ? 600 : 400;
      texts.push({ text, x: margin, y: y + font[kind], anchor: 'start', size: font[kind], weight, color });
      y += lineHeight[kind];
    }
    if (lines.length > 0) y += 8;
  };
  write(title ? wrapText(title, width - 2 * margin, font.title, 600) : [], 'title', inkColor);
  write(note ? wrapText(note, width - 2 * margin, font.label) : [], 'label', mutedInkColor);

  const columnX = (column: number) => gridLeft + column * (tile + gap);
  /** Lines above a tile, the last one resting `bottom`. */
  const above = (lines: readonly string[], column: number, bottom: number) => {
    lines.forEach((text, i) => {
      const up = (lines.length - 1 - i) * lineHeight.label;
      const x = columnX(column) + tile / 2;
      texts.push({
        text,
        x,
        y: bottom - 4 - up,
        anchor: 'middle',
        size: tileFont,
        weight: 400,
        color: inkColor,
      });
    });
  };
  const columnHead = lineHeight.label * Math.max(0, ...columnLines.map((lines) => lines.length));
  columnLines.forEach((lines, column) => {
    above(lines, column, y + columnHead);
  });
  y += columnHead;

  const tops: number[] = [];
  for (let row = 0; row < rows; row++) {
    const inRow = cropLines.slice(row * columns, (row + 1) * columns);
    const head = lineHeight.label * Math.max(0, ...inRow.map((lines) => lines.length));
    const top = y + head;
    inRow.forEach((lines, column) => {
      above(lines, column, top);
    });
    const lines = rowLines[row] ?? [];
    const room = Math.max(tile, lines.length * lineHeight.label);
    lines.forEach((text, i) => {
      const first = top + room / 2 - ((lines.length - 1) * lineHeight.label) / 2;
      // a third of the font size puts the middle of small letters on the line
      const baseline = first + i * lineHeight.label + font.label / 3;
      texts.push({
        text,
        x: gridLeft - 8,
        y: baseline,
        anchor: 'end',
        size: font.label,
        weight: 400,
        color: inkColor,
      });
    });
    tops.push(top + Math.floor((room - tile) / 2));
    y = top + room + (row < rows - 1 ? gap : 0);
  }
  const place = (crop: number) => ({ left: columnX(crop % columns), top: tops[Math.floor(crop / columns)] });
  return { width, height: Math.max(1, y + margin), count, size, scale, tile, texts, place };
}

/** The largest of a few sizes at which no word must be broken to fit `room`; words too long even for the smallest are broken. */
function fittingFont(labels: readonly string[], room: number): number {
  const words = labels.flatMap((label) => label.split(/\s+/));
  const sizes = [font.label, 11, 10, 9];
  return sizes.find((fontSize) => words.every((word) => textWidth(word, fontSize) <= room)) ?? 9;
}

function checkLabels(
  who: string,
  name: string,
  given: readonly string[] | undefined,
  needed: number,
  what: string,
): void {
  if (given !== undefined && given.length !== needed) {
    throw new OptionError(`${who}: ${name} has ${given.length} entries for ${needed} ${what}; give one each`);
  }
}

function textSvg(texts: readonly PlacedText[], width: number, height: number): string {
  const lines = texts.map(
    ({ text, x, y, anchor, size, weight, color }) =>
      `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="${size}" font-weight="${weight}" fill="${color}">${escapeXml(text)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${escapeXml(fontFamily)}">${lines.join('')}</svg>`;
}
