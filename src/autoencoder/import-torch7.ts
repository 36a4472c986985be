/**
 * Turns a model that the reference saved (`.t7`) into ours: reads its sizes off its weights, and reorders the weights from Torch7's
 * layouts to ours.
 */
import { ModelError } from '../util/errors';
import { seededRandom } from '../util/random';
import { type Architecture, presets } from './architecture';
import { type Autoencoder, buildAutoencoder } from './autoencoder';
import type { Network } from './network';
import { readTorch7, type Torch7Object, type Torch7Tensor, type Torch7Value, tensorValues } from './torch7';

/** The network parts found in a file. The reference saves {encoder, decoder, adversary}, a nest of the first two, or one part. */
interface Parts {
  encoder?: Torch7Object;
  decoder?: Torch7Object;
  adversary?: Torch7Object;
}

/**
 * Reads a `.t7` model of the reference's architecture: a table {encoder, decoder, adversary}, or nn.Sequential{encoder, decoder} as
 * its `autoencoder_eval.t7`; modules may carry cudnn's names and CUDA's types.
 *
 * @param bytes the file's content
 * @param name its name, for messages
 * @throws ModelError when it is no such model
 */
export function importTorch7(bytes: Uint8Array, name: string): Autoencoder {
  const parts = findParts(readTorch7(bytes, name));
  const { encoder, decoder } = parts;
  if (!encoder || !decoder) {
    throw new ModelError(
      `${name} holds no encoder and decoder of the reference's architecture; it needs the file that openLCH saves as autoencoder_eval.t7`,
    );
  }
  const architecture = readArchitecture(parts as Required<Pick<Parts, 'encoder' | 'decoder'>> & Parts, name);
  const model = buildAutoencoder(architecture, seededRandom(0));
  copyWeights(model.encoder, encoder, architecture, name);
  copyWeights(model.decoder, decoder, architecture, name);
  if (parts.adversary) copyWeights(model.adversary, parts.adversary, architecture, name);
  return model;
}

/** "nn.Linear" and "cudnn.Linear" are both "Linear". */
function kindOf(module: Torch7Object): string {
  return module.type.replace(/^(nn|cudnn)\./, '');
}

function field(module: Torch7Object, key: string): Torch7Value | undefined {
  return module.fields instanceof Map ? module.fields.get(key) : undefined;
}

function isObject(value: Torch7Value | undefined): value is Torch7Object {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'object';
}

function isTensor(value: Torch7Value | undefined): value is Torch7Tensor {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'tensor';
}

/** The modules of an nn.Sequential, in order. */
function modulesOf(sequential: Torch7Object): Torch7Object[] {
  const modules = field(sequential, 'modules');
  if (!(modules instanceof Map)) return [];
  const list: Torch7Object[] = [];
  for (let i = 1; modules.has(i); i++) {
    const module = modules.get(i);
    if (isObject(module)) list.push(module);
  }
  return list;
}

function findParts(value: Torch7Value): Parts {
  if (value instanceof Map) {
    const part = (key: string) => {
      const module = value.get(key);
      return isObject(module) ? module : undefined;
    };
    return { encoder: part('encoder'), decoder: part('decoder'), adversary: part('adversary') };
  }
  if (!isObject(value)) return {};
  const modules = modulesOf(value);
  if (modules.length === 1) return findParts(modules[0]); // a wrapper around the model
  if (modules.length === 2 && modules.every((module) => kindOf(module) === 'Sequential')) {
    return { encoder: modules[0], decoder: modules[1] };
  }
  return {};
}

function weightShape(module: Torch7Object): number[] {
  const weight = field(module, 'weight');
  return isTensor(weight) ? weight.shape : [];
}

