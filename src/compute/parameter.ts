/** Trainable tensors and the Adam step. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Precision } from './precision';

/** Adam's constants, in Torch's form: lr·√(1−β₂ᵗ)/(1−β₁ᵗ) · m/(√v + ε). Reference: 0.0002, 0.9, 0.999, 1e-8. */
export interface AdamOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
}

/** Everything of a parameter that a checkpoint keeps. */
export interface ParameterState {
  value: Float32Array;
  firstMoment: Float32Array;
  secondMoment: Float32Array;
}

/** A trainable tensor with its Adam moments. It owns its memory until {@link dispose}. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** Counts the changes of the value. */
  readonly version: number;
  /**
   * The current value. Cheap; the caller disposes it, before the next {@link applyAdam} (else the update must copy).
   *
   * @param precision default float32
   */
  read(precision?: Precision): Tensor;
  /** Replaces the value; moments stay. */
  assign(values: Float32Array): void;
  /**
   * One Adam step.
   *
   * @param gradient of the parameter's shape; not disposed
   * @param step 1 for the first
   */
  applyAdam(gradient: Tensor, step: number, options: AdamOptions): void;
  state(): ParameterState;
  restore(state: ParameterState): void;
  dispose(): void;
}
