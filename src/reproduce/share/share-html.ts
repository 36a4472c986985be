/** A notebook as one HTML file that works from a mail attachment: no network, no kernel, nothing beside it. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { escapeXml } from '../../plots/escape';
import { packageVersion } from '../../util/files';
import { joined, type NotebookJson } from '../notebook-json';
import { hidePlaces } from './hide-places';
import { highlightCode, languageOfCell } from './highlight-code';
import { markdownPage, type PageHeading } from './render-markdown';
import { type OutputContext, renderOutput } from './render-output';
import { type DataRecord, type RunRecord, type StudyRecord, studyRecord } from './study-record';

export interface ShareOptions {
  /** File name of the notebook, for the page's foot. */
  name: string;
}

/**
 * Renders a notebook with its outputs. Vega-Lite charts stay interactive, sliders over frames work, code is folded; raw HTML in text and markup in labels
 * stay text, and a content security policy keeps the page from loading anything.
 */
export async function notebookHtml(notebook: NotebookJson, { name }: ShareOptions): Promise<string> {
  const markdown = await markdownPage();
  const context: OutputContext = { charts: [] };
  const body = notebook.cells
    .map((cell) => {
      const source = joined(cell.source);
      if (cell.cell_type === 'markdown') {
        return `<section class="text">${markdown.render(source)}</section>`;
      }
      if (cell.cell_type !== 'code') return `<pre>${escapeXml(source)}</pre>`;
      const outputs = (cell.outputs ?? []).map((output) => renderOutput(output, context)).join('\n');
      if (!source.trim() && !outputs) return '';
      const lines = source.split('\n').length;
      const code = source.trim()
        ? `<details class="code"><summary>code, ${lines} ${lines === 1 ? 'line' : 'lines'}</summary><pre><code>${highlightCode(source, languageOfCell(source))}</code></pre></details>`
        : '';
      return `<section class="cell">${code}<div class="outputs">${outputs}</div></section>`;
    })
    .join('\n');
  const title = markdown.headings[0]?.text.replace(/<[^>]*>/g, '') ?? escapeXml(name);
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
${contents(markdown.headings)}
${body}
</main>
${foot(studyRecord(notebook), notebook.metadata, name)}
${context.charts.length > 0 ? charts(context.charts) : ''}
</body>
</html>
`;
}

function contents(headings: readonly PageHeading[]): string {
  const sections = headings.filter(({ depth }) => depth === 2 || depth === 3);
  if (sections.length < 3) return '';
  return `<nav aria-label="Contents"><ul>${sections.map(({ text, id }) => `<li><a href="#${id}">${text.replace(/<\/?a\b[^>]*>/g, '')}</a></li>`).join('')}</ul></nav>`;
}

/** Parameters, data with their sum, versions, and how to cite. */
function foot(
  { parameters, run, data }: StudyRecord,
  metadata: NotebookJson['metadata'],
  name: string,
): string {
  const { name: language = '', version = '' } = (metadata?.language_info ?? {}) as {
    name?: string;
    version?: string;
  };
  const rows = [
    ['notebook', basename(name)],
    ...[...parameters].filter(([parameter]) => parameter !== 'data' || !data),
    ...dataRows(data, run),
    ...(run ? [['run with', `Live Cell Histology ${run.version}`]] : []),
    ...(language ? [['language', `${language.replace('typescript', 'TypeScript')} ${version}`]] : []),
    ['page made with', `Live Cell Histology ${packageVersion()}`],
  ];
  const sources = [
    'Zaritsky et al., Cell Systems 12, 733–747 (2021), doi 10.1016/j.cels.2021.05.003',
    ...(data?.manifest.citation && !data.manifest.citation.includes('10.1016/j.cels.2021.05.003')
      ? [data.manifest.citation]
      : []),
  ];
  return `<footer><h2>How this came about</h2><table>${rows
    .map(
      ([key, value]) =>
        `<tr><th>${escapeXml(key)}</th><td>${escapeXml(hidePlaces(value, { paths: 0, names: 0 }))}</td></tr>`,
    )
    .join('')}</table>
<p>Please cite the study that this follows: ${sources.map(escapeXml).join('; and the data: ')}.</p></footer>`;
}

function dataRows(data: DataRecord | null, run: RunRecord | null): string[][] {
  const crops = run?.data ? `${run.data.crops.toLocaleString('en-US')} crops` : '';
  if (!data) return run?.data ? [['data', `${run.data.name}, ${crops}, without a manifest`]] : [];
  const { manifest, files, sha256, licences } = data;
  return [
    ['data', `${manifest.name}: ${manifest.title}`],
    ['files', `${files.toLocaleString('en-US')}${crops && `, of which ${crops} were read`}`],
    ['SHA-256 of the manifest', run?.data?.manifestSha256 ?? sha256],
    ['licence of the data', licences.map((licence) => licence.name).join(', ')],
  ];
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
:root{color-scheme:light dark;--paper:#fff;--ink:#1a1a1a;--muted:#4d4d4d;--line:#ddd;--box:#f6f6f6;--link:#0b4f9c;--wrong:#fdecee;--warned:#fff6e5;--word:#0b4f9c;--value:#8a4500;--aside:#595f66;--t1:#b00020;--t2:#1b6f38;--t5:#8a2a8a;--t6:#0b6577}
@media screen and (prefers-color-scheme:dark){:root{--paper:#161719;--ink:#e6e6e6;--muted:#b3b3b3;--line:#3d3f43;--box:#222428;--link:#8cc4ff;--wrong:#4a1c22;--warned:#40300f;--word:#8cc4ff;--value:#f2b866;--aside:#a3a9b0;--t1:#ff9aa5;--t2:#7fd69b;--t5:#e3a3e3;--t6:#79d3e3}}
@media print{:root{color-scheme:light}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 Inter,"Helvetica Neue",Arial,sans-serif}
main,footer{max-width:60rem;margin:0 auto;padding:1rem 1.25rem}
a{color:var(--link)}
h1{line-height:1.2}
h1,p{overflow-wrap:anywhere}
td{overflow-wrap:break-word}
footer td{overflow-wrap:anywhere}
.chart{min-width:0}
pre{overflow-x:auto;font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;margin:.4rem 0}
pre.error{background:var(--wrong);padding:.5rem}
pre.stderr{background:var(--warned);padding:.5rem}
details.code{color:var(--muted);font-size:.85rem}
details.code pre,.text pre{background:var(--box);color:var(--ink);padding:.6rem}
summary{cursor:pointer}
.hljs-keyword,.hljs-built_in,.hljs-literal,.hljs-selector-tag,.hljs-name,.hljs-section{color:var(--word);font-weight:600}
.hljs-string,.hljs-number,.hljs-regexp,.hljs-attr,.hljs-symbol,.hljs-meta,.hljs-bullet{color:var(--value)}
.hljs-subst{color:var(--ink)}
.hljs-title,.hljs-type,.hljs-strong{font-weight:600}
.hljs-comment,.hljs-quote{color:var(--aside);font-style:italic}
.hljs-emphasis{font-style:italic}
.t0,.t7{color:var(--muted)}.t1{color:var(--t1)}.t2{color:var(--t2)}.t3{color:var(--value)}.t4{color:var(--word)}.t5{color:var(--t5)}.t6{color:var(--t6)}.tb{font-weight:600}
.outputs{overflow-x:auto;margin:.4rem 0 1rem}
progress{width:5em!important}
.outputs div:has(>progress){color:var(--muted);font-size:.85rem}
img{max-width:100%;height:auto}
@media print,(min-width:700px){.chart svg{max-width:100%;height:auto}}
iframe.live{border:0;width:100%;height:200px}
.chart:not(:empty),.outputs>img,.text img,iframe.live{background:#fff;color:#1a1a1a;color-scheme:light}
@media screen and (prefers-color-scheme:dark){.chart:not(:empty),.outputs>img,.text img,iframe.live{border-radius:6px;padding:6px;box-sizing:border-box}}
table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0}
th,td{border-bottom:1px solid var(--line);padding:.25rem .6rem;text-align:left;vertical-align:top}
footer{border-top:1px solid var(--line);margin-top:2rem;font-size:.85rem;color:var(--muted)}
@media print{details.code{display:none}}
`;
