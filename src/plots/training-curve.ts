import type { TopLevelSpec } from 'vega-lite';
import { DataError } from '../util/errors';
import { categoryScale } from './category-scale';
import { labelOf, type PlotText, plotTitle } from './plot-text';
import { categoriesOf, categoryOf, isNumber, type Row, requireColumns } from './rows';
import { fontSizes, singleColor, theme } from './theme';

export interface TrainingCurveOptions extends PlotText {
  /** Column of the horizontal axis ("step"). */
  x?: 'step' | 'epoch' | (string & {});
  /** Columns to draw, one panel each; by default every column of the log whose name ends in "Loss". */
  losses?: readonly string[];
  /** Vertical axes; `log` leaves out values that are not above zero ("linear"). */
  scale?: 'linear' | 'log';
  /** Column that names the run, to lay several runs over each other. */
  run?: string;
  /** Panels in a row (3). */
  columns?: number;
}

/** Points drawn per curve; longer logs are averaged to as many, with their range as a band behind. */
const pointsPerCurve = 200;

/**
 * Losses along training, from the rows of a run's log: one panel per loss, each with its own vertical scale. A log of more than 200
 * rows is shown as the means of 200 stretches over the band from the lowest to the highest value of each.
 *
 * @throws DataError when no loss or a missing column is asked for
 * @example
 * trainingCurve(readTrainingLog('runs/demo').filter((row) => row.kind === 'step'), { x: 'step', scale: 'log' });
 */
export function trainingCurve(rows: readonly Row[], options: TrainingCurveOptions = {}): TopLevelSpec {
  const { x = 'step', scale = 'linear', run, columns = 3, width = 250, height = 190 } = options;
  const named =
    options.losses ??
    [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => /Loss$/.test(name));
  if (named.length === 0 && rows.length > 0) {
    throw new DataError(
      `trainingCurve: no column ends in "Loss"; name the losses to draw (columns: ${Object.keys(rows[0]).join(', ')})`,
    );
  }
  const losses = named.length > 0 ? named : ['reconstructionLoss']; // of an empty log, an empty panel
  requireColumns('trainingCurve', rows, [x, run]);
  const runs = run === undefined ? [''] : categoriesOf(rows, run);
  const inRow = Math.max(1, Math.min(columns, losses.length));
  const color =
    run === undefined
      ? { value: singleColor }
      : {
          field: 'run',
          type: 'nominal' as const,
          title: labelOf(run),
          scale: categoryScale(runs).color,
          legend: { symbolType: 'stroke', symbolOpacity: 1, symbolStrokeWidth: 3 },
        };
  const y = {
    type: 'quantitative' as const,
    title: null,
    scale: { type: scale, zero: false, nice: scale === 'linear' },
    // labels that stood out above the axis would push one panel's title higher than its neighbours'
    axis: { tickCount: 5, labelFlush: true },
  };

  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config: theme,
    title: plotTitle(options, inRow * (width + 50), scale === 'log' ? ['logarithmic scale'] : []),
    columns: inRow,
    concat: losses.map((loss) => {
      const values = runs.flatMap((name) => {
        const points = rows
          .filter((row) => run === undefined || categoryOf(row[run]) === name)
          .map((row) => ({ x: row[x], y: row[loss] }))
          .filter((point): point is { x: number; y: number } => isNumber(point.x) && isNumber(point.y))
          .filter((point) => scale === 'linear' || point.y > 0);
        return averaged(points).map((point) => (run === undefined ? point : { run: name, ...point }));
      });
      return {
        title: { text: labelOf(loss), frame: 'group', fontSize: fontSizes.axisTitle, offset: 8 },
        width,
        height,
        data: { values },
        layer: [
          {
            mark: { type: 'area', opacity: 0.22 },
            encoding: {
              x: { field: 'x', type: 'quantitative' },
              y: { ...y, field: 'low' },
              y2: { field: 'high' },
              color,
            },
          },
          {
            mark: { type: 'line', point: values.length <= 40 * runs.length, strokeWidth: 1.75 },
            encoding: {
              x: {
                field: 'x',
                type: 'quantitative',
                title: labelOf(x),
                scale: { zero: false, nice: false },
                axis: { tickCount: 5, grid: false },
              },
              y: { ...y, field: 'mean' },
              color,
            },
          },
        ],
      };
    }),
  };
}

interface CurvePoint {
  x: number;
  mean: number;
  low: number;
  high: number;
}

/** At most {@link pointsPerCurve} points: means over stretches of equally many rows, with each stretch's range. */
function averaged(points: readonly { x: number; y: number }[]): CurvePoint[] {
  const stretches = Math.min(points.length, pointsPerCurve);
  return Array.from({ length: stretches }, (_, i) => {
    const part = points.slice(
      Math.floor((i * points.length) / stretches),
      Math.floor(((i + 1) * points.length) / stretches),
    );
    const mean = (of: (point: { x: number; y: number }) => number) =>
      part.reduce((sum, point) => sum + of(point), 0) / part.length;
    const heights = part.map((point) => point.y);
    return {
      x: mean((point) => point.x),
      mean: mean((point) => point.y),
      low: Math.min(...heights),
      high: Math.max(...heights),
    };
  });
}
