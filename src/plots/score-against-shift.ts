import type { TopLevelSpec } from 'vega-lite';
import { quantile } from '../util/quantile';
import { seededRandom } from '../util/random';
import { countOf, labelOf, type PlotText, plotTitle } from './plot-text';
import { categoryOf, isNumber, type Row, requireColumns } from './rows';
import { categoryColors, referenceColor, singleColor, theme } from './theme';

export interface ScoreAgainstShiftOptions extends PlotText {
  /** Column of the shift in standard deviations ("shift"). */
  shift?: string;
  /** Column of what follows it: the classifier score, or a hallmark measure ("score"). */
  score?: string;
  /** Column that names the cell ("path"). */
  cell?: string;
  /** Score of the decision line; null for none (null: measures have none). */
  threshold?: number | null;
  shiftTitle?: string;
  scoreTitle?: string;
}

/** Cells drawn as lines; of more a seeded sample is shown, while median and quartiles are of all. */
const linesShown = 80;

/**
 * In-silico amplification at a glance: one thin line per cell, from its strongest shift down to its strongest shift up, and over them
 * the median with the band of the middle half of the cells.
 *
 * @throws DataError when a named column is missing
 * @example
 * scoreAgainstShift(rows, { shift: 'shift', score: 'score', cell: 'path', threshold: 0 });
 */
export function scoreAgainstShift(
  rows: readonly Row[],
  options: ScoreAgainstShiftOptions = {},
): TopLevelSpec {
  const {
    shift = 'shift',
    score = 'score',
    cell = 'path',
    threshold = null,
    width = 420,
    height = 300,
  } = options;
  requireColumns('scoreAgainstShift', rows, [shift, score, cell]);
  const points = rows
    .map((row) => ({ cell: categoryOf(row[cell]), shift: row[shift], score: row[score] }))
    .filter(
      (point): point is { cell: string; shift: number; score: number } =>
        isNumber(point.shift) && isNumber(point.score),
    );
  const cells = [...new Set(points.map((point) => point.cell))];
  const sample = new Set(seededRandom(0).shuffle(cells).slice(0, linesShown));

  const byShift = new Map<number, number[]>();
  for (const point of points) {
    byShift.set(point.shift, [...(byShift.get(point.shift) ?? []), point.score]);
  }
  const summary = [...byShift]
    .sort(([a], [b]) => a - b)
    .map(([at, scores]) => {
      scores.sort((a, b) => a - b);
      return {
        shift: at,
        lower: quantile(scores, 0.25),
        median: quantile(scores, 0.5),
        upper: quantile(scores, 0.75),
      };
    });

  const x = {
    field: 'shift',
    type: 'quantitative' as const,
    title: options.shiftTitle ?? (shift === 'shift' ? 'Shift (standard deviations)' : labelOf(shift)),
    scale: { nice: false, padding: 6 },
    axis: {
      grid: false,
      ...(summary.length <= 15 ? { values: summary.map((row) => row.shift) } : {}),
      labelExpr: "datum.value === 0 ? '0' : format(datum.value, '+~g')",
    },
  };
  const y = {
    type: 'quantitative' as const,
    title: options.scoreTitle ?? (score === 'score' ? 'Classifier score' : labelOf(score)),
    scale: { zero: false },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config: theme,
    width,
    height,
    title: plotTitle(options, width, [
      countOf(cells.length, 'cell'),
      `thick: median and middle half${cells.length > linesShown ? `; thin: ${linesShown} of the cells` : ''}`,
    ]),
    layer: [
      {
        data: { values: points.filter((point) => sample.has(point.cell)) },
        mark: { type: 'line', color: referenceColor, opacity: 0.28, strokeWidth: 0.8 },
        encoding: { x, y: { ...y, field: 'score' }, detail: { field: 'cell', type: 'nominal' } },
      },
      ...(threshold === null
        ? []
        : [
            {
              data: { values: [{ threshold }] },
              mark: {
                type: 'rule' as const,
                color: categoryColors[1],
                strokeDash: [5, 4],
                strokeWidth: 1.25,
              },
              encoding: { y: { ...y, field: 'threshold' } },
            },
          ]),
      {
        data: { values: summary },
        mark: { type: 'area', color: singleColor, opacity: 0.25 },
        encoding: { x, y: { ...y, field: 'lower' }, y2: { field: 'upper' } },
      },
      {
        data: { values: summary },
        mark: { type: 'line', color: singleColor, strokeWidth: 3, point: { size: 45, color: singleColor } },
        encoding: { x, y: { ...y, field: 'median' } },
      },
    ],
  };
}
