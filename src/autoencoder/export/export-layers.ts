/** A network as plain numbers, layer by layer, which the writers of other formats go through. */
import { ModelError } from '../../util/errors';
import { type Architecture, innermostSide } from '../architecture';
import type { Autoencoder } from '../autoencoder';
import {
  BatchNorm,
  batchNormEpsilon,
  Convolution,
  Flatten,
  FullConvolution,
  Linear,
  PRelu,
  Unflatten,
} from '../layers';
import { modelTensors } from '../model-files';
import type { Network } from '../network';

/** A layer in evaluation mode. Convolutions are 4×4, stride 2, padding 1, without bias; images are [height, width, channel]. */
export type ExportLayer =
  /** kernel [4, 4, inputs, outputs]; halves the side */
  | { kind: 'convolution'; inputs: number; outputs: number; kernel: Float32Array }
  /** kernel [4, 4, outputs, inputs]; doubles the side */
  | { kind: 'full convolution'; inputs: number; outputs: number; kernel: Float32Array }
  | {
      kind: 'batch norm';
      features: number;
      scale: Float32Array;
      offset: Float32Array;
      mean: Float32Array;
      variance: Float32Array;
      epsilon: number;
    }
  /** One slope for all channels. */
  | { kind: 'prelu'; slope: number }
  /** weight [inputs, outputs] */
  | { kind: 'linear'; inputs: number; outputs: number; weight: Float32Array; bias: Float32Array }
  /** [side, side, channels] → [side · side · channels], in that order. */
  | { kind: 'flatten'; side: number; channels: number }
  | { kind: 'unflatten'; side: number; channels: number }
  | { kind: 'sigmoid' };

/** One of the two networks that are exported. */
export interface ExportNetwork {
  name: 'encoder' | 'decoder';
  layers: ExportLayer[];
}

/**
 * Encoder (crops 0..1 to descriptors) and decoder (descriptors to images 0..1, its last sigmoid included), with batch norm by running
 * statistics. The adversary only serves training.
 *
 * @throws ModelError for a layer that cannot be exported
 */
export function exportNetworks(model: Autoencoder): [encoder: ExportNetwork, decoder: ExportNetwork] {
  const tensors = new Map(modelTensors(model).map((tensor) => [tensor.name, tensor.values]));
  const layersOf = (network: Network) =>
    network.layers.map((layer, i) =>
      exportLayer(layer, model.architecture, (field) => {
        const name = `${network.name}.${i + 1}.${field}`;
        const values = tensors.get(name);
        if (!values) throw new ModelError(`export: the model has no tensor ${name}; load it anew`);
        return values;
      }),
    );
  return [
    { name: 'encoder', layers: layersOf(model.encoder) },
    { name: 'decoder', layers: [...layersOf(model.decoder), { kind: 'sigmoid' }] },
  ];
}

function exportLayer(
  layer: Network['layers'][number],
  architecture: Architecture,
  tensor: (field: string) => Float32Array,
): ExportLayer {
  const side = innermostSide(architecture);
  const channels = architecture.channels[architecture.channels.length - 1];
  if (layer instanceof Convolution) {
    const [, , inputs, outputs] = layer.weights.weight.parameter.shape;
    return { kind: 'convolution', inputs, outputs, kernel: tensor('weight') };
  }
  if (layer instanceof FullConvolution) {
    const [, , outputs, inputs] = layer.weights.weight.parameter.shape;
    return { kind: 'full convolution', inputs, outputs, kernel: tensor('weight') };
  }
  if (layer instanceof BatchNorm) {
    return {
      kind: 'batch norm',
      features: layer.weights.weight.parameter.size,
      scale: tensor('weight'),
      offset: tensor('bias'),
      mean: tensor('running_mean'),
      variance: tensor('running_var'),
      epsilon: batchNormEpsilon,
    };
  }
  if (layer instanceof PRelu) return { kind: 'prelu', slope: tensor('weight')[0] };
  if (layer instanceof Linear) {
    const [inputs, outputs] = layer.weights.weight.parameter.shape;
    return { kind: 'linear', inputs, outputs, weight: tensor('weight'), bias: tensor('bias') };
  }
  if (layer instanceof Flatten) return { kind: 'flatten', side, channels };
  if (layer instanceof Unflatten) return { kind: 'unflatten', side, channels };
  throw new ModelError(
    `export: a layer of kind ${layer.constructor.name} has no counterpart in other formats`,
  );
}
