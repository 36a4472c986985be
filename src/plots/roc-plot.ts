import type { TopLevelSpec } from 'vega-lite';
import { categoryScale } from './category-scale';
import { type PlotText, plotTitle } from './plot-text';
import { categoriesOf, categoryOf, isNumber, type Row, requireColumns } from './rows';
import { referenceColor, singleColor, theme } from './theme';

/** One point of a curve, as `rocCurve` gives them, with an interval of the true positive rate if there is one. */
export interface RocPoint {
  falsePositiveRate: number;
  truePositiveRate: number;
  /** Lower and upper end of the interval at this false positive rate. */
  lower?: number;
  upper?: number;
}

export interface RocPlotOptions extends PlotText {
  /** Area under the curve, stated below the title. */
  auc?: number;
  /** Its 95 % interval. */
  ci95?: readonly [number, number];
  /** Column that names the curve, to draw several. */
  curve?: string;
}

/**
 * Receiver operating characteristic: the share of positive cells found against the share of negative cells called positive, with its
 * interval as a band and the diagonal of a guess.
 *
 * @throws DataError when rows lack the rates
 * @example
 * rocPlot(points, { auc: 0.71, ci95: [0.58, 0.81], title: 'High against low, each tumor left out' });
 */
export function rocPlot(rows: readonly (RocPoint & Row)[], options: RocPlotOptions = {}): TopLevelSpec {
  const { auc, ci95, curve, width = 360, height = 360 } = options;
  requireColumns('rocPlot', rows, ['falsePositiveRate', 'truePositiveRate', curve]);
  const curves = curve === undefined ? [] : categoriesOf(rows, curve);
  const values = rows.map((row, point) => ({
    point,
    falsePositiveRate: row.falsePositiveRate,
    truePositiveRate: row.truePositiveRate,
    ...(isNumber(row.lower) && isNumber(row.upper) ? { lower: row.lower, upper: row.upper } : {}),
    ...(curve === undefined ? {} : { curve: categoryOf(row[curve]) }),
  }));
  const color =
    curves.length === 0
      ? { value: singleColor }
      : {
          field: 'curve',
          type: 'nominal' as const,
          title: null,
          scale: categoryScale(curves).color,
          legend: { symbolType: 'stroke', symbolOpacity: 1, symbolStrokeWidth: 3 },
        };
  const axis = { values: [0, 0.2, 0.4, 0.6, 0.8, 1], format: '.1f' };
  const x = {
    field: 'falsePositiveRate',
    type: 'quantitative' as const,
    title: 'False positive rate',
    scale: { domain: [0, 1] },
    axis,
  };
  const y = { type: 'quantitative' as const, title: 'True positive rate', scale: { domain: [0, 1] }, axis };
  const aucText =
    auc === undefined
      ? []
      : [
          `AUC ${auc.toFixed(2)}${ci95 ? ` (95 % interval ${ci95[0].toFixed(2)}–${ci95[1].toFixed(2)})` : ''}`,
        ];

  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config: theme,
    width,
    height,
    title: plotTitle(options, width, [...aucText, 'dashed: chance']),
    layer: [
      {
        data: { values: [{ from: 0, to: 1 }] },
        mark: { type: 'rule', color: referenceColor, strokeDash: [5, 4], strokeWidth: 1.25 },
        encoding: {
          x: { field: 'from', type: 'quantitative' },
          y: { field: 'from', type: 'quantitative' },
          x2: { field: 'to' },
          y2: { field: 'to' },
        },
      },
      ...(values.some((row) => row.lower !== undefined)
        ? [
            {
              data: { values },
              mark: { type: 'area' as const, opacity: 0.2 },
              encoding: {
                x,
                y: { ...y, field: 'lower' },
                y2: { field: 'upper' },
                color,
              },
            },
          ]
        : []),
      {
        data: { values },
        // in the rows' own order: vertical steps have several heights at one false positive rate
        mark: { type: 'line' },
        encoding: {
          x,
          y: { ...y, field: 'truePositiveRate' },
          color,
          order: { field: 'point', type: 'quantitative' },
        },
      },
    ],
  };
}
