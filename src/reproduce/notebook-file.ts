/** Notebook files: which there are, what they say about themselves, and what a run left in them. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DataError } from '../util/errors';
import { type Claim, claimsMime } from './claims';
import { joined, type NotebookCell, readNotebook } from './notebook-json';
import type { Need } from './survey-cells';

/** A notebook of the study. */
export interface NotebookFile {
  path: string;
  /** "07-in-silico-amplification" */
  name: string;
  /** "07" */
  number: string;
  title: string;
  /** The question that it answers, from its first cell. */
  question: string;
  /** What it cannot do without; a data set that lacks it passes the notebook by. */
  needs: Need[];
}

/** A picture that a cell tagged `figure` shows. */
export interface NotebookFigure {
  /** From the text before the cell. */
  caption: string;
  picture: { svg: string } | { png: Uint8Array };
}

/** The notebooks of a folder in the order of their numbers. @throws DataError when there are none */
export function listNotebooks(folder: string): NotebookFile[] {
  const files = readdirSync(folder)
    .filter((file) => /^\d\d-.*\.ipynb$/.test(file))
    .sort();
  if (files.length === 0) {
    throw new DataError(`lch start found no notebooks (NN-name.ipynb) in ${folder}; reinstall the package`);
  }
  return files.map((file) => {
    const path = join(folder, file);
    const { cells, metadata } = readNotebook(path);
    const first = firstText(cells);
    return {
      path,
      name: basename(file, '.ipynb'),
      number: file.slice(0, 2),
      title: titleOf(cells) ?? basename(file, '.ipynb'),
      question: plain(/\*\*Question:?\*\*:?\s*([\s\S]*?)(?:\n\s*\n|\n?\*\*|$)/.exec(first)?.[1] ?? ''),
      needs: (metadata?.lch as { needs?: Need[] } | undefined)?.needs ?? [],
    };
  });
}

/** The first heading of the first text; null where there is none. */
export function titleOf(cells: readonly NotebookCell[]): string | null {
  return /^#\s+(.+)$/m.exec(firstText(cells))?.[1] ?? null;
}

/** All claims that an executed notebook shows. */
export function claimsOf(path: string): Claim[] {
  return readNotebook(path).cells.flatMap((cell) =>
    (cell.outputs ?? []).flatMap(
      ({ data }) => (data?.[claimsMime] as { rows: Claim[] } | undefined)?.rows ?? [],
    ),
  );
}

/** The pictures of the cells tagged `figure`. */
export function figuresOf(path: string): NotebookFigure[] {
  const figures: NotebookFigure[] = [];
  let text = '';
  for (const cell of readNotebook(path).cells) {
    if (cell.cell_type === 'markdown') text = textOf(cell);
    if (!cell.metadata?.tags?.includes('figure')) continue;
    for (const { data } of cell.outputs ?? []) {
      const svg = data?.['image/svg+xml'];
      const png = data?.['image/png'];
      const caption = plain(text.replace(/^#+\s.*$/gm, '').trim());
      if (svg) figures.push({ caption, picture: { svg: joined(svg) } });
      else if (png) figures.push({ caption, picture: { png: Buffer.from(joined(png), 'base64') } });
    }
  }
  return figures;
}

const firstText = (cells: readonly NotebookCell[]) =>
  textOf(cells.find((cell) => cell.cell_type === 'markdown'));
const textOf = (cell: NotebookCell | undefined) => (cell ? joined(cell.source) : '');
/** Markdown's marks taken off. */
const plain = (text: string) =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
