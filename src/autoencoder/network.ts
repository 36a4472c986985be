/** Layers in a row, and the three networks that are made of them. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../compute';
import type { Random } from '../util/random';
import { type Architecture, innermostSide } from './architecture';
import { FoldedNetwork } from './folded-network';
import {
  type BackwardOptions,
  BatchNorm,
  Convolution,
  Flatten,
  FullConvolution,
  KernelLayer,
  type Layer,
  LeakyRelu,
  Linear,
  PRelu,
  Unflatten,
  type Weight,
} from './layers';

/** Layers in a row. In training it keeps every layer's input until backward has used it. */
export class Network {
  private activations: Tensor[] = [];
  /** For use only, until the weights change. */
  private folded: { version: string; network: FoldedNetwork } | null = null;

  constructor(
    /** "encoder", "decoder" or "adversary": the first part of its tensors' names. */
    readonly name: string,
    readonly layers: readonly Layer[],
  ) {}

  /**
   * Runs the layers in evaluation mode (batch norm by running statistics, folded into the convolutions). `x` stays the caller's, the
   * result becomes the caller's.
   */
  evaluate(x: Tensor): Tensor {
    const { version } = this;
    if (this.folded?.version !== version) {
      this.forgetFolded();
      this.folded = { version, network: new FoldedNetwork(this.layers) };
    }
    return this.folded.network.run(x);
  }

  /** Runs the layers in training mode. The result stays this network's, until {@link release}; `x` must live until backward. */
  forward(x: Tensor): Tensor {
    this.release();
    this.forgetFolded(); // training will change the weights, and needs the memory
    this.activations = [x];
    for (const layer of this.layers) {
      this.activations.push(tf.keep(layer.forward(this.activations[this.activations.length - 1], true)));
    }
    return this.activations[this.activations.length - 1];
  }

  /**
   * Backward through the last {@link forward}.
   *
   * @param dy gradient to the result; stays the caller's
   * @param options.keep leave the activations for one more backward pass; otherwise each is freed once it is used
   * @returns gradient to the input, the caller's; null when not asked for
   */
  backward(dy: Tensor, options: BackwardOptions & { keep?: boolean }): Tensor | null {
    let current = dy;
    for (let i = this.layers.length - 1; i >= 0; i--) {
      const input = i > 0 || options.input;
      const next = this.layers[i].backward(current, this.activations[i], {
        parameters: options.parameters,
        input,
      });
      if (current !== dy) current.dispose();
      if (!options.keep) {
        this.layers[i].release();
        this.activations[i + 1].dispose();
      }
      if (!next) {
        current = dy;
        break;
      }
      current = next;
    }
    if (!options.keep) this.activations = [];
    return current === dy ? null : current;
  }

  /** Frees what the last training pass kept. */
  release(): void {
    for (const activation of this.activations.slice(1)) activation.dispose();
    this.activations = [];
    for (const layer of this.layers) layer.release();
  }

  /** All trainable weights in Torch7's order, by name: "encoder.4.weight" is the fourth module's, counting from 1. */
  namedWeights(): [string, Weight][] {
    return this.layers.flatMap((layer, i) =>
      Object.entries(layer.weights).map(([field, weight]): [string, Weight] => [
        `${this.name}.${i + 1}.${field}`,
        weight,
      ]),
    );
  }

  /** Running statistics by name: "encoder.2.running_mean". */
  namedBuffers() {
    return this.layers.flatMap((layer, i) =>
      Object.entries(layer.buffers).map(
        ([field, buffer]) => [`${this.name}.${i + 1}.${field}`, buffer] as const,
      ),
    );
  }

  clearGradients(): void {
    for (const [, weight] of this.namedWeights()) weight.clearGradient();
  }

  dispose(): void {
    this.release();
    this.forgetFolded();
    for (const layer of this.layers) layer.dispose();
  }

  /** Differs after every change of a weight, a running statistic or the precision. */
  private get version(): string {
    let changes = 0;
    let precision = '';
    for (const layer of this.layers) {
      for (const weight of Object.values(layer.weights)) changes += weight.parameter.version;
      for (const buffer of Object.values(layer.buffers)) changes += buffer.version;
      if (layer instanceof KernelLayer) precision = layer.precision;
    }
    return `${changes} ${precision}`;
  }

  private forgetFolded(): void {
    this.folded?.network.dispose();
    this.folded = null;
  }
}

/** Crops [n, s, s, 1] → latent cell descriptors [n, latentDims]. Module numbers are the reference's. */
export function buildEncoder(architecture: Architecture, random: Random): Network {
  const { channels, latentDims } = architecture;
  const widths = [1, ...channels];
  const layers: Layer[] = [];
  channels.forEach((outputs, i) => {
    layers.push(new Convolution(widths[i], outputs, random), new BatchNorm(outputs, random));
    if (i === channels.length - 1) layers.push(new Flatten());
    layers.push(new PRelu());
  });
  const flat = channels[channels.length - 1] * innermostSide(architecture) ** 2;
  layers.push(new Linear(flat, latentDims, random), new BatchNorm(latentDims, random));
  return new Network('encoder', layers);
}

/** Descriptors [n, latentDims] → logits of the pixels [n, s, s, 1]; the last sigmoid belongs to the loss and to decoding. */
export function buildDecoder(architecture: Architecture, random: Random): Network {
  const { channels, latentDims } = architecture;
  const side = innermostSide(architecture);
  const widths = [1, ...channels];
  const innermost = channels[channels.length - 1];
  const layers: Layer[] = [
    new Linear(latentDims, innermost * side ** 2, random),
    new Unflatten(side, innermost),
    new PRelu(),
  ];
  for (let i = channels.length - 1; i >= 0; i--) {
    layers.push(new FullConvolution(widths[i + 1], widths[i], random));
    if (i > 0) layers.push(new BatchNorm(widths[i], random), new PRelu());
  }
  return new Network('decoder', layers);
}

/** Descriptors [n, latentDims] → logit that they come from the prior [n, 1]. */
export function buildAdversary({ latentDims, adversaryWidths }: Architecture, random: Random): Network {
  const [a, b, c] = adversaryWidths;
  return new Network('adversary', [
    new Linear(latentDims, a, random),
    new LeakyRelu(),
    new Linear(a, b, random),
    new BatchNorm(b, random),
    new LeakyRelu(),
    new Linear(b, c, random),
    new BatchNorm(c, random),
    new LeakyRelu(),
    new Linear(c, 1, random),
  ]);
}
