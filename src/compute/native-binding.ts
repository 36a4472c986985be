/**
 * The few calls of tfjs-node-gpu's native backend that tfjs itself has no operation for, typed. Only this folder uses them.
 */
import type { DataId, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** An attribute of a TensorFlow operation, as the binding takes it. */
export interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

/** The native module: TensorFlow's type codes and its version. */
export interface NativeBinding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
  executeOp(name: string, attributes: OpAttribute[], inputs: number[], outputs: number): TensorHandle[];
  deleteTensor(id: number): void;
}

/** What the binding says of a tensor that it has made. */
export interface TensorHandle {
  id: number;
  shape: number[];
  /** TensorFlow's type code. */
  dtype: number;
}

/** What this project uses of tfjs-node-gpu's backend object. */
export interface NativeBackend {
  readonly binding: NativeBinding;
  /** What is behind each tensor. */
  readonly tensorMap: {
    get(dataId: DataId): { dtype: number };
    set(dataId: DataId, entry: TensorHandle & { values: null; refCount: number }): void;
  };
  getInputTensorIds(tensors: Tensor[]): number[];
  createOutputTensor(handle: TensorHandle): Tensor;
}

/** The native backend when it is the one in use, else null. */
export function nativeBackend(): NativeBackend | null {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as NativeBackend) : null;
}

/** Makes the attribute lists of TensorFlow operations readable. */
export function attributes(binding: NativeBinding) {
  const make = (type: number) => (name: string, value: unknown) => ({ name, type, value });
  return {
    /** A dtype attribute; float32 unless said otherwise. */
    dtype: (name: string, value: number = binding.TF_FLOAT) => make(binding.TF_ATTR_TYPE)(name, value),
    /** A dtype attribute that is int32: of sizes, offsets and axes. */
    int32: (name: string) => make(binding.TF_ATTR_TYPE)(name, binding.TF_INT32),
    float: make(binding.TF_ATTR_FLOAT),
    int: make(binding.TF_ATTR_INT),
    bool: make(binding.TF_ATTR_BOOL),
    string: make(binding.TF_ATTR_STRING),
    shape: make(binding.TF_ATTR_SHAPE),
  };
}
