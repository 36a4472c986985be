/** Vega-Lite charts: interactive where the front end draws them, and as pictures everywhere else. */
import type { MimeBundle } from '../../kernel/services';

export async function displayChart(value: unknown): Promise<MimeBundle | null> {
  const schema = (value as { $schema?: unknown } | null)?.$schema;
  if (typeof schema !== 'string' || !/\/vega-lite\/v\d/.test(schema)) return null;
  const spec = value as Record<string, unknown>;
  const bundle: MimeBundle = { 'application/vnd.vegalite.v5+json': spec, 'text/plain': chartText(spec) };
  try {
    // loaded late: drawing needs half a second of code
    const { renderPng, renderSvg } = await import('../../plots/render-vega-lite.js');
    const svg = await renderSvg(spec as never);
    return { ...bundle, 'image/svg+xml': svg, 'image/png': await renderPng(spec as never) };
  } catch {
    return bundle; // the front end says what is wrong with the chart
  }
}

function chartText(spec: Record<string, unknown>): string {
  const title = spec.title as string | { text?: unknown } | undefined;
  const text = typeof title === 'string' ? title : title?.text;
  return typeof text === 'string' && text ? `Vega-Lite chart: ${text}` : 'Vega-Lite chart';
}
