/** `lch pca`: principal components of descriptors. */

import { writeTable } from '../data/table-io';
import { embeddingTable } from '../latent/embedding-table';
import { fitPca } from '../stats/pca';
import { claimFile } from '../util/files';
import { defineCommand } from './command';
import { forceOption, latentsOption, readLatents, tableOutOption } from './shared';

export const pcaCommand = defineCommand({
  name: 'pca',
  summary: 'Principal components of descriptors.',
  details:
    'Writes path, pc1, pc2, …; exact, with signs fixed (the largest loading of a component is positive).',
  options: {
    latents: latentsOption,
    out: tableOutOption('P.csv', 'Table with the components (csv, parquet, arrow).'),
    components: { type: 'integer', default: 2, min: 1, help: 'How many.' },
    force: forceOption,
  },
  positional: ['latents'],
  examples: ['lch pca --latents z.csv --out p.csv --components 5'],
  async run(options, context) {
    if (options.out !== undefined) claimFile('lch pca', options.out, options.force);
    const { paths, values, n, dims } = await readLatents(options.latents);
    const pca = fitPca(values, n, dims, { components: options.components });
    const points = pca.transform(values, n);
    const names = Array.from({ length: options.components }, (_, i) => `pc${i + 1}`);
    const table = await embeddingTable(paths, points, names);
    if (options.out !== undefined) await writeTable(options.out, table);
    const shares = Array.from(pca.explainedVarianceRatio, (share) => Number(share.toFixed(4)));
    context.print(
      `${options.components} components of ${n} cells${options.out === undefined ? '' : ` in ${options.out}`} (share of variance ${shares.join(', ')})`,
    );
    context.report?.({ out: options.out, cells: n, explainedVarianceRatio: shares });
    return table;
  },
});
