/** `lch umap`: descriptors to a map in two dimensions. */
import { writeTable } from '../data/table-io';
import { embeddingTable } from '../latent/embedding-table';
import { mapQuality } from '../latent/map-quality';
import { tensorMatrixProduct } from '../latent/tensor-product';
import { fitUmap } from '../latent/umap';
import { renderSvg } from '../plots/render-vega-lite';
import { scatterPlot } from '../plots/scatter';
import { OptionError, ShapeError } from '../util/errors';
import { claimFile, writeFileAtomic } from '../util/files';
import { seededRandom } from '../util/random';
import { isKnown, metadataOption, onlyOption, openCells } from './cell-columns';
import { defineCommand } from './command';
import { forceOption, latentsOption, readLatents, seedOption, tableOutOption } from './shared';

export const umapCommand = defineCommand({
  name: 'umap',
  summary: 'Maps descriptors to two dimensions by UMAP.',
  details:
    'Writes path, umap1, umap2. Same seed, same map. Distances between far groups in the map mean nothing. States its trustworthiness and, ' +
    'with --type and --day, how pure neighbourhoods are by each: a map that sorts by day shows a batch effect.',
  options: {
    latents: latentsOption,
    metadata: metadataOption,
    only: onlyOption,
    out: tableOutOption('U.csv', 'Table with the map (csv, parquet, arrow).'),
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
    start: {
      type: 'choice',
      choices: ['pca', 'spectral'],
      default: 'pca',
      help: 'Where points start: principal components, or eigenvectors of the graph of neighbours.',
    },
    epochs: { type: 'integer', min: 1, help: 'Passes; by default 500, and 200 above 10,000 cells.' },
    supervise: {
      type: 'string',
      placeholder: 'COLUMN',
      help: 'Column whose values the map should hold apart; leave out for an honest map.',
    },
    new: {
      type: 'string',
      placeholder: 'Z2.csv',
      help: 'Further descriptors, placed in the map without changing it; the table gets a column new (0 or 1).',
      path: true,
    },
    type: {
      type: 'string',
      placeholder: 'COLUMN',
      help: 'Column with the cell type: colours the picture, and purity by it is stated.',
    },
    day: { type: 'string', placeholder: 'COLUMN', help: 'Column with the day: purity by it is stated.' },
    picture: { type: 'string', placeholder: 'U.svg', help: 'Draws the map.', path: true },
    seed: seedOption,
    force: forceOption,
  },
  positional: ['latents'],
  examples: [
    'lch umap --latents z.csv --out u.csv --neighbors 30',
    'lch umap --latents z.csv --type cell_type --day date --picture u.svg --out u.csv',
  ],
  async run(options, context) {
    const who = 'lch umap';
    if (options.out !== undefined) claimFile(who, options.out, options.force);
    if (options.picture !== undefined) {
      if (!options.picture.endsWith('.svg')) {
        throw new OptionError(`${who}: --picture needs a name that ends in .svg, got "${options.picture}"`);
      }
      claimFile(who, options.picture, options.force);
    }
    const cells = await openCells(who, options);
    const { paths, values, n, dims } = cells;
    const column = (name: string | undefined) => (name === undefined ? null : cells.column(name));
    const [types, days, classes] = [column(options.type), column(options.day), column(options.supervise)];
    const later = options.new === undefined ? null : await readLatents(options.new);
    if (later && later.dims !== dims) {
      throw new ShapeError(
        `${who}: ${options.new} has ${later.dims} features, ${options.latents} has ${dims}; encode both with one model`,
      );
    }
    const random = seededRandom(options.seed);
    const product = n >= 2000 ? await tensorMatrixProduct() : undefined;
    const map = await fitUmap(values, n, dims, {
      neighbors: options.neighbors,
      minDist: options.minDist,
      seed: options.seed,
      metric: options.metric,
      start: options.start,
      epochs: options.epochs,
      labels: classes ? numbered(classes) : undefined,
      product,
      progress: context.progress,
      signal: context.signal,
    });
    const placed = later ? await map.transform(later.values, later.n) : new Float64Array(0);
    const quality = await mapQuality(values, map.points, n, dims, map.near, {
      metric: options.metric,
      labels: { ...(types ? { type: types } : {}), ...(days ? { day: days } : {}) },
      nuisance: 'day',
      product,
      random,
      signal: context.signal,
    });
    for (const warning of quality.warnings) context.progress.log(`warning: ${warning}`);

    const all = new Float64Array(map.points.length + placed.length);
    all.set(map.points);
    all.set(placed, map.points.length);
    const points = await embeddingTable([...paths, ...(later?.paths ?? [])], all, ['umap1', 'umap2']);
    const isNew = Array.from({ length: all.length / 2 }, (_, i) => (i < n ? 0 : 1));
    const table = later ? points.assign({ new: isNew }) : points;
    if (options.out !== undefined) await writeTable(options.out, table);
    const trusted = `trustworthiness ${quality.trustworthiness.toFixed(3)}`;
    if (options.picture !== undefined) {
      const color = later ? 'cells' : (options.type ?? options.day);
      const values = types ?? days;
      const rows = isNew.map((later, i) => ({
        umap1: all[2 * i],
        umap2: all[2 * i + 1],
        ...(color === undefined
          ? {}
          : { [color]: color === 'cells' ? (later ? 'new' : 'drawn') : values![i] }),
      }));
      const spec = scatterPlot(rows, { x: 'umap1', y: 'umap2', color, axes: false, subtitle: trusted });
      writeFileAtomic(options.picture, await renderSvg(spec));
    }
    context.print(
      `map of ${n} cells${later ? ` and ${later.n} new ones` : ''}${options.out === undefined ? '' : ` in ${options.out}`} (${trusted})`,
    );
    context.report?.({
      out: options.out,
      cells: n,
      newCells: later?.n ?? 0,
      engine: map.engine,
      search: map.search,
      start: map.start,
      ...quality,
    });
    return table;
  },
});

/** Classes as numbers, −1 for unknown. */
function numbered(values: readonly string[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(values, (value) => {
    if (!isKnown(value)) return -1;
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return numbers.get(value)!;
  });
}
