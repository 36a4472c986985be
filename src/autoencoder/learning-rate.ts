import type { TrainingSettings } from './training-settings';

type Schedule = Pick<
  TrainingSettings,
  'learningRate' | 'schedule' | 'epochs' | 'warmupEpochs' | 'stepEpochs' | 'stepFactor'
>;

/**
 * Adam's step size along training: the warm-up's rise times the schedule's fall. The cosine begins where the warm-up ends.
 *
 * @param step from 1
 * @example
 * learningRateAt({ learningRate: 0.1, schedule: 'step', stepEpochs: 2, stepFactor: 0.5, epochs: 10 }, 21, 10); // 0.05, in epoch 3
 */
export function learningRateAt(training: Schedule, step: number, batchesPerEpoch: number): number {
  const { learningRate, schedule, epochs, warmupEpochs = 0, stepEpochs = 10, stepFactor = 0.5 } = training;
  const done = step - 1;
  const warmup = Math.round(warmupEpochs * batchesPerEpoch);
  const risen = done < warmup ? step / (warmup + 1) : 1;
  switch (schedule) {
    case 'constant':
      return learningRate * risen;
    case 'step':
      return learningRate * risen * stepFactor ** Math.floor(done / (stepEpochs * batchesPerEpoch));
    case 'cosine': {
      const point = Math.max(0, done - warmup) / Math.max(1, epochs * batchesPerEpoch - warmup); // 0 … 1
      return learningRate * risen * 0.5 * (1 + Math.cos(Math.PI * point));
    }
  }
}
