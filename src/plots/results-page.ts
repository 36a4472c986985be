import { OptionError } from '../util/errors';
import { escapeXml } from './escape';

/** A picture of the page: a file beside it, or a picture that the page itself carries. */
export type PageFigure = {
  /** What the reader should see in it. */
  caption: string;
  /** What it shows, for readers who cannot see it. */
  alt: string;
} & (
  | { /** Relative address, with slashes. */ file: string }
  | { /** The text of an SVG picture. */ svg: string }
  | { /** The bytes of a PNG picture. */ png: Uint8Array }
);

/** A field of a table: text, a number (set to the right), or a link to a file beside the page. */
export type PageCell = string | number | { text: string; file: string };

/** A table of the page. */
export interface PageTable {
  columns: readonly string[];
  rows: readonly (readonly PageCell[])[];
}

/** A heading with what stands below it. */
export interface PageSection {
  heading: string;
  /** Stands before the heading, such as "07"; "" for none. Default: the section's place, from 1. */
  number?: string;
  /** Paragraphs, an empty line between them. */
  text: string;
  figures: readonly PageFigure[];
  table?: PageTable;
}

/** What the page says. All of it is taken as plain text. */
export interface ResultsPage {
  title: string;
  intro: string;
  sections: readonly PageSection[];
  /** Names and values of how the results came about: seed, version, number of crops. */
  facts: readonly (readonly [name: string, value: string])[];
  /** Puts a banner above everything, and a mark into the browser's tab: no microscope made these cells. */
  synthetic: boolean;
}

/**
 * Results as one static HTML page: no script, no network, light and dark, for wide and narrow screens and for paper. Pictures are
 * files beside the page, or inside it.
 *
 * @throws OptionError when a file is named by anything but a relative address
 * @example
 * writeFileAtomic('results/index.html', resultsPage({ title: 'A first look', intro, sections, facts, synthetic: true }));
 */
