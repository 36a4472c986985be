/** `lch train`: crops to a model. */
import { presets, type TrainingSettings } from '../autoencoder/architecture';
import { trainAutoencoder } from '../autoencoder/train';
import { precisions } from '../compute';
import { resolveData } from '../data/fetch/resolve-data';
import { withCellTypes } from '../data/join-cell-types';
import { openCrops } from '../data/open-crops';
import { groupRows } from '../data/splits/group-rows';
import { holdOut } from '../data/splits/split-rows';
import { InterruptedError } from '../util/errors';
import { claimFolder } from '../util/files';
import { seededRandom } from '../util/random';
import { defineCommand } from './command';
import { dataOption, isSynthetic, outOption, seedOption } from './shared';

export const trainCommand = defineCommand({
  name: 'train',
  summary: 'Trains an adversarial autoencoder on crops, without labels.',
  details:
    'Writes model.json, weights.safetensors, log.jsonl (one object per step and per epoch), snapshots/*.png (crops, ' +
    'reconstructions, prior samples) and checkpoints/. Ctrl-C leaves a checkpoint; so does a scheduler’s SIGTERM, after which it exits with 0. ' +
    '--resume goes on from the newest checkpoint to the same weights as without a break. Crops that do not fit into memory are read ahead from disk.',
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
    batch: { type: 'integer', min: 2, help: 'Crops per step. Default: 32 for demo, 50 for paper.' },
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
    'adversary-learning-rate': {
      type: 'number',
      min: 0,
      help: 'The adversary’s own step size; smaller lets the encoder keep up. Default: as --learning-rate.',
    },
    beta1: {
      type: 'number',
      min: 0,
      max: 1,
      help: 'Share of Adam’s mean gradient that a step keeps. Default: 0.9.',
    },
    beta2: { type: 'number', min: 0, max: 1, help: 'The same of its mean square. Default: 0.999.' },
    schedule: {
      type: 'choice',
      choices: ['constant', 'cosine', 'step'],
      help: 'Of the step size: cosine lets it fall to nothing over all epochs, step multiplies it every so often. Default: cosine for demo, constant for paper.',
    },
    'step-epochs': { type: 'integer', min: 1, help: 'Epochs between falls of --schedule step. Default: 10.' },
    'step-factor': {
      type: 'number',
      min: 0,
      max: 1,
      help: 'What each fall multiplies the step size by. Default: 0.5.',
    },
    'warmup-epochs': {
      type: 'number',
      min: 0,
      help: 'Epochs in which the step size rises from nothing; for large batches. Default: 0.',
    },
    'clip-norm': {
      type: 'number',
      min: 0,
      help: 'Shortens the gradient of a step, all weights together, to this length: odd batches do no harm. Default: 0, off.',
    },
    'average-decay': {
      type: 'number',
      min: 0,
      max: 1,
      help: 'Saves a running average of the weights, of which a step keeps this share (0.999): steadier codes. Default: 0, off.',
    },
    'adversary-weight': {
      type: 'number',
      min: 0,
      help: 'Weight of the adversary’s gradient in the encoder; 0 switches it off. Default: 0.1 for demo, 1 for paper.',
    },
    'forget-day': {
      type: 'number',
      min: 0,
      help: 'Weight of a second adversary that must not tell the day of imaging from the codes. Default: 0, off.',
    },
    'squared-error-weight': {
      type: 'number',
      min: 0,
      help: 'Weight of the mean squared error beside the cross-entropy: the bright inside of cells counts more. Default: 10 for demo, 0 for paper.',
    },
    'l1-weight': {
      type: 'number',
      min: 0,
      help: 'Weight of the mean absolute error beside the cross-entropy: sharper edges. Default: 0, off.',
    },
    'ssim-weight': {
      type: 'number',
      min: 0,
      help: 'Weight of 1 − multi-scale structural similarity: crisper granules and rims. Default: 0, off.',
    },
    'code-noise': {
      type: 'number',
      min: 0,
      unit: 'standard deviations of the prior',
      help: 'Noise on the codes before they are decoded: near codes look alike. Default: 0, off.',
    },
    'principal-weight': {
      type: 'number',
      min: 0,
      help: 'Starts from principal components: weight of the codes’ distance to them, falling to nothing. Default: 0.1 for demo, 0 for paper.',
    },
    'principal-epochs': {
      type: 'number',
      min: 0,
      unit: 'epochs',
      help: 'When the principal components no longer count. Default: 8 for demo, else 10.',
    },
    augment: {
      type: 'choice',
      choices: ['none', 'turns'],
      default: 'none',
      help: 'turns: each time a random one of the eight orientations of a crop, for small sets of crops.',
    },
    'turn-share': {
      type: 'number',
      min: 0,
      max: 1,
      help: 'Share of crops turned by any angle, half of them mirrored, anew each epoch; the paper’s code does it to 0.2. Default: 0.',
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
      help: 'Blurs each crop, so that granules melt away: standard deviation as a share of 25 pixels. Off by default.',
    },
    'local-contrast': {
      type: 'integer',
      min: 1,
      unit: 'pixels, odd',
      help: 'Local contrast normalisation with a kernel of this side, as the reference’s lcn; values then leave 0 to 1. Off by default.',
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
    'validation-share': {
      type: 'number',
      min: 0,
      max: 1,
      help: 'Share of the crops held out to measure the reconstruction after each epoch. Default: 0.1.',
    },
    'validate-by': {
      type: 'choice',
      choices: ['random', 'day', 'series', 'tumor'],
      default: 'random',
      help: 'Holds out whole days, series or tumors, to see how it does on new ones.',
    },
    patience: {
      type: 'integer',
      min: 0,
      help: 'Ends after so many epochs in which held-out crops came back no better, with the best weights. Default: 0, never.',
    },
    'save-every': {
      type: 'integer',
      min: 1,
      unit: 'epochs',
      help: 'Between checkpoints. Default: a twentieth of all.',
    },
    'checkpoint-minutes': {
      type: 'number',
      min: 0,
      unit: 'minutes',
      default: 10,
      help: 'Between checkpoints within an epoch.',
    },
    'snapshot-every': {
      type: 'integer',
      min: 1,
      unit: 'epochs',
      help: 'Between snapshots. Default: 1, up to 150 epochs.',
    },
    'prior-samples': {
      type: 'integer',
      min: 0,
      default: 16,
      help: 'Cells decoded from the prior in each snapshot.',
    },
    'log-every': {
      type: 'integer',
      min: 1,
      unit: 'steps',
      help: 'Between lines of the log. Default: 1, on a GPU 20.',
    },
    tensorboard: {
      type: 'boolean',
      help: 'Writes log and snapshots for TensorBoard too, to RUN/tensorboard.',
    },
    packed: {
      type: 'string',
      placeholder: 'DIR',
      path: true,
      help: 'Decodes all crops once into this folder and reads them from there, also in later runs: some 6 times as fast as PNG.',
    },
    'memory-limit': {
      type: 'number',
      min: 0,
      unit: 'MiB',
      help: 'Crops up to this size are held in memory. Default: a quarter of what is free, at most 512.',
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
    const given: Partial<TrainingSettings> = {
      epochs: options.epochs,
      batchSize: options.batch,
      learningRate: options.learningRate,
      adversaryLearningRate: options.adversaryLearningRate,
      beta1: options.beta1,
      beta2: options.beta2,
      schedule: options.schedule as TrainingSettings['schedule'] | undefined,
      stepEpochs: options.stepEpochs,
      stepFactor: options.stepFactor,
      warmupEpochs: options.warmupEpochs,
      clipNorm: options.clipNorm,
      averageDecay: options.averageDecay,
      adversaryWeight: options.adversaryWeight,
      forgetDay: options.forgetDay,
      squaredErrorWeight: options.squaredErrorWeight,
      l1Weight: options.l1Weight,
      ssimWeight: options.ssimWeight,
      codeNoise: options.codeNoise,
      principalWeight: options.principalWeight,
      principalEpochs: options.principalEpochs,
      augment: options.augment as TrainingSettings['augment'],
      turnShare: options.turnShare,
      precision: options.precision as TrainingSettings['precision'],
      validationShare: options.validationShare,
      validateBy: options.validateBy as TrainingSettings['validateBy'],
      patience: options.patience,
    };
    const named = Object.entries(given).filter(([, value]) => value !== undefined);
    const training: TrainingSettings = { ...preset.training, ...Object.fromEntries(named) };
    const preprocessing = {
      ...(options.align === undefined ? preset.preprocessing : { align: options.align === 'principal-axis' }),
      ...(options.mask ? { maskSigma: options.mask } : {}),
      ...(options.lowPass ? { lowPass: { sigma: options.lowPass } } : {}),
      ...(options.localContrast ? { localContrastKernel: options.localContrast } : {}),
      ...(options.illuminationShift ? { illuminationShift: options.illuminationShift } : {}),
    };
    if (!options.resume) claimFolder('lch train', options.out, options.force);
    const { progress, signal } = context;
    const crops = await openCrops(await resolveData(options.data, { progress, signal }), {
      size: architecture.imageSize,
      preprocessing,
      turnShare: training.turnShare,
      seed: options.seed,
      packed: options.packed,
      memoryBytes: options.memoryLimit === undefined ? undefined : options.memoryLimit * 2 ** 20,
      progress,
      signal,
    });
    try {
      const table = await withCellTypes(crops.table);
      const { validateBy = 'random', validationShare } = training;
      const wholeGroups =
        validateBy === 'random' || validationShare === 0
          ? undefined
          : holdOut(table, {
              by: validateBy,
              testShare: validationShare,
              random: seededRandom(options.seed).fork('held-out groups'),
            }).test;
      const { model, step, log, validation } = await trainAutoencoder(crops, {
        run: options.out,
        architecture,
        training,
        preprocessing,
        seed: options.seed,
        preset: options.preset as keyof typeof presets,
        maxSteps: options.maxSteps,
        heldOut: wholeGroups,
        days: training.forgetDay ? groupRows(table, 'day').of : undefined,
        saveEveryEpochs: options.saveEvery,
        checkpointMinutes: options.checkpointMinutes,
        snapshotEveryEpochs: options.snapshotEvery,
        priorSamples: options.priorSamples,
        logEverySteps: options.logEvery,
        tensorboard: options.tensorboard,
        resume: options.resume,
        data: { source: options.data, synthetic: isSynthetic(table.columnNames()) },
        progress,
        signal,
      });
      model.dispose();
      const last = log.filter((entry) => entry.kind === 'epoch').at(-1);
      context.print(
        `model in ${options.out} after ${step} steps (next: lch encode --model ${options.out} …)`,
      );
      return {
        run: options.out,
        step,
        crops: crops.count,
        heldOut: validation.length,
        streamed: crops.streamed,
        skipped: crops.skipped,
        last: last ?? null,
      };
    } catch (error) {
      // a scheduler that ends a job asks for no error: everything is saved
      if (!(error instanceof InterruptedError && signal.reason === 'SIGTERM')) throw error;
      context.print(`${error.message}; this job ended as asked`);
      return { run: options.out, step: null, crops: crops.count, skipped: crops.skipped, last: null };
    } finally {
      await crops.close();
    }
  },
});
