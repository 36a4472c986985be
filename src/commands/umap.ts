/** `lch umap`: descriptors to a map in two dimensions. */
import { writeTable } from '../data/table-io';
import { embeddingTable } from '../latent/embedding-table';
import { embedUmap } from '../latent/umap';
import { claimFile } from '../util/files';
import { defineCommand } from './command';
import { forceOption, latentsOption, outOption, readLatents, seedOption } from './shared';

export const umapCommand = defineCommand({
  name: 'umap',
  summary: 'Maps descriptors to two dimensions by UMAP.',
  details:
    'Writes path, umap1, umap2. Same seed, same map. Distances between far groups in the map mean nothing.',
  options: {
    latents: latentsOption,
    out: outOption('U.csv', 'Table with the map (csv, parquet, arrow).'),
    neighbors: {
      type: 'integer',
      default: 15,
      min: 2,
      help: 'Cells that count as near, the cell itself included; fewer show finer structure.',
    },
    'min-dist': {
      type: 'number',
      default: 0.1,
      min: 0,
      max: 1,
      help: 'How close points may lie in the map.',
    },
    metric: {
      type: 'choice',
      choices: ['euclidean', 'cosine', 'correlation'],
      default: 'euclidean',
      help: 'Distance between descriptors.',
    },
    seed: seedOption,
    force: forceOption,
  },
  examples: ['lch umap --latents z.csv --out u.csv --neighbors 30'],
  async run(options, context) {
    claimFile('lch umap', options.out, options.force);
    const { paths, values, n, dims } = await readLatents(options.latents);
    const points = await embedUmap(values, n, dims, {
      neighbors: options.neighbors,
      minDist: options.minDist,
      seed: options.seed,
      metric: options.metric as 'euclidean' | 'cosine' | 'correlation',
      progress: context.progress,
      signal: context.signal,
    });
    await writeTable(options.out, await embeddingTable(paths, points, ['umap1', 'umap2']));
    context.print(`map of ${n} cells in ${options.out}`);
    return { out: options.out, cells: n };
  },
});
