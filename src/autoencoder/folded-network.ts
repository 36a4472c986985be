/**
 * Encoder or decoder for use only: each batch norm behind a convolution is a factor and a shift per channel in evaluation mode, so the
 * factor goes into the kernel and the shift becomes the convolution's bias. The same function within float32's rounding, with a pass over
 * every image less.
 */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { networkOperations, tf } from '../compute';
import { BatchNorm, KernelLayer, type Layer } from './layers';

type Stage = (x: Tensor) => Tensor;

/** Holds copies of the kernels until {@link dispose}; it does not follow later changes of the layers. */
export class FoldedNetwork {
  private readonly stages: Stage[] = [];
  private readonly tensors: Tensor[] = [];

  constructor(layers: readonly Layer[]) {
    for (let i = 0; i < layers.length; i++) {
      const [layer, next] = [layers[i], layers[i + 1]];
      if (layer instanceof KernelLayer && next instanceof BatchNorm) {
        this.stages.push(this.fold(layer, next));
        i++;
      } else {
        this.stages.push(asStage(layer));
      }
    }
  }

  /** `x` stays the caller's, the result becomes the caller's. */
  run(x: Tensor): Tensor {
    let current = x;
    for (const stage of this.stages) {
      const next = stage(current);
      if (current !== x) current.dispose();
      current = next;
    }
    return current;
  }

  dispose(): void {
    tf.dispose(this.tensors);
  }

  private fold(layer: KernelLayer, norm: BatchNorm): Stage {
    const operations = networkOperations();
    const { precision } = layer;
    const [kernel, bias] = tf.tidy(() => {
      const { factor, shift } = norm.asLine();
      const scaled = layer.scaledKernel(layer.weights.weight.parameter.read() as Tensor4D, factor);
      return [operations.cast(scaled, precision) as Tensor4D, operations.cast(shift, precision) as Tensor1D];
    });
    this.tensors.push(tf.keep(kernel), tf.keep(bias));
    return (x) => {
      const image = operations.cast(x, precision) as Tensor4D;
      const y = layer.apply(image, kernel, bias);
      image.dispose();
      return y;
    };
  }
}

function asStage(layer: Layer): Stage {
  return (x) => layer.forward(x, false);
}
