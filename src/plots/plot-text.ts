import type { ExprRef } from 'vega';
import type { TitleParams } from 'vega-lite/build/src/title';
import { textWidth } from './font';
import { fontSizes, mutedInkColor } from './theme';
import { wrapText } from './wrap-text';

/** What every chart can be told about its words and its size. */
export interface PlotText {
  /** The finding or the question, above the picture. */
  title?: string;
  /** One or two sentences below the title: what was counted, how. */
  subtitle?: string;
  /** Said last in the subtitle, on every figure of data that no microscope made: "Synthetic cells". */
  note?: string;
  /** Width of the plotting area in pixels. */
  width?: number;
  /** Height of the plotting area in pixels. */
  height?: number;
}

/**
 * Title and subtitle broken into lines as wide as the picture, so that they never stretch it. `facts` are what the chart adds by
 * itself (number of cells, AUC); the note comes last.
 *
 * @returns undefined when there is nothing to say
 */
export function plotTitle(
  { title, subtitle, note }: PlotText,
  width: number,
  facts: readonly string[] = [],
): TitleParams<ExprRef> | undefined {
  const said = [...(subtitle ? [subtitle] : []), ...facts, ...(note ? [note] : [])];
  if (!title && said.length === 0) return undefined;
  // below 280 pixels the lines would be shorter than a reader's breath
  const room = Math.max(280, width);
  const lines = packLines(said, room);
  if (!title) {
    // Vega drops a subtitle that has no title above it, and with it the note
    const { subtitle: fontSize } = fontSizes;
    return { text: lines, fontSize, fontWeight: 400, color: mutedInkColor, lineHeight: 17 };
  }
  return {
    text: wrapText(title, room, fontSizes.title, 600),
    ...(lines.length > 0 ? { subtitle: lines } : {}),
  };
}

/** Phrases with dots between them, as many to a line as fit. */
function packLines(phrases: readonly string[], room: number): string[] {
  const lines: string[] = [];
  for (const phrase of phrases) {
    const longer = `${lines.at(-1)} · ${phrase}`;
    if (lines.length > 0 && textWidth(longer, fontSizes.subtitle) <= room) lines[lines.length - 1] = longer;
    else lines.push(...wrapText(phrase, room, fontSizes.subtitle));
  }
  return lines;
}

/** 1234 → "1,234 cells"; 1 → "1 cell". */
export function countOf(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}

/**
 * A label from a column's name: "reconstructionLoss" and "reconstruction_loss" → "Reconstruction loss"; "umap1" → "UMAP 1".
 */
export function labelOf(column: string): string {
  const words = column
    .replace(/_/g, ' ')
    .replace(/([a-z0-9])([A-Z])(?=[a-z])/g, (_, before, capital) => `${before} ${capital.toLowerCase()}`)
    .replace(/\b(umap|pc|auc|mse)(?=\d|\b)/gi, (name) => name.toUpperCase())
    .replace(/\b(UMAP|PC)(\d)/, '$1 $2');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
