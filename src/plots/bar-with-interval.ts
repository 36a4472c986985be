import type { TopLevelSpec } from 'vega-lite';
import { categoryScale } from './category-scale';
import { labelOf, type PlotText, plotTitle } from './plot-text';
import { categoriesOf, categoryOf, isNumber, type Row, requireColumns } from './rows';
import { inkColor, referenceColor, singleColor, theme } from './theme';

export interface BarWithIntervalOptions extends PlotText {
  /** Column that names the bars. */
  category: string;
  /** Column of their length, a number. */
  value: string;
  /** Columns of the interval's ends; a bar without them gets none. */
  low?: string;
  high?: string;
  /** Column that colours the bars. */
  color?: string;
  /** Bars from top to bottom (the rows' own order). */
  order?: readonly string[];
  /** A line to compare with, such as an AUC of 0.5, and what to call it. */
  reference?: { value: number; label: string };
  /** Ends of the value axis; bars start at its lower end, or at 0 where that lies inside. By default from 0 on. */
  domain?: readonly [number, number];
  valueTitle?: string;
  /** How the numbers behind the bars are written, in d3's format language (".2f"). */
  format?: string;
}

/**
 * Horizontal bars with intervals, such as the AUC of each left-out tumor; the number stands behind each bar.
 *
 * @throws DataError when a named column is missing
 * @example
 * barWithInterval(rows, { category: 'tumor', value: 'auc', low: 'low', high: 'high', reference: { value: 0.5, label: 'chance' } });
 */
export function barWithInterval(rows: readonly Row[], options: BarWithIntervalOptions): TopLevelSpec {
  const { category, value, low, high, color, reference, domain, format = '.2f', width = 380 } = options;
  requireColumns('barWithInterval', rows, [category, value, low, high, color]);
  const end = (row: Row, column: string | undefined) =>
    column !== undefined && isNumber(row[column]) ? row[column] : null;
  const start = domain && (domain[0] > 0 || domain[1] < 0) ? domain[0] : 0;
  const values = rows
    .filter((row) => isNumber(row[value]))
    .map((row) => ({
      category: categoryOf(row[category]),
      value: row[value] as number,
      low: end(row, low),
      high: end(row, high),
      color: color === undefined ? '' : categoryOf(row[color]),
      // the number stands behind whatever reaches furthest to the right; of a bar to the left that is where it starts
      reach: Math.max(row[value] as number, end(row, high) ?? -Infinity, start),
    }));
  const order = options.order ?? [...new Set(values.map((row) => row.category))];
  const step = Math.max(20, Math.min(36, Math.round(520 / Math.max(1, order.length))));

  const y = {
    field: 'category',
    type: 'nominal' as const,
    title: null,
    sort: [...order],
    axis: { ticks: false, labelPadding: 8 },
  };
  const x = {
    type: 'quantitative' as const,
    title: options.valueTitle ?? labelOf(value),
    ...(domain ? { scale: { domain: [...domain], nice: false } } : {}),
    axis: { tickCount: 6 },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config: theme,
    width,
    height: { step },
    title: plotTitle(options, width, reference ? [`dashed: ${reference.label}`] : []),
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: { band: 0.64 }, opacity: 0.85, clip: true },
        encoding: {
          y,
          x: { ...x, field: 'value' },
          x2: { datum: start },
          color:
            color === undefined
              ? { value: singleColor }
              : {
                  field: 'color',
                  type: 'nominal',
                  title: labelOf(color),
                  scale: categoryScale(categoriesOf(values, 'color', ['high', 'low', 'unknown'])).color,
                },
        },
      },
      {
        transform: [{ filter: 'isValid(datum.low) && isValid(datum.high)' }],
        mark: { type: 'rule', color: inkColor, strokeWidth: 1.75, clip: true },
        encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } },
      },
      ...(reference === undefined
        ? []
        : [
            {
              data: { values: [{ reference: reference.value }] },
              mark: { type: 'rule' as const, color: referenceColor, strokeDash: [5, 4], strokeWidth: 1.25 },
              encoding: { x: { ...x, field: 'reference' } },
            },
          ]),
      {
        mark: { type: 'text', align: 'left', dx: 6, fontSize: 12, color: inkColor },
        encoding: { y, x: { ...x, field: 'reach' }, text: { field: 'value', type: 'quantitative', format } },
      },
    ],
  };
}