export function resultsPage({ title, intro, sections, facts, synthetic }: ResultsPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="script-src 'none'; connect-src 'none'; object-src 'none'">
<meta name="color-scheme" content="light dark">
<title>${escapeXml(synthetic ? `${title} (synthetic cells)` : title)}</title>
<style>${style}</style>
</head>
<body>
${synthetic ? '<p class="banner" role="note"><strong>Synthetic cells.</strong> A program drew every cell on this page; nothing here is a finding about real cells.</p>\n' : ''}<header>
<h1>${escapeXml(title)}</h1>
${paragraphs(intro, 'intro')}
${contents(sections)}
</header>
<main>
${sections.map(sectionHtml).join('\n')}
${factsHtml(facts)}
</main>
</body>
</html>
`;
}

function contents(sections: readonly PageSection[]): string {
  if (sections.length < 3) return '';
  const links = sections.map(
    (section, i) => `<li>${numberOf(section, i)}<a href="#s${i + 1}">${escapeXml(section.heading)}</a></li>`,
  );
  return `<nav aria-label="Contents"><ol>${links.join('')}</ol></nav>`;
}

function numberOf({ number }: PageSection, i: number): string {
  return number === '' ? '' : `<span class="number">${escapeXml(number ?? String(i + 1))}</span> `;
}

function sectionHtml(section: PageSection, i: number): string {
  const { heading, text, figures, table } = section;
  const parts = [
    `<h2>${numberOf(section, i)}${escapeXml(heading)}</h2>`,
    paragraphs(text),
    figures.length > 0 ? `<div class="figures">${figures.map(figureHtml).join('\n')}</div>` : '',
    table && table.rows.length > 0 ? tableHtml(table) : '',
  ];
  return `<section id="s${i + 1}">\n${parts.filter(Boolean).join('\n')}\n</section>`;
}

function paragraphs(text: string, className?: string): string {
  return text
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph.trim() !== '')
    .map((paragraph) => `<p${className ? ` class="${className}"` : ''}>${escapeXml(paragraph.trim())}</p>`)
    .join('\n');
}

function figureHtml(figure: PageFigure): string {
  const { caption, alt } = figure;
  const address = addressOf(figure);
  const picture = `<img src="${address}" alt="${escapeXml(alt)}">`;
  // a click shows the file alone, as large as the window allows
  const shown = 'file' in figure ? `<a href="${address}">${picture}</a>` : picture;
  return `<figure><div>${shown}</div><figcaption>${escapeXml(caption)}</figcaption></figure>`;
}

/** An SVG goes into an image's address too: there its ids and styles cannot meet those of other pictures. */
function addressOf(figure: PageFigure): string {
  if ('file' in figure) return relativeAddress(figure.file);
  if ('svg' in figure) return `data:image/svg+xml;base64,${Buffer.from(figure.svg).toString('base64')}`;
  return `data:image/png;base64,${Buffer.from(figure.png).toString('base64')}`;
}

function relativeAddress(file: string): string {
  if (file === '' || /^([a-z][a-z0-9+.-]*:|[/\\])/i.test(file)) {
    throw new OptionError(
      `resultsPage needs files named relative to the page, got "${file}"; write for example "figures/umap.svg"`,
    );
  }
  return escapeXml(file.split('/').map(encodeURIComponent).join('/'));
}

function tableHtml({ columns, rows }: PageTable): string {
  const isNumeric = columns.map((_, column) => rows.every((row) => looksNumeric(row[column])));
  const mark = (column: number) => (isNumeric[column] ? ' class="number"' : '');
  const head = columns.map((name, i) => `<th scope="col"${mark(i)}>${escapeXml(name)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((cell, i) => `<td${mark(i)}>${cellHtml(cell)}</td>`).join('')}</tr>`,
  );
  return `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

function cellHtml(cell: PageCell): string {
  if (typeof cell === 'object') return `<a href="${relativeAddress(cell.file)}">${escapeXml(cell.text)}</a>`;
  return escapeXml(String(cell));
}

function looksNumeric(cell: PageCell | undefined): boolean {
  return typeof cell === 'number' || (typeof cell === 'string' && /^[−+-]?[\d.,]+( ?%)?$/.test(cell));
}

function factsHtml(facts: readonly (readonly [string, string])[]): string {
  if (facts.length === 0) return '';
  const entries = facts.map(
    ([name, value]) => `<div><dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd></div>`,
  );
  return `<section class="facts" aria-label="How these results came about"><h2>How these results came about</h2><dl>${entries.join('')}</dl></section>`;
}

/**
 * Pictures keep a white ground in the dark, where their dark axes would vanish. They never get narrower than 22 rem:
 * below that they scroll sideways; a click shows the file alone.
 */
const style = `
:root { --ink: #1b1f24; --muted: #57606a; --line: #d8dee4; --ground: #fff; --raised: #f6f8fa; --accent: #0072b2; --warn-ground: #fff4d6; --warn-line: #e69f00; --warn-ink: #4a3500; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --muted: #a4adb8; --line: #353c45; --ground: #14181d; --raised: #1d232a; --accent: #6cbcee; --warn-ground: #3a2d08; --warn-line: #e69f00; --warn-ink: #ffe3a3; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 Inter, system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; overflow-wrap: break-word; }
.banner { margin: 0; padding: .7rem max(1.25rem, calc((100vw - 72rem) / 2 + 1.25rem)); background: var(--warn-ground); color: var(--warn-ink); border-bottom: 2px solid var(--warn-line); font-size: .95rem; }
header, main { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.75rem; }
h1 { margin: 0 0 .6rem; font-size: clamp(1.6rem, 4.5vw, 2.3rem); line-height: 1.2; letter-spacing: -.02em; font-weight: 700; text-wrap: balance; }
.intro { max-width: 44rem; margin: 0 0 1rem; color: var(--muted); font-size: 1.1rem; }
a { color: var(--accent); text-underline-offset: .15em; }
nav ol { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: 1.4rem 0 0; padding: .8rem 0; list-style: none; border-block: 1px solid var(--line); font-size: .92rem; }
nav .number { color: var(--muted); font-variant-numeric: tabular-nums; }
nav a { text-decoration: none; }
nav a:hover, nav a:focus-visible { text-decoration: underline; }
section { padding-top: 2.4rem; }
h2 { display: flex; gap: .7rem; margin: 0 0 .5rem; font-size: 1.35rem; line-height: 1.3; letter-spacing: -.01em; font-weight: 650; }
h2 .number { color: var(--muted); font-weight: 400; }
section p { max-width: 44rem; margin: 0 0 1rem; }
.figures { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 1.25rem; margin: 1.2rem 0; }
figure { flex: 0 1 auto; min-width: min(100%, 16rem); max-width: 100%; margin: 0; padding: .6rem; background: #fff; border: 1px solid var(--line); border-radius: .6rem; }
figure > div { overflow-x: auto; }
figure img { display: block; max-width: max(100%, 22rem); height: auto; margin: 0 auto; }
figcaption { width: 0; min-width: 100%; margin-top: .5rem; padding: .55rem .3rem .1rem; border-top: 1px solid #e4e8ec; color: #3d4650; font-size: .9rem; line-height: 1.45; }
.table { overflow-x: auto; margin: 1.2rem 0; }
table { border-collapse: collapse; font-size: .93rem; }
th, td { padding: .45rem 1.1rem .45rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { border-bottom: 2px solid var(--line); font-weight: 600; white-space: nowrap; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
tbody tr:hover { background: var(--raised); }
.facts { margin: 3rem 0 3.5rem; padding: 1.4rem 1.5rem 1.6rem; background: var(--raised); border-radius: .6rem; }
.facts h2 { font-size: 1.05rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: .8rem 1.5rem; margin: .6rem 0 0; }
dt { color: var(--muted); font-size: .85rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; }
@media (max-width: 40rem) { body { font-size: 15.5px; } header { padding-top: 1.6rem; } nav ol { flex-direction: column; } .figures { gap: 1rem; } figure { width: 100%; } }
@media print { body { font-size: 11pt; } nav { display: none; } figure, table { break-inside: avoid; } a { color: inherit; text-decoration: none; } }
`;
