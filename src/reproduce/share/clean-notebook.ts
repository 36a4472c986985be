/** A notebook made fit to be handed on: no times, paths or host names, and a still picture beside every chart. */
import { homedir, hostname, tmpdir } from 'node:os';
import { renderPng } from '../../plots/render-vega-lite';
import type { NotebookJson, NotebookOutput } from '../notebook-json';

/**
 * @returns a copy; the given notebook stays as it is
 */
export async function cleanNotebook(notebook: NotebookJson): Promise<NotebookJson> {
  const cells = [];
  for (const cell of notebook.cells) {
    const { execution: _times, ...metadata } = cell.metadata ?? {};
    if (cell.cell_type !== 'code') {
      cells.push({ ...cell, metadata });
      continue;
    }
    const outputs: NotebookOutput[] = [];
    for (const output of cell.outputs ?? []) outputs.push(withoutPlaces(await withPicture(output)));
    cells.push({ ...cell, metadata, outputs });
  }
  const { widgets: _widgets, papermill: _papermill, ...metadata } = notebook.metadata ?? {};
  return { ...notebook, cells, metadata };
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

/** Names of this machine's folders, and its own. */
function withoutPlaces(output: NotebookOutput): NotebookOutput {
  const places = [
    [process.cwd(), '.'],
    [tmpdir(), '…'],
    [homedir(), '~'],
  ].filter(([place]) => place.length > 3);
  // the machine's name as a word of its own, as in a prompt or an address: "cell" or "data" may be one, too
  const host = new RegExp(`(?<=[@/])${hostname().replace(/[^\w]/g, '\\$&')}(?![\\w-])`, 'g');
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string')
      return places
        .reduce((text, [place, stand]) => text.replaceAll(place, stand), value)
        .replace(host, 'here');
    if (Array.isArray(value)) return value.map(clean);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [
        key,
        key.startsWith('image/') && key !== 'image/svg+xml' ? part : clean(part),
      ]),
    );
  };
  return clean(output) as NotebookOutput;
}
