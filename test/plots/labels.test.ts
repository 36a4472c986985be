import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { barWithInterval } from '../../src/plots/bar-with-interval';
import { heatmap } from '../../src/plots/heatmap';
import { renderSvg } from '../../src/plots/render-vega-lite';

describe('labels of figures', () => {
  it('of a heatmap name every column where tilted names stand side by side', async () => {
    const names = ['cell line', 'clone', 'melanocyte', 'PDX'];
    const rows = names.flatMap((a) => names.map((b) => ({ a, b, auc: 0.5 })));
    const svg = await renderSvg(heatmap(rows, { x: 'a', y: 'b', value: 'auc' }));
    for (const name of names) assert.equal(svg.split(`>${name}<`).length - 1, 2, `${name} below and beside`);
  });

  it('of bars to the left stand where the bars begin, not upon them', () => {
    const rows = [
      { feature: 'a', value: -0.5, low: -0.7, high: -0.3 },
      { feature: 'b', value: -0.1, low: -0.3, high: 0.2 },
      { feature: 'c', value: 0.4, low: 0.3, high: 0.6 },
    ];
    const { data } = barWithInterval(rows, {
      category: 'feature',
      value: 'value',
      low: 'low',
      high: 'high',
      domain: [-1, 1],
    }) as unknown as { data: { values: { reach: number }[] } };
    assert.deepEqual(
      data.values.map(({ reach }) => reach),
      [0, 0.2, 0.6],
    );
  });
});
