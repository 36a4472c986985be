/** Puts the tables that come with a manifest into the data set's folder. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { csvField, csvRows } from '../../util/csv';
import { writeFileAtomic } from '../../util/files';
import type { Manifest } from '../manifests/manifest';

/**
 * Writes each table into `folder`. A table that has a row for every crop (a column `path`) keeps only the rows whose crop is there, so
 * that whoever reads the folder finds a file for each row; when all are there it is byte for byte the manifest's.
 *
 * @returns a line for each table that lost rows
 */
export function placeTables(manifest: Manifest, folder: string): string[] {
  const warnings: string[] = [];
  for (const { file, beside } of manifest.files) {
    if (!beside) continue;
    const text = readFileSync(beside, 'utf8');
    const [header, ...rows] = csvRows(text);
    const at = header.indexOf('path');
    const isThere = (row: string[]) => statSync(join(folder, row[at]), { throwIfNoEntry: false })?.isFile();
    const kept = at < 0 ? rows : rows.filter(isThere);
    const all = kept.length === rows.length;
    const content = all ? text : [header, ...kept].map((row) => row.map(csvField).join(',') + '\n').join('');
    writeFileAtomic(join(folder, file), content);
    if (!all)
      warnings.push(`${file} there has ${kept.length} of its ${rows.length} rows: those whose crop is there`);
  }
  return warnings;
}
