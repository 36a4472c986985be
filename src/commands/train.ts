/** `lch train`: crops to a model. */
import { presets } from '../autoencoder/architecture';
import { cropsInMemory } from '../autoencoder/crop-source';
import { trainAutoencoder } from '../autoencoder/train';
import { precisions } from '../compute';
import { claimFolder } from '../util/files';
import { defineCommand } from './command';
import { dataOption, isSynthetic, loadData, outOption, seedOption } from './shared';

export const trainCommand = defineCommand({
  name: 'train',
  summary: 'Trains an adversarial autoencoder on crops, without labels.',
  details:
    'Writes model.json, weights.safetensors, log.jsonl (one object per step and per epoch), snapshots/*.png (crops, ' +
    'reconstructions, prior samples) and checkpoints/. Ctrl-C leaves a checkpoint; --resume goes on from the newest one.',
  options: {
    data: dataOption,
    out: outOption('RUN', 'Folder for the model.'),
    preset: {
      type: 'choice',
      choices: ['demo', 'paper'],
      default: 'demo',
      help: 'demo: 64×64 pixels, small, for two cores. paper: 256×256 pixels, 58 million weights, for a GPU or patience.',
    },
    epochs: { type: 'integer', min: 1, help: 'Passes over the crops. Default: 20 for demo, 150 for paper.' },
    batch: { type: 'integer', min: 2, help: 'Crops per step. Default: 64 for demo, 50 for paper.' },
    seed: seedOption,
    'max-steps': { type: 'integer', min: 1, help: 'Stops after so many steps in all.' },
    'image-size': {
      type: 'integer',
      min: 1,
      unit: 'pixels',
      help: 'Side of the crops; default is the preset’s.',
    },
    'latent-dims': {
      type: 'integer',
      min: 1,
      help: 'Features of a descriptor; default is 56, as in the paper.',
    },
    'learning-rate': {
      type: 'number',
      min: 0,
      help: 'Adam’s step size. Default: 0.001 for demo, 0.0002 for paper.',
    },
    schedule: {
      type: 'choice',
      choices: ['constant', 'cosine'],
      help: 'Of the step size: cosine lets it fall to nothing over all epochs. Default: cosine for demo, constant for paper.',
    },
    'adversary-weight': {
      type: 'number',
      min: 0,
      help: 'Weight of the adversary’s gradient in the encoder; 0 switches it off. Default: 0.1 for demo, 1 for paper.',
    },
    augment: {
      type: 'choice',
      choices: ['none', 'turns'],
      default: 'none',
      help: 'turns: each time a random one of the eight orientations of a crop, for small sets of crops.',
    },
    align: {
      type: 'choice',
      choices: ['none', 'principal-axis'],
      help: 'principal-axis: moves each cell to the middle and turns it lengthwise, which frees features for what matters. Default: principal-axis for demo, none for paper.',
    },
    mask: {
      type: 'number',
      min: 0,
      help: 'Fades the edge of each crop: standard deviation of the bell as a share of the side. Off by default.',
    },
    'low-pass': {
      type: 'number',
      min: 0,
      unit: 'pixels',
      help: 'Blurs each crop by so much. Off by default.',
    },
    'illumination-shift': {
      type: 'number',
      min: -1,
      max: 1,
      help: 'Added to every pixel (0 to 1), then clipped. Off by default.',
    },
    precision: {
      type: 'choice',
      choices: [...precisions],
      default: 'auto',
      help: 'Of the convolutions. auto: bfloat16 where the processor (AMX, AVX512-BF16) or GPU has it, up to 1.7 times as fast.',
    },
    resume: { type: 'boolean', help: 'Goes on from the newest checkpoint in --out.' },
    force: {
      type: 'boolean',
      help: 'Writes into a folder that is not empty (but never over another model).',
    },
  },
  examples: [
    'lch train --data my-cells --out run1',
    'lch train --data my-cells --out run1 --epochs 40 --resume',
  ],
  async run(options, context) {
    const preset = presets[options.preset as keyof typeof presets];
    const architecture = {
      ...preset.architecture,
      imageSize: options.imageSize ?? preset.architecture.imageSize,
      latentDims: options.latentDims ?? preset.architecture.latentDims,
    };
    const training = {
      ...preset.training,
      epochs: options.epochs ?? preset.training.epochs,
      batchSize: options.batch ?? preset.training.batchSize,
      learningRate: options.learningRate ?? preset.training.learningRate,
      schedule: (options.schedule as 'constant' | 'cosine' | undefined) ?? preset.training.schedule,
      augment: options.augment as 'none' | 'turns',
      precision: options.precision as (typeof precisions)[number],
      adversaryWeight: options.adversaryWeight ?? preset.training.adversaryWeight,
    };
    const preprocessing = {
      ...(options.align === undefined ? preset.preprocessing : { align: options.align === 'principal-axis' }),
      ...(options.mask ? { maskSigma: options.mask } : {}),
      ...(options.lowPass ? { lowPass: { sigma: options.lowPass } } : {}),
      ...(options.illuminationShift ? { illuminationShift: options.illuminationShift } : {}),
    };
    if (!options.resume) claimFolder('lch train', options.out, options.force);
    const crops = await loadData(options.data, architecture.imageSize, context, preprocessing);
    const { model, step, log } = await trainAutoencoder(cropsInMemory(crops.images, crops.size), {
      run: options.out,
      architecture,
      training,
      preprocessing,
      seed: options.seed,
      preset: options.preset as keyof typeof presets,
      ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }),
      resume: options.resume,
      data: { source: options.data, synthetic: isSynthetic(crops.table.columnNames()) },
      progress: context.progress,
      signal: context.signal,
    });
    model.dispose();
    const last = log.filter((entry) => entry.kind === 'epoch').at(-1);
    context.print(`model in ${options.out} after ${step} steps (next: lch encode --model ${options.out} …)`);
    return {
      run: options.out,
      step,
      crops: crops.table.numRows(),
      skipped: crops.skipped,
      last: last ?? null,
    };
  },
});
