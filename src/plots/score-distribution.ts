import type { TopLevelSpec } from 'vega-lite';
import { quantile } from '../util/quantile';
import { seededRandom } from '../util/random';
import { categoryScale } from './category-scale';
import { countOf, labelOf, type PlotText, plotTitle } from './plot-text';
import { categoriesOf, categoryOf, isNumber, type Row, requireColumns } from './rows';
import { referenceColor, singleColor, theme } from './theme';

export interface ScoreDistributionOptions extends PlotText {
  /** Column of the scores, a number ("score"). */
  score?: string;
  /** Column that makes the lines of the picture, such as the tumor ("group"). */
  group?: string;
  /** Column that colours them, such as metastatic efficiency; groups of one colour stand together. */
  color?: string;
  /** Groups from top to bottom; by default by colour and then by median. */
  groupOrder?: readonly string[];
  /** Score of the decision line; null for none (0). */
  threshold?: number | null;
  /** Title of the score axis. */
  scoreTitle?: string;
}

/** Dots drawn per group; of larger groups a seeded sample is shown, and the box is of all cells. */
const dotsPerGroup = 300;

/**
 * Scores of cells, one line per group: dots over a box (median, quartiles, whiskers to the 5th and 95th percentile).
 *
 * @throws DataError when a named column is missing
 * @example
 * scoreDistribution(rows, { score: 'score', group: 'tumor', color: 'metastatic_efficiency' });
 */
export function scoreDistribution(
  rows: readonly Row[],
  options: ScoreDistributionOptions = {},
): TopLevelSpec {
  const { score = 'score', group = 'group', color, threshold = 0, width = 460 } = options;
  requireColumns('scoreDistribution', rows, [score, group, color]);
  const scored = rows.filter((row) => isNumber(row[score]));
  const colors = color === undefined ? [] : categoriesOf(scored, color, ['high', 'low', 'unknown']);
  const groups = categoriesOf(scored, group)
    .map((name) => {
      const members = scored.filter((row) => categoryOf(row[group]) === name);
      const scores = members.map((row) => row[score] as number).sort((a, b) => a - b);
      return {
        name,
        label: `${name} (n = ${scores.length.toLocaleString('en-US')})`,
        // a group has one colour: that of its first cell
        color: color === undefined ? '' : categoryOf(members[0][color]),
        scores,
        median: quantile(scores, 0.5),
      };
    })
    .sort((a, b) => colors.indexOf(a.color) - colors.indexOf(b.color) || b.median - a.median);
  const place = new Map(options.groupOrder?.map((name, i) => [name, i]));
  if (place.size > 0) {
    groups.sort((a, b) => (place.get(a.name) ?? place.size) - (place.get(b.name) ?? place.size));
  }

  const random = seededRandom(0);
  const dots = groups.flatMap(({ label, color: of, scores }) =>
    random
      .shuffle(scores)
      .slice(0, dotsPerGroup)
      .map((value) => ({ label, color: of, score: value, jitter: random.uniform() - 0.5 })),
  );
  const boxes = groups.map(({ label, color: of, scores, median }) => ({
    label,
    color: of,
    low: quantile(scores, 0.05),
    lower: quantile(scores, 0.25),
    median,
    upper: quantile(scores, 0.75),
    high: quantile(scores, 0.95),
  }));
  const sampled = groups.some(({ scores }) => scores.length > dotsPerGroup);
  const step = Math.max(24, Math.min(46, Math.round(460 / Math.max(1, groups.length))));

  const y = {
    field: 'label',
    type: 'nominal' as const,
    title: null,
    sort: groups.map(({ label }) => label),
    axis: { ticks: false, domain: false, labelPadding: 10 },
  };
  const x = {
    type: 'quantitative' as const,
    title: options.scoreTitle ?? (score === 'score' ? 'Classifier score' : labelOf(score)),
    scale: { zero: false },
    axis: { tickCount: 7 },
  };
  const paint =
    color === undefined
      ? { value: singleColor }
      : {
          field: 'color',
          type: 'nominal' as const,
          title: labelOf(color),
          scale: categoryScale(colors).color,
          legend: { symbolType: 'circle', symbolOpacity: 1 },
        };
  const stroke = color === undefined ? paint : { ...paint, legend: null };

  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config: theme,
    width,
    height: { step },
    title: plotTitle(options, width, [
      countOf(scored.length, 'cell'),
      `box: median and quartiles, whiskers: 5–95 %${sampled ? `; dots: up to ${dotsPerGroup} cells a group` : ''}`,
    ]),
    layer: [
      {
        data: { values: dots },
        mark: { type: 'circle', size: 14, opacity: 0.35 },
        encoding: {
          y,
          x: { ...x, field: 'score' },
          yOffset: { field: 'jitter', type: 'quantitative', scale: { domain: [-0.62, 0.62] } },
          color: paint,
        },
      },
      ...(threshold === null
        ? []
        : [
            {
              data: { values: [{ threshold }] },
              mark: { type: 'rule' as const, color: referenceColor, strokeDash: [5, 4], strokeWidth: 1.25 },
              encoding: { x: { ...x, field: 'threshold' } },
            },
          ]),
      {
        data: { values: boxes },
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' }, color: stroke },
      },
      {
        data: { values: boxes },
        mark: {
          type: 'bar',
          height: Math.round(step * 0.42),
          fill: 'white',
          fillOpacity: 0.75,
          strokeWidth: 1.5,
        },
        encoding: { y, x: { ...x, field: 'lower' }, x2: { field: 'upper' }, stroke },
      },
      {
        data: { values: boxes },
        mark: { type: 'tick', thickness: 3, size: Math.round(step * 0.42), opacity: 1 },
        encoding: { y, x: { ...x, field: 'median' }, color: stroke },
      },
    ],
  };
}
