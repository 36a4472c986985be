/** What a notebook tells of how it was run: parameters, version, and which cells it looked at. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { listManifests } from '../../data/manifests/list-manifests';
import type { Manifest } from '../../data/manifests/manifest';
import { joined, type NotebookJson } from '../notebook-json';

/** What `lch start` keeps in the notebook's metadata, as `lch.run`. */
export interface RunRecord {
  /** Of Live Cell Histology. */
  version: string;
  /** Null for a notebook that opens no study. */
  data: {
    /** Of the data set, or the last name of the folder. */
    name: string;
    crops: number;
    /** SHA-256 of the data set's manifest, which holds the sums of its files; null for a folder without one. */
    manifestSha256: string | null;
  } | null;
}

/** A licence, or the sentence that says that there is none. */
export interface Licence {
  name: string;
  /** Where its text is. */
  url: string | null;
}

/** The data set that a notebook names. */
export interface DataRecord {
  manifest: Manifest;
  /** The manifest's bytes, and their SHA-256. */
  content: Uint8Array;
  sha256: string;
  /** Files of the data set, those counted that a generator draws. */
  files: number;
  licences: Licence[];
}

export interface StudyRecord {
  /** Names and values (as TypeScript) of the cells tagged `parameters` and `injected-parameters`; the last value counts. */
  parameters: Map<string, string>;
  run: RunRecord | null;
  /** Null when no cell names a data set that is known here. */
  data: DataRecord | null;
}

export function studyRecord(notebook: NotebookJson): StudyRecord {
  const parameters = parametersOf(notebook, ['parameters', 'injected-parameters']);
  const run = (notebook.metadata?.lch as { run?: RunRecord } | undefined)?.run ?? null;
  const isFolder = run?.data?.manifestSha256 === null;
  const name = run?.data?.name ?? nameOfData(notebook);
  return { parameters, run, data: name && !isFolder ? dataRecord(name) : null };
}

/** Whether the notebook looks at the cells that `data` and `preset` name. */
export function opensStudy({ cells }: NotebookJson): boolean {
  return cells.some(({ cell_type: type, source }) => type === 'code' && /\bopenStudy\(/.test(joined(source)));
}

function parametersOf({ cells }: NotebookJson, tags: readonly string[]): Map<string, string> {
  return new Map(
    cells
      .filter(({ metadata }) => metadata?.tags?.some((tag) => tags.includes(tag)))
      .flatMap(({ source }) => [...joined(source).matchAll(/^(?:const|let)\s+(\w+)\s*=\s*([^;\n]*)/gm)])
      .map(([, name, value]) => [name, value.trim()]),
  );
}

/** Of a data set by name; null when there is no manifest of that name. */
export function dataRecord(name: string): DataRecord | null {
  const manifest = listManifests().find((known) => known.name === name);
  if (!manifest) return null;
  const content = readFileSync(manifest.path);
  const { licenses = [], lch } = JSON.parse(content.toString('utf8')) as {
    licenses?: { name?: string; title?: string; path?: string }[];
    lch: { licenceNote?: string };
  };
  const licences: Licence[] = licenses.map(({ name, title, path }) => ({
    name: title ?? name ?? path ?? '',
    url: path && /^https?:\/\//.test(path) ? path : null,
  }));
  return {
    manifest,
    content,
    sha256: createHash('sha256').update(content).digest('hex'),
    files: manifest.files.length + (manifest.generator?.options.cells ?? 0),
    licences: licences.length > 0 ? licences : [{ name: lch.licenceNote ?? manifest.licence, url: null }],
  };
}

/** `data` of the parameters. In a study, an empty one stands for the preset's synthetic cells; other notebooks name their own data. */
function nameOfData(notebook: NotebookJson): string | null {
  const isStudy = opensStudy(notebook);
  const parameters = parametersOf(notebook, isStudy ? ['parameters', 'injected-parameters'] : ['parameters']);
  const text = (name: string) => /^(["'`])(.*)\1$/.exec(parameters.get(name) ?? '')?.[2];
  if (isStudy && text('data') === '') return `synthetic-${text('preset') ?? 'quick'}`;
  return text('data') ?? null;
}
