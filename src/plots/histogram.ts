import type { TopLevelSpec } from 'vega-lite';
import { OptionError } from '../util/errors';
import { categoryScale } from './category-scale';
import { countOf, labelOf, type PlotText, plotTitle } from './plot-text';
import { categoriesOf, categoryOf, isNumber, type Row, requireColumns } from './rows';
import { inkColor, referenceColor, singleColor, theme } from './theme';

export interface HistogramOptions extends PlotText {
  /** Column to count, a number. */
  value: string;
  /** Column that splits the counts; each category gets a panel of its own below the last. */
  color?: string;
  colorOrder?: readonly string[];
  /** Number of bins from the smallest to the largest value (30). */
  bins?: number;
  valueTitle?: string;
  /** What is counted ("cell"). */
  unit?: string;
  /** A value to mark, such as the observed statistic over its permutations, and what to call it. */
  mark?: { value: number; label: string };
}

/**
 * How often values occur, in bins of equal width. Groups are panels under each other on one scale, in shares of their own size, so
 * that small groups are seen beside large ones.
 *
 * @throws DataError when a named column is missing
 * @example
 * histogram(permuted, { value: 'auc', mark: { value: 0.71, label: 'observed' }, unit: 'permutation' });
 */
export function histogram(rows: readonly Row[], options: HistogramOptions): TopLevelSpec {
  const { value, color, bins = 30, mark, unit = 'cell', width = 420 } = options;
  requireColumns('histogram', rows, [value, color]);
  if (!Number.isInteger(bins) || bins < 1) {
    throw new OptionError(`histogram: bins must be a whole number of at least 1, got ${bins}`);
  }
  const counted = rows.filter((row) => isNumber(row[value]));
  const groups = color === undefined ? [''] : categoriesOf(counted, color, options.colorOrder);
  const height = options.height ?? (groups.length > 1 ? 90 : 260);

  let low = Infinity;
  let high = -Infinity;
  for (const row of counted) {
    low = Math.min(low, row[value] as number);
    high = Math.max(high, row[value] as number);
  }
  // values that are all alike get bins of width one around them
  if (high <= low) [low, high] = [low - bins / 2, low + bins / 2];
  const binWidth = (high - low) / bins;

  const values = groups.flatMap((group) => {
    const members = counted.filter((row) => color === undefined || categoryOf(row[color]) === group);
    const counts = new Array<number>(bins).fill(0);
    for (const row of members) {
      counts[Math.min(bins - 1, Math.floor(((row[value] as number) - low) / binWidth))]++;
    }
    const label = `${group} (n = ${members.length.toLocaleString('en-US')})`;
    return counts.map((count, i) => ({
      group: label,
      from: low + i * binWidth,
      to: low + (i + 1) * binWidth,
      count,
      share: count / members.length,
    }));
  });
  const shown = counted.length === 0 ? [] : values;
  const labels = [...new Set(shown.map((bin) => bin.group))];
  const split = color !== undefined;
  const scale = categoryScale(groups).color;

  const layer = [
    {
      mark: { type: 'bar' as const, color: singleColor, binSpacing: 0, opacity: 0.85 },
      encoding: {
        x: {
          field: 'from',
          bin: 'binned' as const,
          type: 'quantitative' as const,
          title: options.valueTitle ?? labelOf(value),
          scale: { zero: false, nice: false },
          axis: { grid: false, tickCount: 7 },
        },
        x2: { field: 'to' },
        y: split
          ? {
              field: 'share',
              type: 'quantitative' as const,
              title: null,
              axis: { format: '.0%', tickCount: 3 },
            }
          : {
              field: 'count',
              type: 'quantitative' as const,
              title: `${labelOf(unit)}s`,
              axis: { tickMinStep: 1 },
            },
        ...(split
          ? {
              color: {
                field: 'group',
                type: 'nominal' as const,
                scale: { domain: labels, range: scale.range },
                legend: null,
              },
            }
          : {}),
      },
    },
    ...(mark === undefined
      ? []
      : [
          {
            mark: { type: 'rule' as const, color: inkColor, strokeWidth: 2, strokeDash: [5, 3] },
            encoding: { x: { datum: mark.value, type: 'quantitative' as const } },
          },
        ]),
  ];
  const facts = [
    countOf(counted.length, unit),
    ...(split ? ['shares of each group'] : []),
    ...(mark === undefined ? [] : [`dashed: ${mark.label} (${formatMark(mark.value)})`]),
  ];
  const common = {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    config: { ...theme, rule: { color: referenceColor } },
    title: plotTitle(options, width, facts),
    data: { values: shown },
  };
  if (!split) return { ...common, width, height, layer };
  return {
    ...common,
    spacing: 14,
    facet: {
      row: {
        field: 'group',
        type: 'nominal',
        title: null,
        sort: labels,
        header: { labelAngle: 0, labelOrient: 'top', labelAnchor: 'start', labelPadding: 2 },
      },
    },
    spec: { width, height, layer },
  };
}

function formatMark(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
