/** `lch hallmarks`: what a person would measure of each cell. */

import { decodeCrop } from '../data/decode-crop';
import { resolveData } from '../data/fetch/resolve-data';
import { findCrops } from '../data/find-crops';
import { nothingLeft, type SkippedCrop, tellSkipped } from '../data/skipped-crops';
import { writeTable } from '../data/table-io';
import { type Hallmarks, measureHallmarks } from '../interpret/hallmarks';
import { outlineCells } from '../interpret/outline-cells';
import { montagePng } from '../plots/montage';
import { loadArquero } from '../util/arquero';
import { breather } from '../util/breather';
import { DataError } from '../util/errors';
import { claimFile, writeFileAtomic } from '../util/files';
import { defineCommand } from './command';
import { dataOption, forceOption, isSynthetic, outOption } from './shared';

/** Crops whose outlines are drawn. */
const shownCrops = 40;

export const hallmarksCommand = defineCommand({
  name: 'hallmarks',
  summary: 'Finds the cell in every crop and measures its shape and the light inside it.',
  details:
    'Writes path, area, perimeter, solidity, eccentricity, pseudopod_extension (in radii of the body), pseudopod_count, light_scattering ' +
    '(grey value inside above the background), granularity, focus, background (grey value), and of the cell without its processes body_area and ' +
    'body_elongation. Lengths are in pixels of the measured size. Empty where no cell was found.',
  options: {
    data: dataOption,
    size: {
      type: 'integer',
      default: 64,
      min: 16,
      max: 1024,
      unit: 'pixels',
      help: 'Side that crops are measured at.',
    },
    out: outOption('H.csv|H.parquet', 'Table of measures.'),
    outlines: {
      type: 'string',
      placeholder: 'PNG',
      help: 'Also draws the first 40 crops with the outline of the cell that was found: look before you believe the numbers.',
      path: true,
    },
    force: forceOption,
  },
  examples: [
    'lch hallmarks --data my-cells --out h.csv',
    'lch hallmarks --data my-cells --out h.csv --outlines seen.png',
  ],
  async run(options, context) {
    const { progress, signal } = context;
    claimFile('lch hallmarks', options.out, options.force);
    if (options.outlines) claimFile('lch hallmarks', options.outlines, options.force);
    const shown: Float32Array[] = [];
    const source = await resolveData(options.data, { progress, signal });
    const records = await findCrops(source);
    const rows: ({ path: string } & Hallmarks)[] = [];
    const skipped: SkippedCrop[] = [];
    const breathe = breather(signal, 'lch hallmarks');
    progress.start('measure', records.length, 'crops');
    for (const { path, file } of records) {
      await breathe();
      try {
        const crop = await decodeCrop(file, options.size);
        rows.push({ path, ...measureHallmarks(crop, options.size) });
        if (shown.length < shownCrops) shown.push(crop);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        skipped.push({ path, reason: error.message });
      }
      progress.update(rows.length + skipped.length);
    }
    progress.finish(`${rows.length} crops`);
    tellSkipped(skipped, progress);
    if (rows.length === 0) throw nothingLeft(source, skipped);
    const { table } = await loadArquero();
    const names = Object.keys(rows[0]) as (keyof (typeof rows)[number])[];
    await writeTable(
      options.out,
      table(Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]))),
    );
    if (options.outlines)
      await drawOutlines(
        options.outlines,
        shown,
        options.size,
        isSynthetic(Object.keys(records[0].metadata)),
      );
    const found = rows.filter(({ area }) => area > 0).length;
    context.print(`${rows.length} crops measured in ${options.out}, a cell found in ${found}`);
    return { out: options.out, crops: rows.length, cellsFound: found, skipped };
  },
});

async function drawOutlines(
  file: string,
  crops: readonly Float32Array[],
  size: number,
  synthetic: boolean,
): Promise<void> {
  const scale = Math.max(1, Math.round(192 / size));
  const images = new Float32Array(crops.length * size * size);
  crops.forEach((crop, i) => {
    images.set(crop, i * size * size);
  });
  const drawn = outlineCells(images, crops.length, size, scale);
  writeFileAtomic(
    file,
    await montagePng(drawn, {
      count: crops.length,
      size: size * scale,
      columns: 8,
      scale: 1,
      ...(synthetic ? { note: 'Synthetic cells' } : {}),
    }),
  );
}
