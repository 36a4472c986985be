/** The look that all figures share: colours that colour-blind readers tell apart, legible sizes, titles on the left. */
import type { Config } from 'vega-lite';
import { fontFamily } from './font';

/**
 * Colours of categories: Okabe and Ito's set (Color Universal Design, 2008; Wong, Nature Methods 2011) without its yellow, which
 * vanishes on white when dots are small.
 */
export const categoryColors = [
  '#0072B2', // blue
  '#D55E00', // vermillion
  '#009E73', // bluish green
  '#CC79A7', // reddish purple
  '#E69F00', // orange
  '#56B4E9', // sky blue
  '#000000', // black
] as const;

/** Metastatic efficiency has the same colours in every figure. */
export const efficiencyColors: Readonly<Record<string, string>> = {
  high: '#D55E00',
  low: '#0072B2',
  unknown: '#8C8C8C',
};

/** Below, at and above the middle of a diverging scale: blue, near white, vermillion. */
export const divergingColors = ['#0072B2', '#F7F7F7', '#D55E00'] as const;

/** Colour of a single series, and of lines that are no data (chance, thresholds). */
export const singleColor = categoryColors[0];
export const referenceColor = '#6B6B6B';

/** Text colours: titles, and what is beside the data. */
export const inkColor = '#1A1A1A';
export const mutedInkColor = '#4D4D4D';

/** Font sizes in pixels. */
export const fontSizes = { title: 16, subtitle: 12.5, axisTitle: 13, label: 12 } as const;

/** Vega-Lite's `config` of every figure. */
export const theme: Config = {
  background: 'white',
  padding: 12,
  font: fontFamily,
  // the root carries the description; a sentence per dot would multiply the file's size
  aria: false,
  view: { stroke: null, continuousWidth: 420, continuousHeight: 320 },
  title: {
    anchor: 'start',
    frame: 'bounds',
    color: inkColor,
    fontSize: fontSizes.title,
    fontWeight: 600,
    lineHeight: 21,
    subtitleColor: mutedInkColor,
    subtitleFontSize: fontSizes.subtitle,
    subtitleLineHeight: 17,
    subtitlePadding: 6,
    offset: 14,
  },
  axis: {
    labelColor: mutedInkColor,
    labelFontSize: fontSizes.label,
    labelLimit: 320,
    titleColor: inkColor,
    titleFontSize: fontSizes.axisTitle,
    titleFontWeight: 600,
    titlePadding: 10,
    titleLimit: 600,
    domainColor: '#8C8C8C',
    tickColor: '#8C8C8C',
    gridColor: '#E6E6E6',
  },
  legend: {
    labelColor: inkColor,
    labelFontSize: fontSizes.label,
    labelLimit: 320,
    titleColor: inkColor,
    titleFontSize: fontSizes.axisTitle,
    titleFontWeight: 600,
    titleLimit: 320,
    symbolSize: 90,
    symbolLimit: 200,
    rowPadding: 4,
    columnPadding: 14,
    offset: 20,
  },
  header: {
    labelColor: inkColor,
    labelFontSize: fontSizes.axisTitle,
    labelFontWeight: 600,
    labelLimit: 320,
    labelPadding: 8,
    titleColor: inkColor,
    titleFontSize: fontSizes.axisTitle,
  },
  line: { strokeWidth: 2 },
  range: { category: [...categoryColors], heatmap: { scheme: 'viridis' }, ramp: { scheme: 'viridis' } },
};
