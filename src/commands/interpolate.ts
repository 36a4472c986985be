/** `lch interpolate`: images between two cells. */
import { join } from 'node:path';
import { writeTable } from '../data/table-io';
import { encodeCells } from '../latent/encode-cells';
import { interpolateCells } from '../latent/latent-tour';
import { cropPng } from '../plots/montage';
import { loadArquero } from '../util/arquero';
import { throwIfInterrupted } from '../util/errors';
import { claimFolder, writeFileAtomic } from '../util/files';
import { defineCommand } from './command';
import { forceOption, loadDataFor, modelOption, openModel, outOption } from './shared';

export const interpolateCommand = defineCommand({
  name: 'interpolate',
  summary: 'Draws the way from one cell to another through latent space.',
  details:
    'Writes step00.png (the reconstruction of the first cell) to the last (that of the second), and codes.csv: how far each step is ' +
    'from both ends, in codes and in pixels.',
  options: {
    model: modelOption,
    from: { type: 'string', placeholder: 'A.png', required: true, help: 'Crop to start from.', path: true },
    to: { type: 'string', placeholder: 'B.png', required: true, help: 'Crop to end at.', path: true },
    steps: { type: 'integer', default: 10, min: 2, help: 'Images, both ends included.' },
    path: {
      type: 'choice',
      choices: ['linear', 'spherical'],
      default: 'linear',
      help: 'linear: straight, as in the paper. spherical: along an arc, as far out as random codes lie.',
    },
    out: outOption('DIR', 'Folder for the images.'),
    force: forceOption,
  },
  examples: ['lch interpolate --model run1 --from a.png --to b.png --out between'],
  async run(options, context) {
    const loaded = await openModel(options.model);
    const { model } = loaded;
    try {
      const [from, to] = [
        await loadDataFor(loaded, options.from, context),
        await loadDataFor(loaded, options.to, context),
      ];
      claimFolder('lch interpolate', options.out, options.force);
      const d = model.architecture.latentDims;
      const code = async (images: Float32Array) => (await encodeCells(model, images, context)).slice(0, d);
      const { images, rows } = await interpolateCells(model, await code(from.images), await code(to.images), {
        steps: options.steps,
        path: options.path as 'linear' | 'spherical',
        ...context,
      });
      const size = model.architecture.imageSize;
      const digits = Math.max(2, String(options.steps - 1).length);
      for (let step = 0; step < options.steps; step++) {
        throwIfInterrupted(context.signal, 'lch interpolate');
        const png = await cropPng(images.subarray(step * size ** 2, (step + 1) * size ** 2), size);
        writeFileAtomic(join(options.out, `step${String(step).padStart(digits, '0')}.png`), png);
      }
      const { from: fromRows } = await loadArquero();
      await writeTable(join(options.out, 'codes.csv'), fromRows(rows));
      context.print(`${options.steps} images in ${options.out}`);
      return { out: options.out, steps: rows };
    } finally {
      model.dispose();
    }
  },
});
