/** The model: encoder, decoder and adversary of one architecture, used batch by batch. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { choosePrecision, type Precision, tf } from '../compute';
import { ShapeError } from '../util/errors';
import type { Random } from '../util/random';
import { type Architecture, checkArchitecture, countParameters } from './architecture';
import { KernelLayer } from './layers';
import { buildAdversary, buildDecoder, buildEncoder, type Network } from './network';

/** Rows that one pass takes at most; larger inputs are cut. Keeps memory at some hundred MB for `paper`. */
const passSize = 32;

/** An adversarial autoencoder. It owns its weights until {@link dispose}. */
export class Autoencoder {
  private computesIn: Precision = 'float32';

  constructor(
    readonly architecture: Architecture,
    readonly encoder: Network,
    readonly decoder: Network,
    readonly adversary: Network,
  ) {}

  get networks(): readonly Network[] {
    return [this.encoder, this.decoder, this.adversary];
  }

  /**
   * Number format of the convolutions, in training and in use; {@link choosePrecision} chooses one. Default: float32.
   *
   * @throws BackendError for bfloat16 on WASM
   */
  get precision(): Precision {
    return this.computesIn;
  }

  set precision(precision: Precision) {
    this.computesIn = choosePrecision(precision);
    for (const layer of this.networks.flatMap((network) => network.layers)) {
      if (layer instanceof KernelLayer) layer.precision = precision;
    }
  }

  /**
   * Crops to latent cell descriptors, in evaluation mode.
   *
   * @param images float32 0..1, [n, s, s, 1] row by row
   * @returns [n, latentDims] row by row
   * @throws ShapeError when the length is not a whole number of crops of the model's size
   * @example
   * const z = model.encode(crops.images); // z.subarray(0, 56) describes the first cell
   */
  encode(images: Float32Array): Float32Array {
    const { imageSize, latentDims } = this.architecture;
    return this.inPasses(
      'encode',
      images,
      imageSize ** 2,
      latentDims,
      `crops of ${imageSize}×${imageSize} pixels`,
      (part, n) => {
        const x = tf.tensor4d(part, [n, imageSize, imageSize, 1]);
        return this.encoder.evaluate(x);
      },
    );
  }

  /**
   * Latent cell descriptors to images, in evaluation mode.
   *
   * @param codes [n, latentDims] row by row
   * @returns images 0..1, [n, s, s, 1] row by row
   * @throws ShapeError when the length is not a whole number of descriptors
   */
  decode(codes: Float32Array): Float32Array {
    const { imageSize, latentDims } = this.architecture;
    return this.inPasses(
      'decode',
      codes,
      latentDims,
      imageSize ** 2,
      `descriptors of ${latentDims} features`,
      (part, n) => tf.sigmoid(this.decoder.evaluate(tf.tensor2d(part, [n, latentDims]))),
    );
  }

  /** decode(encode(images)). */
  reconstruct(images: Float32Array): Float32Array {
    return this.decode(this.encode(images));
  }

  dispose(): void {
    for (const network of this.networks) network.dispose();
  }

  private inPasses(
    who: string,
    input: Float32Array,
    inputSize: number,
    outputSize: number,
    needs: string,
    run: (part: Float32Array, rows: number) => Tensor,
  ): Float32Array {
    if (input.length % inputSize !== 0) {
      throw new ShapeError(
        `${who} needs ${needs} (a multiple of ${inputSize} numbers), got ${input.length}; load the crops at the model's size`,
      );
    }
    const rows = input.length / inputSize;
    const output = new Float32Array(rows * outputSize);
    for (let start = 0; start < rows; start += passSize) {
      const end = Math.min(rows, start + passSize);
      const part = input.subarray(start * inputSize, end * inputSize);
      // tidy searches what it gets back for tensors, so the numbers must not pass through it
      const result = tf.tidy(() => run(part, end - start));
      output.set(result.dataSync<'float32'>(), start * outputSize);
      result.dispose();
    }
    return output;
  }
}

/**
 * A model with fresh weights.
 *
 * @param random its starting weights come from here
 * @throws ShapeError, OptionError when the sizes do not fit together
 */
export function buildAutoencoder(architecture: Architecture, random: Random): Autoencoder {
  checkArchitecture('buildAutoencoder', architecture);
  return new Autoencoder(
    architecture,
    buildEncoder(architecture, random.fork('encoder')),
    buildDecoder(architecture, random.fork('decoder')),
    buildAdversary(architecture, random.fork('adversary')),
  );
}

/** A table of the model's layers: name, kind, weights; for display. */
export function describeModel(
  model: Autoencoder,
): { network: string; parameters: number; layers: string[] }[] {
  const counts = countParameters(model.architecture);
  return model.networks.map((network) => ({
    network: network.name,
    parameters: counts[network.name as keyof typeof counts],
    layers: network.layers.map((layer) => layer.constructor.name),
  }));
}
