/**
 * Encoder or decoder for use only: each batch norm behind a convolution is a factor and a shift per channel in evaluation mode, so the
 * factor goes into the kernel and the shift becomes the convolution's bias; the PReLU behind them is done in the same pass. The same
 * function within rounding, with two passes over every image less.
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { type FixedConv, networkOperations, tf } from '../compute';
import { BatchNorm, KernelLayer, type Layer, PRelu } from './layers';

type Stage = (x: Tensor) => Tensor;

/** Holds copies of the kernels until {@link dispose}; it does not follow later changes of the layers. */
export class FoldedNetwork {
  private readonly stages: Stage[] = [];
  private readonly convolutions: FixedConv[] = [];

  constructor(layers: readonly Layer[]) {
    for (let i = 0; i < layers.length; i++) {
      const [layer, norm, bend] = layers.slice(i, i + 3);
      if (layer instanceof KernelLayer && norm instanceof BatchNorm) {
        const bends = bend instanceof PRelu;
        this.stages.push(this.fold(layer, norm, bends ? bend.slope() : 1));
        i += bends ? 2 : 1;
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
    for (const convolution of this.convolutions) convolution.dispose();
  }

  private fold(layer: KernelLayer, norm: BatchNorm, slope: number): Stage {
    const [kernel, bias] = tf.tidy(() => {
      const { factor, shift } = norm.asLine();
      return [layer.scaledKernel(layer.weights.weight.parameter.read() as Tensor4D, factor), shift] as const;
    });
    const convolution = layer.fixed(kernel, bias, slope);
    tf.dispose([kernel, bias]);
    this.convolutions.push(convolution);
    return (x) => {
      const image = networkOperations().cast(x, layer.precision) as Tensor4D;
      const y = convolution.run(image);
      image.dispose();
      return y;
    };
  }
}

function asStage(layer: Layer): Stage {
  return (x) => layer.forward(x, false);
}
