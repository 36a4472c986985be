/** `lch decode`: latent cell descriptors back to images. */
import { basename, extname, join } from 'node:path';
import { decodeDescriptors } from '../latent/encode-cells';
import { cropPng } from '../plots/montage';
import { ShapeError, throwIfInterrupted } from '../util/errors';
import { claimFolder, writeFileAtomic } from '../util/files';
import { defineCommand } from './command';
import { forceOption, latentsOption, modelOption, openModel, outOption, readLatents } from './shared';

export const decodeCommand = defineCommand({
  name: 'decode',
  summary: 'Decodes latent cell descriptors into images.',
  details: 'Writes one 8-bit greyscale PNG per row, named after the row’s path.',
  options: {
    model: modelOption,
    latents: latentsOption,
    out: outOption('DIR', 'Folder for the images.'),
    force: forceOption,
  },
  examples: ['lch decode --model run1 --latents z.csv --out decoded'],
  async run(options, context) {
    const { paths, values, n, dims } = await readLatents(options.latents);
    claimFolder('lch decode', options.out, options.force);
    const { model } = await openModel(options.model);
    try {
      const { imageSize, latentDims } = model.architecture;
      if (dims !== latentDims) {
        throw new ShapeError(
          `lch decode: ${options.latents} has ${dims} features, the model ${options.model} has ${latentDims}; use the model that encoded them`,
        );
      }
      const images = await decodeDescriptors(model, Float32Array.from(values), context);
      const names = uniqueNames(paths);
      for (let i = 0; i < n; i++) {
        throwIfInterrupted(context.signal, 'lch decode');
        const image = images.subarray(i * imageSize ** 2, (i + 1) * imageSize ** 2);
        writeFileAtomic(join(options.out, `${names[i]}.png`), await cropPng(image, imageSize));
      }
      context.print(`${n} images of ${imageSize}×${imageSize} pixels in ${options.out}`);
      return { out: options.out, images: n, imageSize };
    } finally {
      model.dispose();
    }
  },
});

/** File names without folder and extension; a name that comes again gets a number behind it. */
export function uniqueNames(paths: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return paths.map((path) => {
    const name = basename(path, extname(path));
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}
