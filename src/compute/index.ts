/**
 * Tensors: finds and loads the backend, and gives the network its operations. The only folder that names a backend.
 */
export * as tf from '@tensorflow/tfjs-core';
export { type Backend, type BackendOptions, loadBackend } from './backend';
export { type CpuFeatures, cpuFeatures } from './cpu-features';
export { measureSpeed, type Speed } from './measure';
export {
  type BatchNormOutput,
  type FixedConv,
  kernelSize,
  type NetworkOperations,
  stride,
} from './network-operations';
export { networkOperations } from './operations';
export type { AdamOptions, Parameter, ParameterState } from './parameter';
export { choosePrecision, type Precision, precisions } from './precision';
export { openSummaryWriter, type SummaryWriter } from './summary-writer';
