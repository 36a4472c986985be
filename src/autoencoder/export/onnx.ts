/** Encoder and decoder as ONNX models (opset 17), as onnx.proto of ONNX 1.12 lays them out. */
import type { ExportLayer, ExportNetwork } from './export-layers';
import { ProtobufMessage } from './protobuf';

/** Numbers of the fields in onnx.proto. */
const MODEL = { irVersion: 1, producer: 2, producerVersion: 3, doc: 6, graph: 7, opset: 8, metadata: 14 };
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 };
const NODE = { input: 1, output: 2, name: 3, operator: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, float: 2, integer: 3, integers: 8, type: 20 };
const TENSOR = { dims: 1, type: 2, name: 8, raw: 9 };
const FLOAT = 1;
const INT64 = 7;
const IR_VERSION = 8;
const OPSET = 17;

/** What stands in the file beside the graph. */
export interface OnnxNotes {
  packageVersion: string;
  doc: string;
  /** For the reader, as key and text. */
  metadata: Readonly<Record<string, string>>;
}

/**
 * One network as the bytes of an .onnx file. ONNX puts channels before height and width; with a single channel a crop's bytes are the same,
 * and the linear layers' weights are put in that order here, so nothing has to be transposed.
 *
 * Encoder: `images` float32 [n, 1, s, s], 0..1 → `descriptors` [n, d]. Decoder: the reverse.
 *
 * @param size side of the crops, s
 * @param latentDims features of a descriptor, d
 */
export function onnxModel(
  network: ExportNetwork,
  size: number,
  latentDims: number,
  notes: OnnxNotes,
): Uint8Array {
  const images = valueInfo('images', ['n', 1, size, size]);
  const descriptors = valueInfo('descriptors', ['n', latentDims]);
  const encodes = network.name === 'encoder';
  const graph = new ProtobufMessage().text(GRAPH.name, network.name);
  addLayers(graph, network.layers, encodes ? 'images' : 'descriptors', encodes ? 'descriptors' : 'images');
  graph.message(GRAPH.input, encodes ? images : descriptors);
  graph.message(GRAPH.output, encodes ? descriptors : images);
  const model = new ProtobufMessage()
    .integer(MODEL.irVersion, IR_VERSION)
    .text(MODEL.producer, 'live-cell-histology')
    .text(MODEL.producerVersion, notes.packageVersion)
    .text(MODEL.doc, notes.doc)
    .message(MODEL.graph, graph)
    .message(MODEL.opset, new ProtobufMessage().text(1, '').integer(2, OPSET));
  for (const [key, value] of Object.entries(notes.metadata)) {
    model.message(MODEL.metadata, new ProtobufMessage().text(1, key).text(2, value));
  }
  return model.finish();
}

function addLayers(
  graph: ProtobufMessage,
  layers: readonly ExportLayer[],
  input: string,
  output: string,
): void {
  let current = input;
  layers.forEach((layer, i) => {
    const name = `${i + 1}_${layer.kind.replaceAll(' ', '_')}`;
    const next = i === layers.length - 1 ? output : name;
    const constant = (field: string, dims: readonly number[], values: Float32Array): string => {
      graph.message(GRAPH.initializer, tensor(`${name}.${field}`, dims, values));
      return `${name}.${field}`;
    };
    const add = (operator: string, constants: readonly string[], attributes: ProtobufMessage[] = []) => {
      const node = new ProtobufMessage();
      for (const from of [current, ...constants]) node.text(NODE.input, from);
      node.text(NODE.output, next).text(NODE.name, name).text(NODE.operator, operator);
      for (const attribute of attributes) node.message(NODE.attribute, attribute);
      graph.message(GRAPH.node, node);
    };
    const window = [
      integersAttribute('kernel_shape', [4, 4]),
      integersAttribute('strides', [2, 2]),
      integersAttribute('pads', [1, 1, 1, 1]),
    ];
    switch (layer.kind) {
      case 'convolution': {
        const { inputs, outputs, kernel } = layer;
        // [4, 4, in, out] → [out, in, 4, 4]
        const weight = permuted(kernel, [4, 4, inputs, outputs], [3, 2, 0, 1]);
        add('Conv', [constant('weight', [outputs, inputs, 4, 4], weight)], window);
        break;
      }
      case 'full convolution': {
        const { inputs, outputs, kernel } = layer;
        // [4, 4, out, in] → [in, out, 4, 4]
        const weight = permuted(kernel, [4, 4, outputs, inputs], [3, 2, 0, 1]);
        add('ConvTranspose', [constant('weight', [inputs, outputs, 4, 4], weight)], window);
        break;
      }
      case 'batch norm': {
        const { features, scale, offset, mean, variance, epsilon } = layer;
        const names = Object.entries({ scale, offset, mean, variance }).map(([field, values]) =>
          constant(field, [features], values),
        );
        add('BatchNormalization', names, [floatAttribute('epsilon', epsilon)]);
        break;
      }
      case 'prelu':
        add('PRelu', [constant('slope', [1], Float32Array.of(layer.slope))]);
        break;
      case 'linear': {
        const { inputs, outputs } = layer;
        const { weight, bias } = channelsFirst(layer, layers, i);
        add('Gemm', [constant('weight', [inputs, outputs], weight), constant('bias', [outputs], bias)]);
        break;
      }
      case 'flatten':
        add('Flatten', [], [integerAttribute('axis', 1)]);
        break;
      case 'unflatten': {
        const shape = [-1, layer.channels, layer.side, layer.side];
        graph.message(GRAPH.initializer, integerTensor(`${name}.shape`, shape));
        add('Reshape', [`${name}.shape`]);
        break;
      }
      case 'sigmoid':
        add('Sigmoid', []);
        break;
    }
    current = next;
  });
}

