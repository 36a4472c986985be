import type { TopLevelSpec } from 'vega-lite';
import { seededRandom } from '../util/random';
import { categoryScale, numberOfColors } from './category-scale';
import { countOf, labelOf, type PlotText, plotTitle } from './plot-text';
import { categoriesOf, categoryOf, fieldOf, isNumber, pickColumns, type Row, requireColumns } from './rows';
import { singleColor, theme } from './theme';

export interface ScatterOptions extends PlotText {
  /** Column of the horizontal position, a number. */
  x: string;
  /** Column of the vertical position, a number. */
  y: string;
  /** Column that colours the dots. Numbers (more than ten different ones) get the viridis scale, all else one colour per category. */
  color?: string;
  /** Column that shapes the dots; by default only colours differ, until there are more categories than colours. */
  shape?: string;
  /** Categories of `color` in the order of the legend; those not named follow by alphabet. */
  colorOrder?: readonly string[];
  /** Columns shown when the mouse rests on a dot (the drawn ones). */
  tooltip?: readonly string[];
  /** Axis titles; by default from the columns' names. */
  xTitle?: string;
  yTitle?: string;
  colorTitle?: string;
  /** false leaves the axes without numbers, as suits a UMAP, whose coordinates mean nothing (true). */
  axes?: boolean;
}

/**
 * Dots of two columns, such as a UMAP or two principal components, coloured by a third. Dots get smaller and more transparent the more
 * there are, and are drawn in a shuffled (seeded) order, so that no category hides the others.
 *
 * @throws DataError when a named column is missing
 * @example
 * scatterPlot(rows, { x: 'umap1', y: 'umap2', color: 'tumor', axes: false, title: 'Latent descriptors of 3,500 cells' });
 */
export function scatterPlot(rows: readonly Row[], options: ScatterOptions): TopLevelSpec {
  const { x, y, color, shape, tooltip, axes = true, width = 440, height = 440 } = options;
  requireColumns('scatterPlot', rows, [x, y, color, shape, ...(tooltip ?? [])]);
  const placed = rows.filter((row) => isNumber(row[x]) && isNumber(row[y]));
  const shown = seededRandom(0).shuffle(placed);
  const numeric = color !== undefined && isNumericColumn(shown, color);
  const columns = [...new Set([x, y, color, shape, ...(tooltip ?? [])])];
  const values = shown.map((row) => {
    const picked = pickColumns(row, columns);
    if (color !== undefined && !numeric) picked[color] = categoryOf(row[color]);
    if (shape !== undefined && shape !== color) picked[shape] = categoryOf(row[shape]);
    return picked;
  });

  const categories = color !== undefined && !numeric ? categoriesOf(shown, color, options.colorOrder) : [];
  const colorTitle = options.colorTitle ?? (color === undefined ? '' : labelOf(color));
  // shapes repeat the colours' categories only when there are more of them than colours
  const shapeColumn = shape ?? (categories.length > numberOfColors ? color : undefined);
  const shapeCategories =
    shapeColumn === color ? categories : shape === undefined ? [] : categoriesOf(shown, shape);
  const axis = axes ? {} : { labels: false, ticks: false, grid: false };
  const missing = rows.length - placed.length;

  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config: theme,
    width,
    height,
    title: plotTitle(options, width, [
      countOf(placed.length, 'cell'),
      ...(missing > 0 ? [`${missing.toLocaleString('en-US')} without a position left out`] : []),
    ]),
    data: { values },
    mark: {
      type: 'point',
      filled: true,
      size: dotSize(placed.length),
      opacity: dotOpacity(placed.length),
      strokeWidth: 0,
    },
    encoding: {
      x: {
        field: fieldOf(x),
        type: 'quantitative',
        title: options.xTitle ?? labelOf(x),
        scale: { zero: false, nice: axes },
        axis,
      },
      y: {
        field: fieldOf(y),
        type: 'quantitative',
        title: options.yTitle ?? labelOf(y),
        scale: { zero: false, nice: axes },
        axis,
      },
      ...(color === undefined
        ? { color: { value: singleColor } }
        : numeric
          ? {
              color: {
                field: fieldOf(color),
                type: 'quantitative' as const,
                title: colorTitle,
                scale: { scheme: 'viridis' },
                legend: { gradientOpacity: 1 },
              },
            }
          : {
              color: {
                field: fieldOf(color),
                type: 'nominal' as const,
                title: colorTitle,
                scale: categoryScale(categories).color,
                legend: { symbolOpacity: 1, columns: Math.ceil(categories.length / 20) || 1 },
              },
            }),
      ...(shapeColumn === undefined
        ? {}
        : {
            shape: {
              field: fieldOf(shapeColumn),
              type: 'nominal' as const,
              title: shapeColumn === color ? colorTitle : labelOf(shapeColumn),
              scale: categoryScale(shapeCategories, { alone: shapeColumn !== color }).shape,
              legend: { symbolOpacity: 1, columns: Math.ceil(shapeCategories.length / 20) || 1 },
            },
          }),
      tooltip: (tooltip ?? [color, shape, x, y])
        .filter((column): column is string => column !== undefined)
        .map((column) => ({ field: fieldOf(column), title: column })),
    },
  };
}

function isNumericColumn(rows: readonly Row[], column: string): boolean {
  const known = rows.map((row) => row[column]).filter((value) => value !== null && value !== undefined);
  return known.every((value) => typeof value === 'number') && new Set(known).size > 10;
}

/** Area of a dot in square pixels: 50 for a hundred cells, 6 for ten thousand and more. */
function dotSize(n: number): number {
  return Math.round(Math.max(6, Math.min(50, 500 / Math.sqrt(Math.max(1, n)))));
}

function dotOpacity(n: number): number {
  return n <= 300 ? 0.85 : n <= 3000 ? 0.65 : n <= 20000 ? 0.45 : 0.25;
}
