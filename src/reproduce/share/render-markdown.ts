/** Markdown cells as HTML: raw HTML in them stays text, and links lead to the web or into the page. */
import { escapeXml } from '../../plots/escape';
import { highlightCode } from './highlight-code';

/** Addresses that a reader may follow from a mail attachment. */
const safeAddress = /^(?:https?:|mailto:|#)/i;

/** A heading of the page, for its table of contents. */
export interface PageHeading {
  depth: number;
  /** HTML. */
  text: string;
  /** No other heading of the page has it. */
  id: string;
}

/** Renders the Markdown cells of one page, one after the other. */
export interface MarkdownPage {
  render(text: string): string;
  /** Those of all cells so far. */
  readonly headings: readonly PageHeading[];
}

/** Loads the renderer, an ES module. */
export async function markdownPage(): Promise<MarkdownPage> {
  const { Marked } = await import('marked');
  const headings: PageHeading[] = [];
  const taken = new Set<string>();
  const marked = new Marked({
    gfm: true,
    renderer: {
      html: ({ text }) => escapeXml(text),
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens);
        // links to files beside the notebook lead nowhere from here
        return safeAddress.test(href) ? `<a href="${escapeXml(href)}" rel="noreferrer">${text}</a>` : text;
      },
      image({ href, text }) {
        return /^data:image\/(?:png|jpeg|gif|webp);base64,/.test(href)
          ? `<img alt="${escapeXml(text)}" src="${escapeXml(href)}">`
          : `<em>${escapeXml(text || 'picture')}</em>`;
      },
      code: ({ text, lang = '' }) =>
        `<pre><code>${highlightCode(text, lang.split(/\s/)[0].toLowerCase())}</code></pre>\n`,
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens);
        const id = freeName(headingName(text), taken);
        headings.push({ depth, text, id });
        return `<h${depth} id="${id}">${text}</h${depth}>\n`;
      },
    },
  });
  return { render: (text) => marked.parse(text, { async: false }) as string, headings };
}

/** Name of a heading within the page. */
function headingName(html: string): string {
  const words = html
    .replace(/<[^>]*>|&[#\w]+;/g, ' ')
    .trim()
    .toLowerCase();
  return `h-${words.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')}`;
}

/** The name, or with a number behind it where it is taken; it is taken then. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}-${count}`;
  taken.add(free);
  return free;
}
