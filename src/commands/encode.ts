/** `lch encode`: crops to latent cell descriptors. */

import { writeTable } from '../data/table-io';
import { encodeCells } from '../latent/encode-cells';
import { latentTable } from '../latent/latent-table';
import { claimFile } from '../util/files';
import { defineCommand } from './command';
import { dataOption, forceOption, loadDataFor, modelOption, openModel, tableOutOption } from './shared';

export const encodeCommand = defineCommand({
  name: 'encode',
  summary: 'Encodes crops into latent cell descriptors.',
  details:
    'Writes one row per crop: its path, what its file name and table say (date, cell type, series, position, times, frame, …), and ' +
    'the features z1 … zD. Broken files are named and left out.',
  options: {
    model: modelOption,
    data: dataOption,
    out: tableOutOption(
      'Z.csv|Z.parquet',
      'Table of descriptors; the extension decides the format (csv, parquet, arrow).',
    ),
    force: forceOption,
  },
  positional: ['data'],
  examples: ['lch encode --model run1 --data my-cells --out z.parquet'],
  async run(options, context) {
    if (options.out !== undefined) claimFile('lch encode', options.out, options.force);
    const loaded = await openModel(options.model);
    const { model } = loaded;
    try {
      const crops = await loadDataFor(loaded, options.data, context);
      const codes = await encodeCells(model, crops.images, context);
      const { latentDims } = model.architecture;
      const table = latentTable(crops.table, codes, latentDims);
      const cells = table.numRows();
      if (options.out !== undefined) {
        await writeTable(options.out, table);
        context.print(`${cells} descriptors of ${latentDims} features in ${options.out}`);
      }
      context.report?.({ out: options.out, cells, latentDims, skipped: crops.skipped });
      return table;
    } finally {
      model.dispose();
    }
  },
});
