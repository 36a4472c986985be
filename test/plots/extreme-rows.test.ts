/** What charts do with next to nothing, with far too much, and with names that want to be code. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TopLevelSpec } from 'vega-lite';
import { barWithInterval } from '../../src/plots/bar-with-interval';
import { heatmap } from '../../src/plots/heatmap';
import { histogram } from '../../src/plots/histogram';
import { linePlot } from '../../src/plots/line-plot';
import { renderSvg } from '../../src/plots/render-vega-lite';
import { rocPlot } from '../../src/plots/roc-plot';
import { scatterPlot } from '../../src/plots/scatter';
import { scoreAgainstShift } from '../../src/plots/score-against-shift';
import { scoreDistribution } from '../../src/plots/score-distribution';
import { trainingCurve } from '../../src/plots/training-curve';
import { DataError } from '../../src/util/errors';
import { textOutside } from './text-outside';

interface Cell {
  [column: string]: unknown;
  name: string;
  path: string;
  x: number | null;
  y: number;
  step: number;
  shift: number;
  someLoss: number;
  falsePositiveRate: number;
  truePositiveRate: number;
}

const charts: Record<string, (rows: Cell[]) => TopLevelSpec> = {
  scatterPlot: (rows) => scatterPlot(rows, { x: 'x', y: 'y', color: 'name' }),
  trainingCurve: (rows) => trainingCurve(rows, { run: 'name' }),
  linePlot: (rows) => linePlot(rows, { x: 'x', y: 'y', series: 'name', xScale: 'log' }),
  rocPlot: (rows) => rocPlot(rows, { curve: 'name', auc: 0.7, ci95: [0.6, 0.8] }),
  scoreDistribution: (rows) => scoreDistribution(rows, { score: 'y', group: 'name', color: 'name' }),
  scoreAgainstShift: (rows) => scoreAgainstShift(rows, { score: 'y' }),
  histogram: (rows) => histogram(rows, { value: 'y', color: 'name' }),
  heatmap: (rows) => heatmap(rows, { x: 'name', y: 'path', value: 'y' }),
  barWithInterval: (rows) => barWithInterval(rows, { category: 'name', value: 'y', color: 'name' }),
};

/** Rows that every chart can draw. */
function cells(names: readonly string[]): Cell[] {
  return names.map((name, i) => {
    const share = names.length > 1 ? i / (names.length - 1) : 0;
    return {
      name,
      path: `p${i % 3}`,
      x: Math.sin(i),
      y: 0.1 + share,
      step: i,
      shift: i % 5,
      someLoss: 1 + share,
      falsePositiveRate: share,
      truePositiveRate: Math.sqrt(share),
    };
  });
}

const note = 'Synthetic cells & <b>no</b> "real" ones';
const hostile = '</text><script>alert("1")</script>&\'';
const long = 'a cell type whose name goes on for much longer than anybody who drew axes had in mind';

for (const [name, draw] of Object.entries(charts)) {
  describe(name, () => {
    for (const [what, rows] of [
      ['no row', []],
      ['one row', cells(['m481'])],
      ['one category', cells(['m481', 'm481', 'm481', 'm481'])],
      ['40 categories', cells(Array.from({ length: 40 }, (_, i) => `cell type ${i + 1}`))],
      ['two long names', cells([long, `${long}, too`])],
      ['a column without values', cells(['a', 'b']).map((row) => ({ ...row, y: Number.NaN }))],
    ] as const) {
      it(`draws ${what}, with every label inside and whole`, async () => {
        const svg = await renderSvg({ ...draw([...rows]) });
        assert.deepEqual(textOutside(svg), []);
        assert.ok(!/NaN|undefined|Infinity/.test(svg), 'NaN, undefined or Infinity in the picture');
        if (what !== 'two long names') assert.ok(!svg.includes('…'), 'a label was cut off');
      });
    }

    it('keeps markup in names as text', async () => {
      const svg = await renderSvg(draw(cells([hostile, 'm481'])));
      assert.ok(!svg.includes('<script'));
    });
  });
}

describe('every chart', () => {
  it('says which column is missing and which there are', () => {
    assert.throws(
      () => scatterPlot(cells(['a']), { x: 'x', y: 'yy' }),
      (error) =>
        error instanceof DataError &&
        error.message.startsWith(
          'scatterPlot: the rows have no column "yy"; nearest is "y" (columns: name, path',
        ),
    );
  });

  it('shows title, subtitle and note as text, in the accessible name too', async () => {
    const rows = cells(['a', 'b', 'c']);
    const svg = await renderSvg(scatterPlot(rows, { x: 'x', y: 'y', title: hostile, subtitle: 'S', note }));
    assert.ok(svg.includes('&lt;script&gt;') && !svg.includes('<script'));
    assert.ok(/role="img"[^>]*><title>&lt;\/text&gt;/.test(svg));
    assert.ok(svg.includes('Synthetic cells &amp; &lt;b&gt;no&lt;/b&gt;'));
  });

  it('takes dots and brackets in column names as they are', async () => {
    const rows = cells(['a', 'b']).map((row) => ({ ...row, 'a.b[0]': row.x }));
    const svg = await renderSvg(scatterPlot(rows, { x: 'a.b[0]', y: 'y' }));
    assert.equal(svg.match(/mark-symbol/g)?.length, 1);
    assert.equal(svg.match(/<path transform="translate\(/g)?.length, 2);
  });
});

describe('scatterPlot', () => {
  it('gives 40 categories 40 different pairs of colour and shape', () => {
    const spec = scatterPlot(cells(Array.from({ length: 40 }, (_, i) => `t${i}`)), {
      x: 'x',
      y: 'y',
      color: 'name',
    });
    const { color, shape } = (spec as unknown as { encoding: Record<string, { scale: { range: string[] } }> })
      .encoding;
    assert.equal(new Set(color.scale.range.map((hue, i) => hue + shape.scale.range[i])).size, 40);
  });

  it('counts cells without a position instead of hiding that they are missing', async () => {
    const rows = [...cells(['a', 'b']), { ...cells(['c'])[0], x: null }];
    const svg = await renderSvg(scatterPlot(rows, { x: 'x', y: 'y' }));
    assert.ok(svg.includes('2 cells · 1 without a position left out'));
  });
});
