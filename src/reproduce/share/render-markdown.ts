/** Markdown cells as HTML: raw HTML in them stays text, and links lead to the web or into the page. */
import { escapeXml } from '../../plots/escape';

/** Addresses that a reader may follow from a mail attachment. */
const safeAddress = /^(?:https?:|mailto:|#)/i;

/** Loads the renderer (an ES module), once. */
export async function loadMarkdown(): Promise<(text: string) => string> {
  const { Marked } = await import('marked');
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
      heading({ tokens, depth }) {
        const text = this.parser.parseInline(tokens);
        return `<h${depth} id="${headingId(text)}">${text}</h${depth}>\n`;
      },
    },
  });
  return (text) => marked.parse(text, { async: false }) as string;
}

/** Name of a heading within the page. */
export function headingId(html: string): string {
  const words = html
    .replace(/<[^>]*>|&[#\w]+;/g, ' ')
    .trim()
    .toLowerCase();
  return `h-${words.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')}`;
}
