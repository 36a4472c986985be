import type { TopLevelSpec } from 'vega-lite';
import { categoryScale, numberOfColors } from './category-scale';
import { labelOf, type PlotText, plotTitle } from './plot-text';
import { categoriesOf, categoryOf, isNumber, type Row, requireColumns } from './rows';
import { referenceColor, singleColor, theme } from './theme';

export interface LinePlotOptions extends PlotText {
  /** Column of the horizontal axis, a number. */
  x: string;
  /** Column of the vertical axis, a number. */
  y: string;
  /** Columns of an interval around each value, drawn as a band. */
  low?: string;
  high?: string;
  /** Column that names the line, to draw several. */
  series?: string;
  /** Lines in the order of the legend; those not named follow by alphabet. */
  seriesOrder?: readonly string[];
  /** A dashed line to compare with: the diagonal, or one height; and what to call it. */
  reference?: { at: number | 'diagonal'; label: string };
  /** Marks every value with a dot; by default up to 40 per line. */
  points?: boolean;
  /** `log` for a horizontal axis in equal factors ("linear"). */
  xScale?: 'linear' | 'log';
  /** Ends of the axes; by default the data's. */
  xDomain?: readonly [number, number];
  yDomain?: readonly [number, number];
  xTitle?: string;
  yTitle?: string;
}

/** Dashes of the lines whose colour came round again. */
const dashes = [
  [1, 0],
  [6, 3],
  [2, 2],
];

/**
 * Lines through numbers in the order of their rows, such as precision against recall, reliability, or accuracy against the number of
 * cells; with intervals as bands and a dashed line to compare with.
 *
 * @throws DataError when a named column is missing
 * @example
 * linePlot(rows, { x: 'cells', y: 'accuracy', low: 'low', high: 'high', xScale: 'log', reference: { at: 0.95, label: '95 %' } });
 */
export function linePlot(rows: readonly Row[], options: LinePlotOptions): TopLevelSpec {
  const { x, y, low, high, series, reference, xScale = 'linear', width = 420, height = 320 } = options;
  requireColumns('linePlot', rows, [x, y, low, high, series]);
  const values = rows
    .filter((row) => isNumber(row[x]) && isNumber(row[y]) && (xScale === 'linear' || row[x] > 0))
    .map((row, point) => ({
      point,
      x: row[x] as number,
      y: row[y] as number,
      ...(low !== undefined && high !== undefined && isNumber(row[low]) && isNumber(row[high])
        ? { low: row[low], high: row[high] }
        : {}),
      ...(series === undefined ? {} : { series: categoryOf(row[series]) }),
    }));
  const lines = series === undefined ? [] : categoriesOf(values, 'series', options.seriesOrder);
  const points = options.points ?? values.length <= 40 * Math.max(1, lines.length);
  const color =
    series === undefined
      ? { value: singleColor }
      : {
          field: 'series',
          type: 'nominal' as const,
          title: labelOf(series),
          scale: categoryScale(lines).color,
          legend: { symbolType: 'stroke', symbolOpacity: 1, symbolStrokeWidth: 3 },
        };
  const strokeDash =
    lines.length <= numberOfColors
      ? {}
      : {
          strokeDash: {
            field: 'series',
            type: 'nominal' as const,
            title: labelOf(series!),
            scale: {
              domain: lines,
              range: lines.map((_, i) => dashes[Math.floor(i / numberOfColors) % dashes.length]),
            },
          },
        };
  const across = {
    field: 'x',
    type: 'quantitative' as const,
    title: options.xTitle ?? labelOf(x),
    scale: {
      type: xScale,
      zero: false,
      nice: false,
      ...(options.xDomain ? { domain: [...options.xDomain] } : {}),
    },
    axis: xScale === 'log' ? { values: logTicks(values), format: ',~r', grid: true } : { tickCount: 6 },
  };
  const up = {
    type: 'quantitative' as const,
    title: options.yTitle ?? labelOf(y),
    scale: { zero: false, ...(options.yDomain ? { domain: [...options.yDomain], nice: false } : {}) },
    axis: { tickCount: 6 },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config: theme,
    width,
    height,
    title: plotTitle(options, width, reference ? [`dashed: ${reference.label}`] : []),
    layer: [
      ...(reference === undefined ? [] : [referenceLine(reference.at, options)]),
      ...(values.some((row) => row.low !== undefined)
        ? [
            {
              data: { values },
              mark: { type: 'area' as const, opacity: 0.2, clip: true },
              encoding: { x: across, y: { ...up, field: 'low' }, y2: { field: 'high' }, color },
            },
          ]
        : []),
      {
        data: { values },
        mark: { type: 'line', point: points, clip: true },
        encoding: {
          x: across,
          y: { ...up, field: 'y' },
          color,
          ...strokeDash,
          order: { field: 'point', type: 'quantitative' },
        },
      },
    ],
  };
}

function referenceLine(at: number | 'diagonal', { xDomain = [0, 1], yDomain = [0, 1] }: LinePlotOptions) {
  const mark = {
    type: 'rule' as const,
    color: referenceColor,
    strokeDash: [5, 4],
    strokeWidth: 1.25,
    clip: true,
  };
  if (at !== 'diagonal') {
    return {
      data: { values: [{ at }] },
      mark,
      encoding: { y: { field: 'at', type: 'quantitative' as const } },
    };
  }
  const low = Math.max(xDomain[0], yDomain[0]);
  const high = Math.min(xDomain[1], yDomain[1]);
  return {
    data: { values: [{ from: low, to: high }] },
    mark,
    encoding: {
      x: { field: 'from', type: 'quantitative' as const },
      y: { field: 'from', type: 'quantitative' as const },
      x2: { field: 'to' },
      y2: { field: 'to' },
    },
  };
}

/** 1, 2, 5, 10, 20, … as far as the values reach. */
function logTicks(values: readonly { x: number }[]): number[] {
  const xs = values.map((row) => row.x);
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(Math.min(...xs))); 10 ** power <= Math.max(...xs); power++) {
    ticks.push(10 ** power, 2 * 10 ** power, 5 * 10 ** power);
  }
  return ticks.filter((tick) => tick >= Math.min(...xs) * 0.999 && tick <= Math.max(...xs) * 1.001);
}
