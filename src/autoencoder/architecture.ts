/** Sizes of the network, and the presets with the settings they are trained with. */
import { OptionError, ShapeError } from '../util/errors';
import type { TrainingSettings } from './training-settings';

export type { TrainingSettings };

/** What fixes every tensor's shape. Stored in model.json. */
export interface Architecture {
  /** Side of the square crops in pixels; divisible by 2 to the number of convolutions. */
  imageSize: number;
  /** Output channels of the encoder's convolutions, from the image inwards; the decoder mirrors them. */
  channels: readonly number[];
  /** Length of the latent cell descriptor. Paper: 56. */
  latentDims: number;
  /** Widths of the adversary's three hidden layers. */
  adversaryWidths: readonly [number, number, number];
}

/** Name of a preset: `demo` for two CPU cores, `paper` for the study's own sizes. */
export type PresetName = 'demo' | 'paper';

export interface Preset {
  architecture: Architecture;
  training: TrainingSettings;
  /** Done to every crop first: `align` moves the cell to the middle and turns it to its principal axis. Paper: nothing. */
  preprocessing: { align?: boolean };
}

export const presets: Record<PresetName, Preset> = {
  // Six convolutions down to 1×1 and a moderate adversary make planted hallmarks linearly readable; shallower nets hide them.
  // The start from principal components takes two fifths off the error of the same training: docs/demo-preset.md.
  demo: {
    architecture: {
      imageSize: 64,
      channels: [32, 64, 128, 128, 256, 256],
      latentDims: 56,
      adversaryWidths: [256, 256, 128],
    },
    training: {
      batchSize: 32,
      epochs: 20,
      learningRate: 0.001,
      schedule: 'cosine',
      beta1: 0.9,
      beta2: 0.999,
      adversaryWeight: 0.1,
      squaredErrorWeight: 10,
      principalWeight: 0.1,
      principalEpochs: 8,
      augment: 'none',
      validationShare: 0.1,
    },
    preprocessing: { align: true },
  },
  // openLCH, AAEconv_CLEAN.lua and its options as they take effect
  paper: {
    architecture: {
      imageSize: 256,
      channels: [64, 128, 256, 512, 1024, 1024],
      latentDims: 56,
      adversaryWidths: [1024, 1024, 512],
    },
    training: {
      batchSize: 50,
      epochs: 150,
      learningRate: 0.0002,
      schedule: 'constant',
      beta1: 0.9,
      beta2: 0.999,
      adversaryWeight: 1,
      augment: 'none',
      validationShare: 0.1,
    },
    preprocessing: {},
  },
};

/** Side of the innermost feature maps in pixels: 1 for `demo`, 4 for `paper`. */
export function innermostSide({ imageSize, channels }: Architecture): number {
  return imageSize / 2 ** channels.length;
}

/**
 * Checks that the sizes fit together.
 *
 * @param who the caller's name, the message's first word
 * @throws ShapeError, OptionError
 */
export function checkArchitecture(who: string, architecture: Architecture): void {
  const { imageSize, channels, latentDims } = architecture;
  const factor = 2 ** channels.length;
  if (!Number.isInteger(imageSize) || imageSize < factor || imageSize % factor !== 0) {
    throw new ShapeError(
      `${who}: the image size must be a multiple of ${factor} (${channels.length} convolutions halve it each), got ${imageSize}; take ${Math.max(factor, Math.round(imageSize / factor) * factor)}`,
    );
  }
  if (!Number.isInteger(latentDims) || latentDims < 1) {
    throw new OptionError(
      `${who}: the number of latent features must be a whole number from 1 on, got ${latentDims}`,
    );
  }
}

/** Number of trainable weights of each part. `paper`: 28,843,054, 28,857,222 and 1,636,353, as the reference's. */
export function countParameters(architecture: Architecture): {
  encoder: number;
  decoder: number;
  adversary: number;
} {
  const { channels, latentDims, adversaryWidths } = architecture;
  const widths = [1, ...channels];
  const flat = channels[channels.length - 1] * innermostSide(architecture) ** 2;
  const kernels = channels.reduce((sum, outputs, i) => sum + 16 * widths[i] * outputs, 0);
  const norms = channels.reduce((sum, outputs) => sum + 2 * outputs, 0);
  const slopes = channels.length;
  const [a, b, c] = adversaryWidths;
  return {
    encoder: kernels + norms + slopes + flat * latentDims + latentDims + 2 * latentDims,
    decoder: kernels + norms - 2 * channels[channels.length - 1] + slopes + latentDims * flat + flat,
    adversary: latentDims * a + a + a * b + b + 2 * b + b * c + c + 2 * c + c + 1,
  };
}