function readArchitecture(
  parts: Required<Pick<Parts, 'encoder' | 'decoder'>> & Parts,
  name: string,
): Architecture {
  const modules = modulesOf(parts.encoder);
  const convolutions = modules.filter((module) => kindOf(module) === 'SpatialConvolution');
  const linear = modules.find((module) => kindOf(module) === 'Linear');
  const channels = convolutions.map((module) => weightShape(module)[0]);
  const [latentDims, flat] = linear ? weightShape(linear) : [];
  const side = Math.sqrt(flat / channels[channels.length - 1]);
  if (channels.length === 0 || !latentDims || !Number.isInteger(side)) {
    throw new ModelError(
      `${name}: its encoder is not six convolutions and a linear layer as the reference's`,
    );
  }
  const adversary = parts.adversary
    ? modulesOf(parts.adversary).filter((module) => kindOf(module) === 'Linear')
    : [];
  const widths = adversary.slice(0, 3).map((module) => weightShape(module)[0]);
  return {
    imageSize: side * 2 ** channels.length,
    channels,
    latentDims,
    adversaryWidths:
      widths.length === 3 ? [widths[0], widths[1], widths[2]] : presets.paper.architecture.adversaryWidths,
  };
}

/** Copies all weights and running statistics of one network; module numbers are the same on both sides. */
function copyWeights(network: Network, source: Torch7Object, architecture: Architecture, name: string): void {
  const modules = modulesOf(source);
  const read = (tensorName: string, size: number): Float32Array => {
    const [, number, key] = /\.(\d+)\.(\w+)$/.exec(tensorName) as RegExpExecArray;
    const module = modules[Number(number) - 1];
    const tensor = module && field(module, key);
    if (!isTensor(tensor))
      throw new ModelError(
        `${name}: ${tensorName} is missing; is it a model of the reference's architecture?`,
      );
    const values = toOurLayout(tensor, kindOf(module), Number(number), network, architecture);
    if (values.length !== size) {
      throw new ModelError(
        `${name}: ${tensorName} has ${values.length} numbers where the architecture needs ${size}`,
      );
    }
    return values;
  };
  for (const [tensorName, weight] of network.namedWeights()) {
    weight.parameter.assign(read(tensorName, weight.parameter.size));
  }
  for (const [tensorName, buffer] of network.namedBuffers())
    buffer.assign(read(tensorName, buffer.value.size));
}

/**
 * Torch7's layouts to ours: convolution (out, in, h, w) and full convolution (in, out, h, w) both to [h, w, ·, ·] with the last two
 * swapped; linear (out, in) to [in, out]. The linear layers beside the innermost maps count their flat side as channel, height,
 * width there and as height, width, channel here.
 */
function toOurLayout(
  tensor: Torch7Tensor,
  kind: string,
  number: number,
  network: Network,
  { channels, imageSize }: Architecture,
): Float32Array {
  const values = tensorValues(tensor);
  const { shape } = tensor;
  if (shape.length === 4) {
    const [a, b, h, w] = shape;
    const result = new Float32Array(values.length);
    for (let i = 0; i < a; i++)
      for (let j = 0; j < b; j++)
        for (let y = 0; y < h; y++)
          for (let x = 0; x < w; x++)
            result[((y * w + x) * b + j) * a + i] = values[((i * b + j) * h + y) * w + x];
    return result;
  }
  if (kind !== 'Linear' || network.name === 'adversary') {
    return shape.length === 2 ? transpose(values, shape[0], shape[1]) : Float32Array.from(values);
  }
  const innermost = channels[channels.length - 1];
  const area = (imageSize / 2 ** channels.length) ** 2;
  /** Flat position here → there. */
  const there = (flat: number) => (flat % innermost) * area + Math.floor(flat / innermost);
  const flatIsOutput = network.name === 'decoder' && number === 1;
  if (shape.length === 1) {
    return flatIsOutput
      ? Float32Array.from({ length: shape[0] }, (_, i) => values[there(i)])
      : Float32Array.from(values);
  }
  const [outputs, inputs] = shape;
  const result = new Float32Array(values.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      result[i * outputs + o] = flatIsOutput ? values[there(o) * inputs + i] : values[o * inputs + there(i)];
    }
  }
  return result;
}

function transpose(values: Float64Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j];
  return result;
}
