/** `lch simulate`: synthetic cells with planted truth. */
import { writeSimulation } from '../simulate/write-simulation';
import { claimFolder } from '../util/files';
import { defineCommand } from './command';
import { forceOption, outOption, seedOption } from './shared';

export const simulateCommand = defineCommand({
  name: 'simulate',
  summary: 'Draws synthetic label-free cells with known factors.',
  details:
    'Writes images/*.png, cells.csv (with the planted factors area, elongation, pseudopod_extension, light_scattering, granularity, ' +
    'focus) and datapackage.json. The same options give the same bytes. These are not real cells: say so wherever you show them.',
  options: {
    cells: { type: 'integer', default: 2000, min: 1, help: 'Number of crops.' },
    size: { type: 'integer', default: 64, min: 16, max: 1024, unit: 'pixels', help: 'Side of a crop.' },
    seed: seedOption,
    separation: {
      type: 'number',
      min: 0,
      help: 'How far apart high and low metastatic efficiency lie; the default lets the true factors tell a cell at AUC 0.87.',
    },
    out: outOption('DIR', 'Folder for the images and tables.'),
    force: forceOption,
  },
  examples: ['lch simulate --cells 2000 --size 64 --seed 1 --out cells'],
  async run(options, context) {
    claimFolder('lch simulate', options.out, options.force);
    const { cells, size, seed, separation, out } = options;
    await writeSimulation({ cells, size, seed, ...(separation === undefined ? {} : { separation }) }, out, {
      progress: context.progress,
      signal: context.signal,
    });
    context.print(`${cells} synthetic crops of ${size}×${size} pixels in ${out}`);
    return { out, cells, size, seed };
  },
});
