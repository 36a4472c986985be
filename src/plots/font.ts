/**
 * The font of every picture: Inter (SIL Open Font License), from an npm package, so that pictures look the same on every machine.
 *
 * Widths are read from the font itself. A server has no canvas to measure text with, and the guess that Vega falls back to
 * (0.8 em a character) is about a third too wide: labels would be cut off with an ellipsis although they fit.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Names for browsers, which may have Inter or not; the substitutes are of similar width. */
export const fontFamily = 'Inter, "Helvetica Neue", Arial, sans-serif';

const folder = dirname(require.resolve('@expo-google-fonts/inter/package.json'));

/** The weights in use and their files. */
const fontFiles = {
  400: join(folder, '400Regular', 'Inter_400Regular.ttf'),
  600: join(folder, '600SemiBold', 'Inter_600SemiBold.ttf'),
};
type Weight = keyof typeof fontFiles;

/** What resvg needs to draw text: our files and nothing of the system's. */
export const resvgFont = {
  fontFiles: Object.values(fontFiles),
  loadSystemFonts: false,
  defaultFontFamily: 'Inter',
  sansSerifFamily: 'Inter',
};

/**
 * Width of one line of text in pixels, without kerning (which makes it narrower by 1 % or so).
 *
 * @param size of the font, in pixels
 * @param weight CSS weight, as a number or as "bold"; drawn with the nearest of our two files (400, 600)
 * @example
 * textWidth('Classifier score', 12); // about 88
 */
export function textWidth(text: string, size: number, weight: number | string = 400): number {
  const { advances, fallback } = metrics(nearestWeight(weight));
  let width = 0;
  for (const character of text) width += advances.get(character.codePointAt(0)!) ?? fallback;
  return width * size;
}

function nearestWeight(weight: number | string): Weight {
  const heavy = typeof weight === 'number' ? weight >= 500 : /bold/.test(weight) || Number(weight) >= 500;
  return heavy ? 600 : 400;
}

interface Metrics {
  /** Advance of a character in em, by Unicode code point. */
  advances: Map<number, number>;
  /** For characters the font lacks: a full em. */
  fallback: number;
}

const loaded = new Map<Weight, Metrics>();

function metrics(weight: Weight): Metrics {
  let found = loaded.get(weight);
  if (!found) {
    found = { advances: readAdvances(readFileSync(fontFiles[weight])), fallback: 1 };
    loaded.set(weight, found);
  }
  return found;
}

/**
 * Glyph advances by code point, from a TrueType font's tables `head` (units per em), `hhea` and `hmtx` (advances) and `cmap`
 * (characters to glyphs; its format 4, which every font with a basic plane has). Source: the OpenType specification, 1.9.
 */
function readAdvances(font: Buffer): Map<number, number> {
  const tables = new Map<string, number>();
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const record = 12 + 16 * i;
    tables.set(font.toString('latin1', record, record + 4), font.readUInt32BE(record + 8));
  }
  const unitsPerEm = font.readUInt16BE(tables.get('head')! + 18);
  const metricCount = font.readUInt16BE(tables.get('hhea')! + 34);
  const hmtx = tables.get('hmtx')!;
  // glyphs behind the last metric share its advance
  const advance = (glyph: number) =>
    font.readUInt16BE(hmtx + 4 * Math.min(glyph, metricCount - 1)) / unitsPerEm;

  const cmap = tables.get('cmap')!;
  const advances = new Map<number, number>();
  for (let i = 0; i < font.readUInt16BE(cmap + 2); i++) {
    const table = cmap + font.readUInt32BE(cmap + 4 + 8 * i + 4);
    if (font.readUInt16BE(table) !== 4) continue;
    const segments = font.readUInt16BE(table + 6) / 2;
    const ends = table + 14;
    const starts = ends + 2 * segments + 2;
    const deltas = starts + 2 * segments;
    const offsets = deltas + 2 * segments;
    for (let segment = 0; segment < segments; segment++) {
      const end = font.readUInt16BE(ends + 2 * segment);
      const start = font.readUInt16BE(starts + 2 * segment);
      const delta = font.readUInt16BE(deltas + 2 * segment);
      const offset = font.readUInt16BE(offsets + 2 * segment);
      for (let code = start; code <= end && code !== 0xffff; code++) {
        let glyph = code;
        if (offset !== 0) {
          glyph = font.readUInt16BE(offsets + 2 * segment + offset + 2 * (code - start));
          if (glyph === 0) continue;
        }
        advances.set(code, advance((glyph + delta) & 0xffff));
      }
    }
  }
  return advances;
}
