/** Encoder and decoder as TensorFlow.js layers models: `model.json` and `weights.bin`, as `tf.loadLayersModel` reads them in a web page. */
import type { ExportLayer, ExportNetwork } from './export-layers';

/** The two files of a layers model. */
export interface LayersModelFiles {
  /** Content of model.json; it names weights.bin beside it. */
  topology: Record<string, unknown>;
  weights: Uint8Array;
}

interface NamedWeight {
  name: string;
  shape: number[];
  values: Float32Array;
}

/**
 * One network as a sequential layers model. Images are [n, s, s, 1], 0..1, as everywhere here.
 *
 * @param size side of the crops, s
 * @param latentDims features of a descriptor, d
 * @param notes for the reader, kept as `userDefinedMetadata`
 */
export function layersModel(
  network: ExportNetwork,
  size: number,
  latentDims: number,
  packageVersion: string,
  notes: Readonly<Record<string, unknown>>,
): LayersModelFiles {
  const input = network.name === 'encoder' ? [null, size, size, 1] : [null, latentDims];
  const weights: NamedWeight[] = [];
  let rank = network.name === 'encoder' ? 4 : 2;
  const layers = network.layers.map((layer, i) => {
    const name = `${network.name}_${i + 1}_${layer.kind.replaceAll(' ', '_')}`;
    const described = describe(layer, rank, name, weights);
    if (layer.kind === 'flatten') rank = 2;
    if (layer.kind === 'unflatten') rank = 4;
    const first = i === 0 ? { batch_input_shape: input, dtype: 'float32' } : {};
    return {
      class_name: described.className,
      config: { name, trainable: false, ...first, ...described.config },
    };
  });
  return {
    topology: {
      format: 'layers-model',
      generatedBy: `live-cell-histology ${packageVersion}`,
      convertedBy: null,
      modelTopology: {
        class_name: 'Sequential',
        config: { name: network.name, layers },
        keras_version: 'tfjs-layers 4.22.0',
        backend: 'tensor_flow.js',
      },
      weightsManifest: [
        {
          paths: ['weights.bin'],
          weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
        },
      ],
      userDefinedMetadata: notes,
    },
    weights: Buffer.concat(
      weights.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
    ),
  };
}

/** Class and configuration of a layer; its weights are added to `weights`. */
function describe(
  layer: ExportLayer,
  rank: number,
  name: string,
  weights: NamedWeight[],
): { className: string; config: Record<string, unknown> } {
  const add = (field: string, shape: number[], values: Float32Array) =>
    weights.push({ name: `${name}/${field}`, shape, values });
  // for even sides, 4×4 with stride 2 and padding "same" pads by one on every side
  const window = { kernel_size: [4, 4], strides: [2, 2], padding: 'same', data_format: 'channels_last' };
  switch (layer.kind) {
    case 'convolution':
      add('kernel', [4, 4, layer.inputs, layer.outputs], layer.kernel);
      return { className: 'Conv2D', config: { ...window, filters: layer.outputs, use_bias: false } };
    case 'full convolution':
      add('kernel', [4, 4, layer.outputs, layer.inputs], layer.kernel);
      return { className: 'Conv2DTranspose', config: { ...window, filters: layer.outputs, use_bias: false } };
    case 'batch norm':
      add('gamma', [layer.features], layer.scale);
      add('beta', [layer.features], layer.offset);
      add('moving_mean', [layer.features], layer.mean);
      add('moving_variance', [layer.features], layer.variance);
      return {
        className: 'BatchNormalization',
        config: { axis: -1, momentum: 0.9, epsilon: layer.epsilon, center: true, scale: true },
      };
    case 'prelu': {
      const axes = Array.from({ length: rank - 1 }, (_, k) => k + 1); // one slope for all
      add(
        'alpha',
        axes.map(() => 1),
        Float32Array.of(layer.slope),
      );
      return { className: 'PReLU', config: { shared_axes: axes } };
    }
    case 'linear':
      add('kernel', [layer.inputs, layer.outputs], layer.weight);
      add('bias', [layer.outputs], layer.bias);
      return { className: 'Dense', config: { units: layer.outputs, use_bias: true, activation: 'linear' } };
    case 'flatten':
      return { className: 'Flatten', config: { data_format: 'channels_last' } };
    case 'unflatten':
      return { className: 'Reshape', config: { target_shape: [layer.side, layer.side, layer.channels] } };
    case 'sigmoid':
      return { className: 'Activation', config: { activation: 'sigmoid' } };
  }
}
