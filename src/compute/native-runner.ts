/**
 * Runs TensorFlow operations by name, bfloat16 ones too. tfjs has no name for bfloat16 and takes such tensors for float32: they can be
 * cloned, kept and disposed like any other, but only operations run through here may compute with them, and they are cast before they
 * are read.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { attributes, type NativeBackend, type OpAttribute, type TensorHandle } from './native-binding';
import type { Precision } from './precision';

/** DT_BFLOAT16 of TensorFlow's types.proto. */
const bfloat16 = 14;

export class NativeRunner {
  readonly attribute: ReturnType<typeof attributes>;

  /** @param usesGpu what the operations are chosen for */
  constructor(
    private readonly backend: NativeBackend,
    readonly usesGpu = backend.binding.isUsingGpuDevice(),
  ) {
    this.attribute = attributes(backend.binding);
  }

  /** Runs an operation with one output. */
  one(name: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor {
    return this.many(name, attributes, inputs, 1)[0];
  }

  /** Runs an operation with any number of outputs; the caller disposes them. */
  many(name: string, attributes: OpAttribute[], inputs: Tensor[], outputs: number): Tensor[] {
    const { backend } = this;
    return backend.binding
      .executeOp(name, attributes, backend.getInputTensorIds(inputs), outputs)
      .map((handle) =>
        handle.dtype === bfloat16 ? this.nameless(handle) : backend.createOutputTensor(handle),
      );
  }

  precisionOf(x: Tensor): Precision {
    return this.backend.tensorMap.get(x.dataId).dtype === bfloat16 ? 'bfloat16' : 'float32';
  }

  /** Always a tensor of its own; free when x has that precision already. */
  cast(x: Tensor, precision: Precision): Tensor {
    const from = this.precisionOf(x);
    if (from === precision) return x.clone();
    const { attribute } = this;
    return this.one(
      'Cast',
      [
        attribute.dtype('SrcT', this.code(from)),
        attribute.dtype('DstT', this.code(precision)),
        attribute.bool('Truncate', false),
      ],
      [x],
    );
  }

  reshape(x: Tensor, shape: number[]): Tensor {
    const sizes = tf.tensor1d(shape, 'int32');
    const reshaped = this.one('Reshape', [this.typeOf(x), this.attribute.int32('Tshape')], [x, sizes]);
    sizes.dispose();
    return reshaped;
  }

  /** a·b of two matrices, each turned round where asked. Streams where tfjs' matMul (a batched operation) does not. */
  matrixProduct(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
    const { attribute } = this;
    return this.one(
      'MatMul',
      [this.typeOf(a), attribute.bool('transpose_a', transposeA), attribute.bool('transpose_b', transposeB)],
      [a, b],
    );
  }

  /** The same memory under the other name: [..., 2] in bfloat16 ↔ [...] in float32, two numbers travelling as one. */
  reinterpret(x: Tensor, precision: Precision): Tensor {
    const { attribute } = this;
    return this.one('Bitcast', [this.typeOf(x), attribute.dtype('type', this.code(precision))], [x]);
  }

  /** The dtype attribute "T" of an operation on tensors such as x. */
  typeOf(x: Tensor): OpAttribute {
    return this.attribute.dtype('T', this.code(this.precisionOf(x)));
  }

  private code(precision: Precision): number {
    return precision === 'bfloat16' ? bfloat16 : this.backend.binding.TF_FLOAT;
  }

  /** As tfjs-node's createOutputTensor, which knows no bfloat16. */
  private nameless(handle: TensorHandle): Tensor {
    const dataId = {};
    this.backend.tensorMap.set(dataId, { ...handle, values: null, refCount: 1 });
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape: handle.shape, dtype: 'float32' });
  }
}
