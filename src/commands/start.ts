/** `lch start`, which is `npm start`: the main job, from crops to a page of pictures. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadBackend } from '../compute';
import { writeTable } from '../data/table-io';
import { drawFirstLook } from '../figures/draw-first-look';
import { firstLook } from '../figures/first-look';
import { embeddingTable } from '../latent/embedding-table';
import { latentTable } from '../latent/latent-table';
import { writeSimulation } from '../simulate/write-simulation';
import { DataError } from '../util/errors';
import { writeFileAtomic } from '../util/files';
import { type CommandContext, defineCommand } from './command';
import { isSynthetic, loadData, seedOption } from './shared';

/** Synthetic cells when no data are given, 64×64 pixels. */
const syntheticCells = { quick: 2000, full: 10_000 };
const imageSize = 64;

/** Marks a folder as this command's own, so that another folder is never overwritten. */
const ownMark = 'start.json';

export const startCommand = defineCommand({
  name: 'start',
  summary:
    'Does the main job: trains, encodes, maps, classifies, amplifies, and writes a page with the pictures.',
  details:
    'Writes OUT/index.html with pictures and tables, OUT/model, OUT/z.csv and OUT/z.parquet (descriptors), OUT/umap.csv, OUT/pca.csv and ' +
    'OUT/figures. A second run of the same data uses the trained model again; an interrupted one goes on.',
  options: {
    data: {
      type: 'string',
      placeholder: 'DIR|NAME|LIST.txt',
      help: 'The crops: a folder, a list of files, a table, or the name of a data manifest. Default: synthetic cells.',
      path: true,
    },
    preset: {
      type: 'choice',
      choices: ['quick', 'full'],
      default: 'quick',
      help: 'quick: some minutes on two cores. full: longer training, more synthetic cells.',
    },
    out: {
      type: 'string',
      placeholder: 'DIR',
      default: 'results',
      help: 'Folder for the results.',
      path: true,
    },
    seed: seedOption,
  },
  examples: ['npm start', 'npm start -- --data my-cells'],
  async run(options, context) {
    const { progress, signal } = context;
    const preset = options.preset as 'quick' | 'full';
    const { out, seed } = options;
    if (existsSync(out) && readdirSync(out).length > 0 && !existsSync(join(out, ownMark))) {
      throw new DataError(`lch start: ${out} holds other files; choose another --out`);
    }
    writeFileAtomic(
      join(out, ownMark),
      `${JSON.stringify({ data: options.data ?? null, preset, seed }, null, 2)}\n`,
    );
    const backend = await loadBackend({ warn: (line) => progress.log(line) });
    const data = options.data ?? (await drawCells(out, preset, seed, context));
    const crops = await loadData(data, imageSize, context);
    const synthetic = isSynthetic(crops.table.columnNames());
    const source = options.data ?? 'synthetic cells';
    const look = await firstLook(crops, { out, preset, seed, source, synthetic, progress, signal });
    try {
      const table = latentTable(crops.table, look.latents, look.architecture.latentDims);
      await writeTable(join(out, 'z.csv'), table);
      await writeTable(join(out, 'z.parquet'), table);
      const paths = Array.from(crops.table.array('path') as ArrayLike<string>);
      await writeTable(join(out, 'pca.csv'), await embeddingTable(paths, look.pca, ['pc1', 'pc2']));
      if (look.umap)
        await writeTable(join(out, 'umap.csv'), await embeddingTable(paths, look.umap, ['umap1', 'umap2']));
      if (look.efficiency) {
        const { classifier } = look.efficiency.result;
        writeFileAtomic(
          join(out, 'classifier', 'classifier.json'),
          `${JSON.stringify(classifier, null, 2)}\n`,
        );
      }
      progress.log('drawing the pictures');
      const page = await drawFirstLook(look, crops, { out, source, synthetic, seed, backend });
      writeFileAtomic(join(out, 'index.html'), page);
    } finally {
      look.model.dispose();
    }
    const page = resolve(out, 'index.html');
    context.print(`results: ${page}\n         ${pathToFileURL(page).href}`);
    const last = look.log.filter((entry) => entry.kind === 'epoch').at(-1);
    return {
      page,
      crops: crops.table.numRows(),
      skipped: crops.skipped,
      reconstructionLoss: last?.reconstructionLoss ?? null,
      validationMse: last?.kind === 'epoch' ? last.validationMseMean : null,
      efficiencyAuc: look.efficiency?.result.auc ?? null,
    };
  },
});

/** Synthetic cells in OUT/cells, drawn once. The table is written last, so a folder with one is whole. */
async function drawCells(
  out: string,
  preset: 'quick' | 'full',
  seed: number,
  { progress, signal }: CommandContext,
): Promise<string> {
  const folder = join(out, `cells-${preset}-${seed}`);
  if (!existsSync(join(folder, 'datapackage.json'))) {
    await writeSimulation({ cells: syntheticCells[preset], size: imageSize, seed }, folder, {
      progress,
      signal,
    });
  }
  return folder;
}
