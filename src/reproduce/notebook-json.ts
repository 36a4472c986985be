/** A notebook as its file has it (nbformat 4). */
import { readFileSync } from 'node:fs';
import { DataError, messageOf } from '../util/errors';

export interface NotebookOutput {
  output_type: 'stream' | 'display_data' | 'execute_result' | 'error' | (string & {});
  name?: string;
  text?: string | string[];
  data?: Record<string, unknown>;
  ename?: string;
  evalue?: string;
  traceback?: string[];
  [other: string]: unknown;
}

export interface NotebookCell {
  cell_type: 'markdown' | 'code' | 'raw';
  source: string | string[];
  metadata?: { tags?: string[]; [other: string]: unknown };
  outputs?: NotebookOutput[];
  execution_count?: number | null;
  [other: string]: unknown;
}

export interface NotebookJson {
  cells: NotebookCell[];
  metadata?: Record<string, unknown>;
  nbformat?: number;
  nbformat_minor?: number;
}

/** @throws DataError when the file is missing or no notebook */
export function readNotebook(path: string): NotebookJson {
  let notebook: Partial<NotebookJson>;
  try {
    notebook = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new DataError(`${path} is no notebook: ${messageOf(error)}`, { cause: error });
  }
  if (!Array.isArray(notebook.cells)) {
    throw new DataError(`${path} is no notebook: it has no cells; give an .ipynb file of format 4`);
  }
  return notebook as NotebookJson;
}

/** Text that a notebook may hold in lines. */
export function joined(text: unknown): string {
  return Array.isArray(text) ? text.join('') : text === undefined || text === null ? '' : String(text);
}
