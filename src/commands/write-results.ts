/** Results of the statistics commands in a folder: tables, a report, pictures. */
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { writeTable } from '../data/table-io';
import { renderSvg } from '../plots/render-vega-lite';
import { loadArquero } from '../util/arquero';
import { writeFileAtomic } from '../util/files';

/** Writes `<name>.csv` and the same as `<name>.parquet`. */
export async function writeBothTables(
  folder: string,
  name: string,
  columns: Record<string, ArrayLike<unknown>>,
): Promise<void> {
  const { table } = await loadArquero();
  const content = table(columns as Record<string, unknown[]>);
  await writeTable(join(folder, `${name}.csv`), content);
  await writeTable(join(folder, `${name}.parquet`), content);
}

/** Writes `report.json` (or another name). NaN becomes null. */
export function writeReport(folder: string, report: unknown, name = 'report'): void {
  writeFileAtomic(join(folder, `${name}.json`), `${JSON.stringify(report, null, 2)}\n`);
}

/** Writes a picture as `<name>.svg`, and its Vega-Lite specification, to restyle it, as `<name>.vl.json`. */
export async function writePicture(folder: string, name: string, spec: TopLevelSpec): Promise<void> {
  writeFileAtomic(join(folder, `${name}.svg`), await renderSvg(spec));
  writeFileAtomic(join(folder, `${name}.vl.json`), `${JSON.stringify(spec)}\n`);
}
