/** TensorBoard's event files, written by TensorFlow itself through tfjs-node's summary writer. */
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { BackendError } from '../util/errors';
import { attributes, type NativeBackend, nativeBackend } from './native-binding';

/** What tfjs-node's backend has for event files. */
interface SummaryBackend extends NativeBackend {
  summaryWriter(folder: string): Tensor;
  createSummaryFileWriter(writer: Tensor, folder: string): void;
  writeScalarSummary(writer: Tensor, step: number, name: string, value: number): void;
  flushSummaryWriter(writer: Tensor): void;
}

/** Numbers and pictures along training, for TensorBoard. */
export interface SummaryWriter {
  scalar(name: string, value: number, step: number): void;
  /** A PNG, under "Images". */
  image(name: string, png: Uint8Array, step: number): void;
  /** Everything is in the file after it. */
  flush(): void;
  dispose(): void;
}

/** DT_STRING and DT_INT64 of TensorFlow's types.proto. */
const stringType = 7;
const int64 = 9;
/**
 * TensorFlow's SummaryMetadata { plugin_data { plugin_name: "images" } data_class: DATA_CLASS_BLOB_SEQUENCE }, as protocol buffer: it says
 * that the tensor beside it is [width, height, PNG].
 */
const imageMetadata = Uint8Array.from([0x0a, 8, 0x0a, 6, ...Buffer.from('images'), 0x20, 3]);

/**
 * Begins an event file in `folder`, which TensorFlow makes. `await loadBackend()` first.
 *
 * @throws BackendError when WASM computes
 * @example
 * const writer = openSummaryWriter('run1/tensorboard');
 * writer.scalar('loss', 0.3, 1);
 */
export function openSummaryWriter(folder: string): SummaryWriter {
  const backend = nativeBackend() as SummaryBackend | null;
  if (!backend) {
    throw new BackendError(
      'TensorBoard files are written by TensorFlow, and WASM computes; log.jsonl has the same numbers',
    );
  }
  const writer = backend.summaryWriter(folder);
  tf.tidy(() => backend.createSummaryFileWriter(writer, folder)); // it leaves its arguments behind
  return {
    scalar: (name, value, step) => backend.writeScalarSummary(writer, step, name, value),
    image: (name, png, step) => writeImage(backend, writer, name, png, step),
    flush: () => backend.flushSummaryWriter(writer),
    dispose() {
      backend.flushSummaryWriter(writer);
      writer.dispose();
    },
  };
}

function writeImage(
  backend: SummaryBackend,
  writer: Tensor,
  name: string,
  png: Uint8Array,
  step: number,
): void {
  const { binding } = backend;
  const attribute = attributes(binding);
  const header = new DataView(png.buffer, png.byteOffset);
  const sides = [header.getUint32(16), header.getUint32(20)]; // of IHDR, the first chunk
  const inputs = [
    tf.scalar(step, 'int32'),
    tf.tensor([...sides.map((side) => Buffer.from(String(side))), png], [3], 'string'),
    tf.scalar(name, 'string'),
    tf.tensor([imageMetadata], [], 'string'),
  ];
  const [shortStep, ...rest] = backend.getInputTensorIds(inputs);
  const cast = [attribute.int32('SrcT'), attribute.dtype('DstT', int64), attribute.bool('Truncate', false)];
  const [longStep] = binding.executeOp('Cast', cast, [shortStep], 1); // tfjs has no int64, so it stays a handle
  const [writerId] = backend.getInputTensorIds([writer]);
  binding.executeOp('WriteSummary', [attribute.dtype('T', stringType)], [writerId, longStep.id, ...rest], 0);
  binding.deleteTensor(longStep.id);
  tf.dispose(inputs);
}
