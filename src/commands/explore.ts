/** `lch explore`: what every feature does to one cell. */
import { join } from 'node:path';
import { encodeCells } from '../latent/encode-cells';
import { exploreCell } from '../latent/latent-tour';
import { cropPng, montagePng } from '../plots/montage';
import { momentsOf, scaleOf } from '../stats/moments';
import { ShapeError, throwIfInterrupted } from '../util/errors';
import { claimFolder, writeFileAtomic } from '../util/files';
import { defineCommand } from './command';
import { forceOption, loadDataFor, modelOption, openModel, outOption, readLatents } from './shared';
import { shiftName } from './shift-name';

export const exploreCommand = defineCommand({
  name: 'explore',
  summary: 'Shifts every feature of one cell in turn and draws a gallery.',
  details:
    'Writes gallery.png, one row per feature and one column per shift, and feature01_shift-3.0.png … for each. The middle column is the cell’s ' +
    'reconstruction. Shifts are in standard deviations: of the cells in --latents, or of the prior (1) without.',
  options: {
    model: modelOption,
    image: { type: 'string', placeholder: 'A.png', required: true, help: 'The crop.', path: true },
    range: { type: 'number', default: 3, min: 0, unit: 'standard deviations', help: 'Largest shift.' },
    steps: {
      type: 'integer',
      default: 7,
      min: 2,
      help: 'Images per feature; odd ones hold the cell itself.',
    },
    latents: {
      type: 'string',
      placeholder: 'Z.csv',
      help: 'Descriptors whose standard deviations are the unit of the shifts.',
      path: true,
    },
    out: outOption('DIR', 'Folder for the images.'),
    force: forceOption,
  },
  examples: ['lch explore --model run1 --image a.png --range 3 --steps 7 --out gallery'],
  async run(options, context) {
    const loaded = await openModel(options.model);
    const { model } = loaded;
    try {
      const { latentDims: d, imageSize: size } = model.architecture;
      const sd = options.latents ? await deviations(options.latents, d) : new Float64Array(d).fill(1);
      const crops = await loadDataFor(loaded, options.image, context);
      claimFolder('lch explore', options.out, options.force);
      const code = (await encodeCells(model, crops.images, context)).slice(0, d);
      const { shifts, images } = await exploreCell(model, code, sd, {
        range: options.range,
        steps: options.steps,
        ...context,
      });
      const synthetic = loaded.description?.data.synthetic === true;
      const gallery = await montagePng(images, {
        count: d * options.steps,
        size,
        columns: options.steps,
        rowLabels: Array.from({ length: d }, (_, j) => `feature ${j + 1}`),
        columnLabels: shifts.map((shift) => `${shiftName(shift)} SD`),
        scale: Math.max(1, Math.round(64 / size)),
        ...(synthetic ? { note: 'Synthetic cells' } : {}),
      });
      writeFileAtomic(join(options.out, 'gallery.png'), gallery);
      const digits = String(d).length;
      for (let i = 0; i < d * options.steps; i++) {
        throwIfInterrupted(context.signal, 'lch explore');
        const feature = String(Math.floor(i / options.steps) + 1).padStart(digits, '0');
        const name = `feature${feature}_shift${shiftName(shifts[i % options.steps])}.png`;
        writeFileAtomic(
          join(options.out, name),
          await cropPng(images.subarray(i * size ** 2, (i + 1) * size ** 2), size),
        );
      }
      context.print(`${d * options.steps} images and gallery.png in ${options.out}`);
      return { out: options.out, features: d, shifts };
    } finally {
      model.dispose();
    }
  },
});

async function deviations(path: string, d: number): Promise<Float64Array> {
  const { values, dims } = await readLatents(path);
  if (dims !== d) {
    throw new ShapeError(
      `lch explore: ${path} has ${dims} features, the model has ${d}; use descriptors that this model encoded`,
    );
  }
  return scaleOf(momentsOf(values, d));
}
