/** How a network is trained, and what must hold for it. */
import type { precisions } from '../compute';
import { OptionError } from '../util/errors';

/** Every number is stored with the model. What may be left out is off, or as its sentence says. */
export interface TrainingSettings {
  /** Crops per step. Paper: 50. */
  batchSize: number;
  /** Passes over all training crops. Paper: 150. */
  epochs: number;
  /** Adam's step size, for both optimizers. Paper: 0.0002. */
  learningRate: number;
  /** The adversary's own step size; smaller lets the encoder keep up with it. Default: `learningRate`, as in the paper. */
  adversaryLearningRate?: number;
  /**
   * `cosine` lets the step size fall to nothing along half a cosine over all epochs, which sharpens the last ones; `step` multiplies it
   * by `stepFactor` every `stepEpochs` epochs. Paper: constant.
   */
  schedule: 'constant' | 'cosine' | 'step';
  /** Epochs between two falls of the `step` schedule. Default 10. */
  stepEpochs?: number;
  /** What the step size is multiplied by at each fall, in 0..1. Default 0.5. */
  stepFactor?: number;
  /** Epochs in which the step size rises evenly from nothing; tames large batches and rates. May be a fraction. Default 0. */
  warmupEpochs?: number;
  beta1: number;
  beta2: number;
  /**
   * Largest length of all gradients of one optimizer taken as one vector; longer ones are shortened to it, so that one odd batch cannot
   * throw training off. Default 0: off.
   */
  clipNorm?: number;
  /**
   * Share of the running average of all weights that each step keeps, such as 0.999: the averaged model is what is measured, shown, saved
   * and encoded with. Steadier between epochs. Default 0: off.
   */
  averageDecay?: number;
  /**
   * Weight of the adversary's gradient in the encoder, against the mean cross-entropy per pixel of the reconstruction. Paper: 1.
   * Higher makes the codes more normally distributed and the reconstructions worse.
   */
  adversaryWeight: number;
  /**
   * Weight of the mean squared error per pixel beside the cross-entropy. The cross-entropy takes an error of a dark pixel for as much as
   * 1 / (p (1 − p)) of a squared one; this brings the bright ones, the cell's inside, back into view. Default 0: off.
   */
  squaredErrorWeight?: number;
  /** Weight of the mean absolute error per pixel beside the cross-entropy: sharper edges. Default 0: off. */
  l1Weight?: number;
  /** Weight of 1 − multi-scale structural similarity beside the cross-entropy: crisper granules and rims. Default 0: off. */
  ssimWeight?: number;
  /** Standard deviation of noise on the codes on their way to the decoder: near codes then look alike. Default 0: off. */
  codeNoise?: number;
  /**
   * Weight of a second adversary that tries to tell the day of imaging from the codes, while the encoder learns to give it nothing to tell
   * by (after ARMED). Needs the day of every crop. Default 0: off.
   */
  forgetDay?: number;
  /**
   * Weight at the start of the mean squared distance between the codes and the crops' whitened principal components (of the training
   * crops; no label takes part). It falls evenly to nothing over `principalEpochs`; from then on it does not count. Default 0: off.
   */
  principalWeight?: number;
  /** Epochs after which the principal components no longer count. Default 10. */
  principalEpochs?: number;
  /**
   * `turns` shows every crop in a random one of its eight orientations each time: for small sets of crops. It spends features on
   * orientation, so it is off by default.
   */
  augment: 'none' | 'turns';
  /**
   * Share of the crops turned by any angle, half of them mirrored, anew in each epoch, as the reference does to 0.2 of them. Done by the
   * crops' source. Default 0: off.
   */
  turnShare?: number;
  /**
   * Number format of the convolutions; weights, norms and Adam are float32 always. `auto` takes bfloat16 where the processor or the GPU
   * multiplies it natively: 1.4 to 1.7 times the speed, the same losses within 2 %. Default: auto. Paper: float32.
   */
  precision?: (typeof precisions)[number];
  /** Share of the crops that is kept out of training to measure the reconstruction. */
  validationShare: number;
  /** What stays whole when crops are held out: nothing, or all crops of a day, a series or a tumor. Default random. */
  validateBy?: 'random' | 'day' | 'series' | 'tumor';
  /** Epochs without a better reconstruction of held-out crops after which training ends, with the best weights. Default 0: never. */
  patience?: number;
}

/** @throws OptionError that names the first setting that cannot be used, by its option */
export function checkTrainingSettings(training: TrainingSettings): void {
  const refuse = (option: string, needed: string, value: unknown): never => {
    throw new OptionError(`train: ${option} must be ${needed}, got ${value}`);
  };
  const above: [string, number | undefined][] = [
    ['--epochs', training.epochs],
    ['--learning-rate', training.learningRate],
    ['--adversary-learning-rate', training.adversaryLearningRate],
    ['--step-epochs', training.stepEpochs],
    ['--step-factor', training.stepFactor],
    ['--principal-epochs', training.principalEpochs],
  ];
  for (const [option, value] of above) {
    if (value !== undefined && !(value > 0)) refuse(option, 'greater than 0', value);
  }
  const notBelow: [string, number | undefined][] = [
    ['--adversary-weight', training.adversaryWeight],
    ['--warmup-epochs', training.warmupEpochs],
    ['--clip-norm', training.clipNorm],
    ['--squared-error-weight', training.squaredErrorWeight],
    ['--l1-weight', training.l1Weight],
    ['--ssim-weight', training.ssimWeight],
    ['--code-noise', training.codeNoise],
    ['--principal-weight', training.principalWeight],
    ['--forget-day', training.forgetDay],
    ['--patience', training.patience],
  ];
  for (const [option, value] of notBelow) {
    if (value !== undefined && !(value >= 0)) refuse(option, 'at least 0', value);
  }
  const shares: [string, number | undefined][] = [
    ['--beta1', training.beta1],
    ['--beta2', training.beta2],
    ['--average-decay', training.averageDecay],
    ['--validation-share', training.validationShare],
  ];
  for (const [option, value] of shares) {
    if (value !== undefined && !(value >= 0 && value < 1)) refuse(option, 'at least 0 and below 1', value);
  }
  if (training.batchSize < 2) {
    refuse('--batch', 'at least 2 (batch normalisation compares crops)', training.batchSize);
  }
}