/** A linear layer's weights for features in the order channel, height, width, where its features come from or go to a map. */
function channelsFirst(
  layer: Extract<ExportLayer, { kind: 'linear' }>,
  layers: readonly ExportLayer[],
  at: number,
): { weight: Float32Array; bias: Float32Array } {
  const { inputs, outputs, weight, bias } = layer;
  const flatten = layers.slice(0, at).find(({ kind }) => kind === 'flatten');
  const unflatten = layers.slice(at).find(({ kind }) => kind === 'unflatten');
  if (flatten?.kind === 'flatten') {
    const { side, channels } = flatten;
    return { weight: permuted(weight, [side, side, channels, outputs], [2, 0, 1, 3]), bias };
  }
  if (unflatten?.kind === 'unflatten') {
    const { side, channels } = unflatten;
    return {
      weight: permuted(weight, [inputs, side, side, channels], [0, 3, 1, 2]),
      bias: permuted(bias, [side, side, channels], [2, 0, 1]),
    };
  }
  return { weight, bias };
}

/** The same numbers with the axes in another order: axis `order[k]` of `values` becomes axis k. */
function permuted(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const result = new Float32Array(values.length);
  const sizes = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => strides[axis]);
  const index = sizes.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < sizes[axis]) break;
      from -= steps[axis] * sizes[axis];
      index[axis] = 0;
    }
  }
  return result;
}

function tensor(name: string, dims: readonly number[], values: Float32Array): ProtobufMessage {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength); // little-endian, as ONNX wants it
  return new ProtobufMessage()
    .integers(TENSOR.dims, dims)
    .integer(TENSOR.type, FLOAT)
    .text(TENSOR.name, name)
    .bytes(TENSOR.raw, bytes);
}

function integerTensor(name: string, values: readonly number[]): ProtobufMessage {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return new ProtobufMessage()
    .integers(TENSOR.dims, [values.length])
    .integer(TENSOR.type, INT64)
    .text(TENSOR.name, name)
    .bytes(TENSOR.raw, bytes);
}

/** Attributes carry the number of their type: 1 float, 2 integer, 7 integers. */
function floatAttribute(name: string, value: number): ProtobufMessage {
  return new ProtobufMessage()
    .text(ATTRIBUTE.name, name)
    .float(ATTRIBUTE.float, value)
    .integer(ATTRIBUTE.type, 1);
}

function integerAttribute(name: string, value: number): ProtobufMessage {
  return new ProtobufMessage()
    .text(ATTRIBUTE.name, name)
    .integer(ATTRIBUTE.integer, value)
    .integer(ATTRIBUTE.type, 2);
}

function integersAttribute(name: string, values: readonly number[]): ProtobufMessage {
  return new ProtobufMessage()
    .text(ATTRIBUTE.name, name)
    .integers(ATTRIBUTE.integers, values)
    .integer(ATTRIBUTE.type, 7);
}

/** Name, float32, and a shape with named axes. */
function valueInfo(name: string, shape: readonly (number | string)[]): ProtobufMessage {
  const dims = new ProtobufMessage();
  for (const size of shape) {
    const dim = new ProtobufMessage();
    dims.message(1, typeof size === 'string' ? dim.text(2, size) : dim.integer(1, size));
  }
  const type = new ProtobufMessage().message(1, new ProtobufMessage().integer(1, FLOAT).message(2, dims));
  return new ProtobufMessage().text(1, name).message(2, type);
}
