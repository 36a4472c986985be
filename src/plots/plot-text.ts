import type { ExprRef } from 'vega';
import type { TitleParams } from 'vega-lite/build/src/title';
import { fontSizes } from './theme';
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
  return {
    text: title ? wrapText(title, room, fontSizes.title, 600) : '',
    ...(said.length > 0 ? { subtitle: wrapText(said.join(' · '), room, fontSizes.subtitle) } : {}),
  };
}

/** 1234 → "1,234 cells"; 1 → "1 cell". */
export function countOf(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}

/** A label from a column's name: "reconstructionLoss" and "reconstruction_loss" → "Reconstruction loss"; "AUC" stays. */
export function labelOf(column: string): string {
  const words = column
    .replace(/_/g, ' ')
    .replace(/([a-z0-9])([A-Z])(?=[a-z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
