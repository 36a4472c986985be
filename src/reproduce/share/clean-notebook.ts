/** A notebook made fit to be handed on: no times, folders, user or host names, and a still picture beside every chart. */
import { renderPng } from '../../plots/render-vega-lite';
import { joined, type NotebookJson, type NotebookOutput } from '../notebook-json';
import { type HiddenCount, hidePlaces } from './hide-places';

export interface CleanedNotebook {
  /** A copy; the given notebook stays as it is. */
  notebook: NotebookJson;
  hidden: HiddenCount;
}

export async function cleanNotebook({ cells, metadata, ...rest }: NotebookJson): Promise<CleanedNotebook> {
  const hidden: HiddenCount = { paths: 0, names: 0 };
  const cleaned = [];
  for (const cell of cells) {
    const { execution: _times, ...kept } = cell.metadata ?? {};
    const source = hidePlaces(joined(cell.source), hidden);
    const unchanged = source === joined(cell.source);
    const copy = { ...cell, source: unchanged ? cell.source : source, metadata: kept };
    if (cell.cell_type !== 'code') {
      cleaned.push(copy);
      continue;
    }
    const outputs: NotebookOutput[] = [];
    for (const output of cell.outputs ?? []) {
      outputs.push(withoutPlaces(await withPicture(output), hidden) as NotebookOutput);
    }
    cleaned.push({ ...copy, outputs });
  }
  const { widgets: _widgets, papermill: _papermill, ...kept } = metadata ?? {};
  return { notebook: { ...rest, cells: cleaned, metadata: kept }, hidden };
}

/** GitHub and nbviewer show pictures, but no charts. */
async function withPicture(output: NotebookOutput): Promise<NotebookOutput> {
  const { data } = output;
  const chart = data && Object.keys(data).find((mime) => mime.startsWith('application/vnd.vegalite'));
  if (!data || !chart) return output;
  if (data['image/png']) {
    const { 'image/svg+xml': _same, ...rest } = data; // of thousands of dots, megabytes
    return { ...output, data: rest };
  }
  try {
    const png = await renderPng(data[chart] as never);
    return { ...output, data: { ...data, 'image/png': Buffer.from(png).toString('base64') } };
  } catch {
    return output; // a chart that cannot be drawn stays what it is
  }
}

/** Every text inside an output, but for pictures in base64. Charts are walked through as values, so their JSON stays whole. */
function withoutPlaces(value: unknown, hidden: HiddenCount): unknown {
  if (typeof value === 'string') return hidePlaces(value, hidden);
  if (Array.isArray(value)) return value.map((part) => withoutPlaces(part, hidden));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      /^(?:image|audio|video)\//.test(key) && key !== 'image/svg+xml' ? part : withoutPlaces(part, hidden),
    ]),
  );
}
