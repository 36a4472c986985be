/** Outputs of code cells as HTML that needs no kernel and no network. */
import sanitize from 'sanitize-html';
import { escapeXml } from '../../plots/escape';
import { joined, type NotebookOutput } from '../notebook-json';

/** Finds what a page needs beside its text. */
export interface OutputContext {
  /** Vega-Lite specifications; their place on the page is `chart-<index>`. */
  charts: unknown[];
}

export function renderOutput(output: NotebookOutput, context: OutputContext): string {
  if (output.output_type === 'stream') {
    return `<pre class="${output.name === 'stderr' ? 'stderr' : 'stdout'}">${ansi(joined(output.text))}</pre>`;
  }
  if (output.output_type === 'error') {
    const trace = output.traceback?.length
      ? output.traceback.join('\n')
      : `${output.ename}: ${output.evalue}`;
    return `<pre class="error">${ansi(trace)}</pre>`;
  }
  return output.data ? renderBundle(output.data, context) : '';
}

/** The richest form that works in a file: chart, HTML, picture, text. */
function renderBundle(data: Record<string, unknown>, { charts }: OutputContext): string {
  const text = joined(data['text/plain']);
  const picture = pictureOf(data, text);
  const chart = Object.keys(data).find((mime) =>
    /^application\/vnd\.vegalite\.v\d+(\.\d+)*\+json$/.test(mime),
  );
  if (chart) {
    charts.push(data[chart]);
    // the picture stands until the script draws the chart, and where scripts are off
    return `<div class="chart" id="chart-${charts.length - 1}">${picture ?? ''}</div>`;
  }
  const html = data['text/html'];
  if (html !== undefined) return renderHtml(joined(html));
  if (picture) return picture;
  return text ? `<pre>${ansi(text)}</pre>` : '';
}

function pictureOf(data: Record<string, unknown>, text: string): string | null {
  const alt = escapeXml(text.slice(0, 200));
  for (const mime of ['image/png', 'image/jpeg', 'image/gif', 'image/webp']) {
    const content = joined(data[mime]).replace(/\s/g, '');
    if (content && /^[A-Za-z0-9+/=]+$/.test(content))
      return `<img alt="${alt}" src="data:${mime};base64,${content}">`;
  }
  const svg = joined(data['image/svg+xml']);
  // as an image an SVG can neither run scripts nor load anything
  return svg
    ? `<img alt="${alt}" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`
    : null;
}

/**
 * HTML of an output. What brings a script (such as a slider over frames) runs in a frame of its own, cut off from the page; of everything else
 * only harmless marks are kept.
 */
function renderHtml(html: string): string {
  if (/<script[\s>]/i.test(html)) {
    const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">`;
    const size = `<script>new ResizeObserver(() => parent.postMessage({ height: document.body.scrollHeight }, '*')).observe(document.body);</script>`;
    const page = `<!doctype html><meta charset="utf-8">${policy}<style>body{margin:0;font:14px/1.5 Inter,system-ui,sans-serif}</style>${html}${size}`;
    return `<iframe class="live" sandbox="allow-scripts" title="interactive figure" srcdoc="${escapeXml(page)}"></iframe>`;
  }
  return sanitize(html, {
    allowedTags: [...sanitize.defaults.allowedTags, 'img', 'details', 'summary', 'progress'],
    allowedAttributes: {
      '*': ['style', 'colspan', 'rowspan', 'align'],
      a: ['href'],
      img: ['src', 'alt', 'width', 'height'],
      progress: ['value', 'max'],
      details: ['open'],
    },
    allowedStyles: {
      '*': Object.fromEntries(
        [
          'color',
          'background-color',
          'text-align',
          'font-weight',
          'font-style',
          'white-space',
          'width',
          'max-width',
          'margin-left',
          'vertical-align',
        ].map((name) => [name, [/^[#\w\s.,%()-]+$/]]),
      ),
    },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
  });
}

/** Terminal colours as classes `t0` (black) to `t7` and `tb` (bold), which the page's style sheet knows; everything else is escaped. */
export function ansi(text: string): string {
  let open = false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  const parts = text.split(/\u001b\[([0-9;]*)m/);
  return (
    parts
      .map((part, i) => {
        if (i % 2 === 0) return escapeXml(part);
        const codes = part.split(';').map(Number);
        const color = codes.find((code) => (code >= 30 && code <= 37) || (code >= 90 && code <= 97));
        const close = open ? '</span>' : '';
        open = color !== undefined || codes.includes(1);
        if (!open) return close;
        const classes = [
          ...(color === undefined ? [] : [`t${color % 10}`]),
          ...(codes.includes(1) ? ['tb'] : []),
        ];
        return `${close}<span class="${classes.join(' ')}">`;
      })
      .join('') + (open ? '</span>' : '')
  );
}
