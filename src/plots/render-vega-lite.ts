import { Resvg } from '@resvg/resvg-js';
import type { TopLevelSpec } from 'vega-lite';
import { messageOf, OptionError } from '../util/errors';
import { escapeXml } from './escape';
import { resvgFont, textWidth } from './font';

interface TextItem {
  text?: unknown;
  fontSize?: number;
  fontWeight?: number | string;
}

let loaded: ReturnType<typeof load> | null = null;

/** Vega takes a third of a second to load: it waits for the first picture. */
function load() {
  const vega = require('vega') as typeof import('vega');
  const { compile } = require('vega-lite') as typeof import('vega-lite');
  // Vega measures text through this object, once for all its views (vega-scenegraph, src/util/text.js); its typings leave it out.
  const { textMetrics } = vega as unknown as {
    textMetrics: { width(item: TextItem, text?: unknown): number };
  };
  textMetrics.width = (item, text = item.text) =>
    textWidth(text === null || text === undefined ? '' : String(text), item.fontSize ?? 11, item.fontWeight);
  return {
    vega,
    compile,
    /** Figures carry their data; nothing is ever read from a file or an address. */
    noLoader: {
      ...vega.loader(),
      load: (address: string) =>
        Promise.reject(new Error(`figures read no data from elsewhere (${address})`)),
    },
    /** Vega warns of empty data and of scales without extent, which an empty figure shows by itself. */
    quiet: vega.logger(vega.Error),
  };
}

/**
 * Draws a Vega-Lite specification as SVG, without a browser; the title becomes the picture's accessible name.
 *
 * @throws OptionError when the specification cannot be drawn (its cause is Vega's own error)
 * @example
 * writeFileAtomic('umap.svg', await renderSvg(scatterPlot(rows, { x: 'umap1', y: 'umap2', color: 'tumor' })));
 */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  loaded ??= load();
  const { vega, compile, noLoader, quiet } = loaded;
  let svg: string;
  try {
    const { spec: parsed } = compile(spec, { logger: quiet });
    const view = new vega.View(vega.parse(parsed), { renderer: 'none', loader: noLoader, logger: quiet });
    try {
      svg = await view.toSVG();
    } finally {
      view.finalize();
    }
  } catch (cause) {
    throw new OptionError(
      `renderSvg: the specification cannot be drawn (${messageOf(cause)}); check its fields`,
      {
        cause,
      },
    );
  }
  const name = accessibleName(spec);
  return name === ''
    ? svg
    : svg.replace(/<svg([^>]*)>/, (_, rest) => `<svg${rest} role="img"><title>${escapeXml(name)}</title>`);
}

/**
 * Draws a Vega-Lite specification as PNG, equal on every machine: resvg with our own font.
 *
 * @param scale device pixels per pixel of the figure (2, for sharp text on today's screens)
 */
export async function renderPng(spec: TopLevelSpec, { scale = 2 } = {}): Promise<Uint8Array> {
  const svg = await renderSvg(spec);
  const picture = new Resvg(svg, {
    font: resvgFont,
    fitTo: { mode: 'zoom', value: scale },
    background: 'white',
  });
  return picture.render().asPng();
}

function accessibleName({ title }: TopLevelSpec): string {
  const text = typeof title === 'object' && !Array.isArray(title) && title !== null ? title.text : title;
  if (Array.isArray(text)) return text.join(' ');
  return typeof text === 'string' ? text : '';
}
