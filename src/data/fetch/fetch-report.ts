/** What a fetch did, and how it is told in one line. */
import { dirname, join } from 'node:path';
import { DataError } from '../../util/errors';
import type { Manifest } from '../manifests/manifest';

/** One file of a data set after a fetch. */
export interface FetchedFile {
  /** Place in the data set's folder. */
  file: string;
  /**
   * `present`: it was there and has the right sum; `copied`: from a folder of LCH_DATA_PATH; `downloaded`; `generated`;
   * `damaged`: it lies in the lab's own folder with a wrong sum; `missing`: it could not be had.
   */
  state: 'present' | 'copied' | 'downloaded' | 'generated' | 'damaged' | 'missing';
  /** The folder or address that it came from. */
  source?: string;
  /** Size as the manifest has it, or as it turned out; absent when nobody knows. */
  bytes?: number;
  /** Sum that was checked (or recorded, at a first download). */
  sha256?: string;
  /** For an archive: how many files were unpacked from it. */
  unpackedFiles?: number;
  /** Why it is missing or damaged. */
  reason?: string;
}

/** What {@link fetchDataset} returns; plain JSON. */
export interface FetchReport {
  name: string;
  title: string;
  kind: 'crops' | 'model' | 'table';
  licence: string;
  citation: string;
  /** Where the files lie. Only files with the right sum are in it (a lab's own folder is left as it is). */
  folder: string;
  complete: boolean;
  /** Files of the data set, its own tables not counted. */
  total: number;
  /** How many of them are there with the right sum. */
  verified: number;
  files: FetchedFile[];
  missing: FetchedFile[];
  /** Files whose sum was wrong, where they lie now. */
  quarantined: string[];
  /** Lines that the user should see. */
  warnings: string[];
}

/** The report on a data set whose files came out as `files`. */
export function makeReport(
  { name, title, kind, licence, citation }: Manifest,
  folder: string,
  files: FetchedFile[],
  quarantined: string[],
  warnings: string[],
): FetchReport {
  const missing = files.filter(({ state }) => state === 'missing' || state === 'damaged');
  const total = files.length;
  const verified = total - missing.length;
  const complete = missing.length === 0;
  return {
    name,
    title,
    kind,
    licence,
    citation,
    folder,
    complete,
    total,
    verified,
    files,
    missing,
    quarantined,
    warnings,
  };
}

/** A data set lacks files. */
export class IncompleteDataError extends DataError {
  constructor(override readonly report: FetchReport) {
    super(incompleteLine(report));
  }
}

/**
 * The line for an incomplete data set: the files wanted with their sizes, why they could not be had, and where to put them.
 *
 * @param shown how many files are named; default 3
 */
export function incompleteLine(report: FetchReport, shown = 3): string {
  const { name, folder, verified, total, missing } = report;
  const named = missing.slice(0, shown).map((file) => `${file.file} (${sizeOf(file)})`);
  if (missing.length > shown) named.push(`and ${missing.length - shown} more`);
  const reasons = [...new Set(missing.map(({ reason }) => reason))].slice(0, 2).join('; ');
  const places = [...new Set(missing.map(({ file }) => dirname(join(folder, file))))];
  return (
    `${name} is incomplete: ${verified} of ${total} files are there and checked, missing ${named.join(', ')}: ${reasons}; ` +
    `put what is missing into ${places.slice(0, 2).join(' and ')}, or into a folder named in LCH_DATA_PATH, and run it again`
  );
}

/** 36,112 bytes; or "size unknown". */
export function sizeOf({ bytes }: { bytes?: number }): string {
  return bytes === undefined ? 'size unknown' : `${bytes.toLocaleString('en-US')} bytes`;
}
