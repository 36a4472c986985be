/** Cells that are shown as what they hold: HTML, Markdown, pictures, formulas, diagrams, charts. */
import type { TopLevelSpec } from 'vega-lite';
import { renderSvg } from '../plots/render-vega-lite';
import { OptionError } from '../util/errors';
import { defineMagic } from './magic';
import { isTable } from './magic-words';

export const htmlMagic = show('html', 'text/html', 'Shows the cell as HTML.');
export const markdownMagic = show('markdown', 'text/markdown', 'Shows the cell as Markdown.');
export const svgMagic = show('svg', 'image/svg+xml', 'Shows the cell as an SVG picture.');
export const javascriptMagic = show(
  'javascript',
  'application/javascript',
  'Runs the cell as JavaScript in the front end’s page, where that allows it.',
);
export const latexMagic = show('latex', 'text/latex', 'Shows the cell as LaTeX, such as $$\\\\bar z$$.');
export const mermaidMagic = show('mermaid', 'text/vnd.mermaid', 'Shows the cell as a Mermaid diagram.');

function show(name: string, mime: string, summary: string) {
  return defineMagic({
    name,
    kind: 'cell',
    summary,
    options: {},
    run({ rest }, { kernel }) {
      const text = String(rest[0] ?? '');
      if (text.trim() === '') throw new OptionError(`%%${name}: the cell below is empty`);
      kernel.display({ [mime]: text, 'text/plain': text });
    },
  });
}

export const vegaliteMagic = defineMagic({
  name: 'vegalite',
  kind: 'cell',
  summary: 'Draws the Vega-Lite specification that the cell is: JSON, or any TypeScript expression.',
  details:
    'Shown as an interactive chart, with a picture for front ends and pages that have none. data may be an Arquero table or a list of rows.',
  options: {},
  body: 'expression',
  signature: { cell: '(words: readonly unknown[], specification?: object): Promise<void>' },
  examples: [
    '%%vegalite\n{ data: cells, mark: "point", encoding: { x: { field: "area", type: "quantitative" } } }',
  ],
  async run({ rest }, { kernel }) {
    const given = rest[0] as Partial<TopLevelSpec> | undefined;
    if (typeof given !== 'object' || given === null) {
      throw new OptionError('%%vegalite: the cell below must be one specification, { mark: …, encoding: … }');
    }
    const spec = withRows(given);
    const svg = await renderSvg(spec);
    kernel.display({
      'application/vnd.vegalite.v5+json': spec,
      'image/svg+xml': svg,
      'text/plain': `Vega-Lite chart: ${JSON.stringify((spec as { mark?: unknown }).mark ?? 'layers')}`,
    });
  },
});

/** Puts a table's rows, or a list of rows, where Vega-Lite wants `{ values: […] }`. */
function withRows(given: Partial<TopLevelSpec>): TopLevelSpec {
  const data: unknown = given.data;
  const values = Array.isArray(data) ? data : isTable(data) ? data.objects() : undefined;
  return (values ? { ...given, data: { values } } : given) as TopLevelSpec;
}
