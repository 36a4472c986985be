import type { Tensor } from '@tensorflow/tfjs-core';
import { tf } from '../compute';
import type { Autoencoder } from './autoencoder';
import { modelTensors, setModelTensors } from './model-files';
import type { NamedTensor } from './safetensors';

/** First part of the averages' names in a checkpoint. */
const prefix = 'average.';

/**
 * Running average of a model's weights and running statistics along training: a ← d·a + (1 − d)·w after each step. The first averages
 * would lean on the random start, so d grows with the steps: min(decay, (1 + step) / (10 + step)).
 */
export class WeightAverage {
  private averages = new Map<string, { shape: readonly number[]; value: Tensor }>();

  constructor(
    private readonly model: Autoencoder,
    private readonly decay: number,
  ) {
    for (const { name, shape, values } of modelTensors(model)) this.put(name, shape, values);
  }

  /** Takes the weights behind `step` (from 1) in. Nothing leaves the device. */
  update(step: number): void {
    const decay = Math.min(this.decay, (1 + step) / (10 + step));
    const take = (name: string, now: Tensor) => {
      const average = this.averages.get(name);
      if (!average) return;
      const next = tf.keep(tf.add(average.value, tf.mul(tf.sub(now, average.value), 1 - decay)));
      average.value.dispose();
      average.value = next;
    };
    tf.tidy(() => {
      for (const network of this.model.networks) {
        for (const [name, { parameter }] of network.namedWeights()) take(name, parameter.read());
        for (const [name, { value }] of network.namedBuffers()) take(name, value);
      }
    });
  }

  /** Puts the averages into the model while `use` runs, and the trained weights back after it. */
  async during<T>(use: () => Promise<T>): Promise<T> {
    const trained = modelTensors(this.model).map((tensor) => ({ ...tensor, values: tensor.values.slice() }));
    const put = (tensors: readonly NamedTensor[]) =>
      setModelTensors(this.model, new Map(tensors.map((tensor) => [tensor.name, tensor])), 'the average');
    put(this.tensors(''));
    try {
      return await use();
    } finally {
      put(trained);
    }
  }

  /** For a checkpoint. */
  tensors(before = prefix): NamedTensor[] {
    return [...this.averages].map(([name, { shape, value }]) => ({
      name: before + name,
      shape,
      values: value.dataSync<'float32'>(),
    }));
  }

  /** From a checkpoint. */
  restore(tensors: ReadonlyMap<string, NamedTensor>): void {
    for (const [name, { shape }] of this.averages) {
      const stored = tensors.get(prefix + name);
      if (stored) this.put(name, shape, stored.values);
    }
  }

  dispose(): void {
    for (const { value } of this.averages.values()) value.dispose();
    this.averages.clear();
  }

  private put(name: string, shape: readonly number[], values: Float32Array): void {
    this.averages.get(name)?.value.dispose();
    const value = tf.keep(tf.tensor(values, [...shape]));
    this.averages.set(name, { shape, value });
  }
}
