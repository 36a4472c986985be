import type { TopLevelSpec } from 'vega-lite';
import type { Scale } from 'vega-lite/build/src/scale';
import { labelOf, type PlotText, plotTitle } from './plot-text';
import { categoriesOf, categoryOf, isNumber, type Row, requireColumns } from './rows';
import { divergingColors, inkColor, theme } from './theme';

export interface HeatmapOptions extends PlotText {
  /** Column across, a category or a whole number such as the feature. */
  x: string;
  /** Column down. */
  y: string;
  /** Column that colours the field, a number. */
  value: string;
  /** Blue below 0, vermillion above, symmetric, as for correlations; otherwise viridis from the lowest to the highest (false). */
  diverging?: boolean;
  /** Ends of the colour scale; by default the data's. */
  domain?: readonly [number, number];
  xOrder?: readonly string[];
  yOrder?: readonly string[];
  xTitle?: string;
  yTitle?: string;
  valueTitle?: string;
  /** Writes the numbers into the fields; by default when there are at most 150 fields of enough width. */
  numbers?: boolean;
  /** How the numbers are written, in d3's format language (".2f"). */
  format?: string;
}

/**
 * A table of numbers as coloured fields, such as the correlation of every feature with the score in every tumor. Fields without a
 * number stay empty.
 *
 * @throws DataError when a named column is missing
 * @example
 * heatmap(rows, { x: 'feature', y: 'tumor', value: 'correlation', diverging: true, domain: [-1, 1] });
 */
export function heatmap(rows: readonly Row[], options: HeatmapOptions): TopLevelSpec {
  const { x, y, value, diverging = false, format = '.2f' } = options;
  requireColumns('heatmap', rows, [x, y, value]);
  const values = rows.map((row) => ({
    x: categoryOf(row[x]),
    y: categoryOf(row[y]),
    value: isNumber(row[value]) ? row[value] : null,
  }));
  const across = categoriesOf(rows, x, options.xOrder);
  const down = categoriesOf(rows, y, options.yOrder);
  const numbers = options.numbers ?? (across.length * down.length <= 150 && across.length <= 16);
  const stepX = numbers ? 46 : Math.max(12, Math.min(30, Math.floor(900 / Math.max(1, across.length))));
  const stepY = Math.max(16, Math.min(30, Math.floor(700 / Math.max(1, down.length))));
  const width = options.width ?? Math.max(60, stepX * across.length);
  const height = options.height ?? Math.max(30, stepY * down.length);

  const known = values.flatMap((row) => (row.value === null ? [] : [row.value]));
  const [low, high] = options.domain ?? extent(known, diverging);
  const color: Scale = diverging
    ? { domain: [low, 0, high], range: [...divergingColors], interpolate: 'rgb', clamp: true }
    : { domain: [low, high], scheme: 'viridis', clamp: true };
  // numbers are white on dark fields: both ends of the diverging scale, the lower half of viridis
  const isDark = diverging
    ? `abs(datum.value) > ${0.62 * Math.max(Math.abs(low), Math.abs(high))}`
    : `datum.value < ${low + 0.55 * (high - low)}`;

  const isTilted = longest(across) > stepX / 7.5;
  const place = {
    x: {
      field: 'x',
      type: 'ordinal' as const,
      sort: across,
      title: options.xTitle ?? labelOf(x),
      // short labels stand upright; of many, every second or fifth is enough; tilted ones stand side by side
      axis: {
        labelAngle: isTilted ? -45 : 0,
        labelOverlap: isTilted && stepX >= 16 ? (false as const) : ('parity' as const),
        labelSeparation: 4,
      },
    },
    y: { field: 'y', type: 'ordinal' as const, sort: down, title: options.yTitle ?? labelOf(y) },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config: { ...theme, axis: { ...theme.axis, grid: false, domain: false, ticks: false, labelPadding: 6 } },
    width,
    height,
    title: plotTitle(options, width),
    data: { values },
    layer: [
      {
        mark: { type: 'rect', stroke: 'white', strokeWidth: 1, invalid: 'filter' },
        encoding: {
          ...place,
          color: {
            field: 'value',
            type: 'quantitative',
            title: options.valueTitle ?? labelOf(value),
            scale: color,
            legend: { gradientLength: Math.max(60, Math.min(200, height)), tickCount: 5 },
          },
        },
      },
      ...(numbers
        ? [
            {
              transform: [{ filter: 'isValid(datum.value)' }],
              mark: { type: 'text' as const, fontSize: 11.5 },
              encoding: {
                ...place,
                text: { field: 'value', type: 'quantitative' as const, format },
                color: { condition: { test: isDark, value: 'white' }, value: inkColor },
              },
            },
          ]
        : []),
    ],
  };
}

function extent(values: readonly number[], symmetric: boolean): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return [-1, 1];
  if (symmetric) {
    const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
    return [-reach, reach];
  }
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function longest(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => name.length));
}
