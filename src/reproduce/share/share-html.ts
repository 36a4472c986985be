/** A notebook as one HTML file that works from a mail attachment: no network, no kernel, nothing beside it. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { escapeXml } from '../../plots/escape';
import { packageVersion } from '../../util/files';
import { joined, type NotebookJson } from '../notebook-json';
import { headingId, loadMarkdown } from './render-markdown';
import { type OutputContext, renderOutput } from './render-output';

export interface ShareOptions {
  /** File name of the notebook, for the page's foot. */
  name: string;
  /** Further facts for the foot, such as sums of the data. */
  facts?: readonly (readonly [name: string, value: string])[];
}

/**
 * Renders a notebook with its outputs. Vega-Lite charts stay interactive, sliders over frames work, code is folded; raw HTML in text and markup in labels
 * stay text, and a content security policy keeps the page from loading anything.
 */
export async function notebookHtml(
  notebook: NotebookJson,
  { name, facts = [] }: ShareOptions,
): Promise<string> {
  const markdown = await loadMarkdown();
  const context: OutputContext = { charts: [] };
  const headings: { depth: number; text: string; id: string }[] = [];
  const body = notebook.cells
    .map((cell) => {
      const source = joined(cell.source);
      if (cell.cell_type === 'markdown') {
        const html = markdown(source);
        for (const [, depth, text] of html.matchAll(/<h([1-3]) id="[^"]*">(.*?)<\/h\1>/gs)) {
          headings.push({ depth: Number(depth), text, id: headingId(text) });
        }
        return `<section class="text">${html}</section>`;
      }
      if (cell.cell_type !== 'code') return `<pre>${escapeXml(source)}</pre>`;
      const outputs = (cell.outputs ?? []).map((output) => renderOutput(output, context)).join('\n');
      if (!source.trim() && !outputs) return '';
      const lines = source.split('\n').length;
      const code = source.trim()
        ? `<details class="code"><summary>code, ${lines} ${lines === 1 ? 'line' : 'lines'}</summary><pre><code>${escapeXml(source)}</code></pre></details>`
        : '';
      return `<section class="cell">${code}<div class="outputs">${outputs}</div></section>`;
    })
    .join('\n');
  const title = headings[0] ? headings[0].text.replace(/<[^>]*>/g, '') : escapeXml(name);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; frame-src 'self' about:; script-src 'unsafe-inline' 'unsafe-eval'; connect-src 'none'; form-action 'none'; base-uri 'none'">
<title>${title}</title>
<style>${style}</style>
<script>addEventListener('message', ({ source, data }) => {
  for (const frame of document.querySelectorAll('iframe.live')) {
    if (frame.contentWindow === source && data && data.height > 0) frame.style.height = Math.min(data.height + 8, 4000) + 'px';
  }
});</script>
</head>
<body>
<main>
${contents(headings)}
${body}
</main>
${foot(notebook, name, facts)}
${context.charts.length > 0 ? charts(context.charts) : ''}
</body>
</html>
`;
}

function contents(headings: readonly { depth: number; text: string; id: string }[]): string {
  const sections = headings.filter(({ depth }) => depth > 1);
  if (sections.length < 3) return '';
  return `<nav aria-label="Contents"><ul>${sections.map(({ text, id }) => `<li><a href="#${id}">${text}</a></li>`).join('')}</ul></nav>`;
}

/** Versions, parameters and how to cite. */
function foot(notebook: NotebookJson, name: string, facts: ShareOptions['facts'] = []): string {
  const parameters = notebook.cells
    .filter((cell) =>
      cell.metadata?.tags?.some((tag) => tag === 'parameters' || tag === 'injected-parameters'),
    )
    .flatMap((cell) => [...joined(cell.source).matchAll(/^(?:const|let)\s+(\w+)\s*=\s*([^;\n]*)/gm)])
    .map(([, parameter, value]): [string, string] => [parameter, withoutFolders(value)]);
  const rows = [
    ['notebook', basename(name)],
    ...new Map(parameters),
    ['made with', `Live Cell Histology ${packageVersion()}`],
    ...facts,
  ];
  return `<footer><h2>How this came about</h2><table>${rows
    .map(([key, value]) => `<tr><th>${escapeXml(key)}</th><td>${escapeXml(value)}</td></tr>`)
    .join('')}</table>
<p>Please cite the study that this follows: Zaritsky et al., Cell Systems 12, 733–747 (2021), doi 10.1016/j.cels.2021.05.003.</p></footer>`;
}

/** A path shows its last part alone: folders tell about the sender's machine. */
function withoutFolders(value: string): string {
  return value.replace(/(["'`])(?:\/|[A-Za-z]:[\\/])[^"'`]*[\\/]([^"'`\\/]+)\1/g, '$1…/$2$1');
}

/** Vega and Vega-Lite themselves, and a few lines that draw every chart in its place. */
function charts(specs: readonly unknown[]): string {
  const library = (file: string) => {
    const text = readFileSync(require.resolve(file), 'utf8');
    return `<script>${text.replace(/<\/script/gi, '<\\/script').replace(/\/\/# sourceMappingURL=.*$/m, '')}</script>`;
  };
  const data = JSON.stringify(specs).replaceAll('<', '\\u003c');
  return `${library('vega/build/vega.min.js')}
${library('vega-lite/build/vega-lite.min.js')}
<script>
const specs = ${data};
// nothing is ever loaded: data are inside
const loader = { load: () => Promise.reject(new Error('no network')), sanitize: (uri) => uri.startsWith('data:image/') ? Promise.resolve({ href: uri }) : Promise.reject(new Error('no network')), http: null, file: null };
specs.forEach(async (spec, i) => {
  const place = document.getElementById('chart-' + i);
  const still = place.innerHTML;
  place.innerHTML = '';
  try {
    await new vega.View(vega.parse(vegaLite.compile(spec).spec), { loader, renderer: 'svg', container: place, hover: true }).runAsync();
  } catch {
    place.innerHTML = still; // this chart stays a picture; the others are drawn
  }
});
</script>`;
}

const style = `
:root{color-scheme:light}
body{margin:0;background:#fff;color:#1a1a1a;font:16px/1.6 Inter,"Helvetica Neue",Arial,sans-serif}
main,footer{max-width:60rem;margin:0 auto;padding:1rem 1.25rem}
h1{line-height:1.2}
h1,p{overflow-wrap:anywhere}
td{overflow-wrap:break-word}
.chart{min-width:0}
pre{overflow-x:auto;font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;margin:.4rem 0}
.error{background:#fdecee;padding:.5rem}
.stderr{background:#fff6e5;padding:.5rem}
details.code{color:#4d4d4d;font-size:.85rem}
details.code pre{background:#f6f6f6;padding:.6rem}
summary{cursor:pointer}
.outputs{overflow-x:auto;margin:.4rem 0 1rem}
img{max-width:100%;height:auto}
iframe.live{border:0;width:100%;height:200px}
table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0}
th,td{border-bottom:1px solid #ddd;padding:.25rem .6rem;text-align:left;vertical-align:top}
footer{border-top:1px solid #ddd;margin-top:2rem;font-size:.85rem;color:#4d4d4d}
@media print{details.code{display:none}}
`;
