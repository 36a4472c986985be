/**
 * Checkpoints: one file per moment with everything that training needs to go on as if nothing had happened. The order of crops, the
 * prior samples, noise and augmentation are functions of seed, epoch and step, so position and optimizer state are all there is to keep.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError, messageOf } from '../util/errors';
import { modelTensors, setModelTensors } from './model-files';
import type { Network } from './network';
import { type NamedTensor, readSafetensors, writeSafetensors } from './safetensors';
import type { WeightAverage } from './weight-average';

/** Where training stands: `step` steps are done, `batch` of them in the epoch (from 0) that is under way. */
export interface TrainingPosition {
  step: number;
  epoch: number;
  batch: number;
  /** Of early stopping: the epoch (from 1) with the best reconstruction of held-out crops so far, and that reconstruction's loss. */
  best?: { epoch: number; loss: number };
}

/** Everything that training changes. */
export interface TrainedParts {
  networks: readonly Network[];
  average: WeightAverage | null;
}

/** Checkpoints that are kept; older ones are removed once a newer one is whole. */
const kept = 3;

/**
 * Writes `checkpoints/step-000123.safetensors` under the run's folder and removes all but the newest three.
 *
 * @throws ModelError when a weight is not finite: what is good must not be pushed out by what is not; DataError when the disk is full
 */
export async function saveCheckpoint(
  run: string,
  parts: TrainedParts,
  position: TrainingPosition,
  settings: string,
): Promise<void> {
  const weights = modelTensors(parts);
  checkFinite(weights, position.step, run);
  const folder = join(run, 'checkpoints');
  const moments: NamedTensor[] = parts.networks.flatMap((network) =>
    network.namedWeights().flatMap(([name, { parameter }]) => {
      const { firstMoment, secondMoment } = parameter.state();
      return [
        { name: `adam.m.${name}`, shape: parameter.shape, values: firstMoment },
        { name: `adam.v.${name}`, shape: parameter.shape, values: secondMoment },
      ];
    }),
  );
  const name = `step-${String(position.step).padStart(8, '0')}.safetensors`;
  await writeSafetensors(join(folder, name), [...weights, ...moments, ...(parts.average?.tensors() ?? [])], {
    position: JSON.stringify(position),
    settings,
  });
  for (const old of listCheckpoints(run).slice(kept)) rmSync(old, { force: true });
}

/** @throws ModelError when a number is not finite */
export function checkFinite(tensors: readonly NamedTensor[], step: number, run: string): void {
  const broken = tensors.find(({ values }) => !values.every(Number.isFinite));
  if (broken) throw diverged(step, `${broken.name} is no longer finite`, run);
}

/** What is told when numbers left all bounds. */
export function diverged(step: number, what: string, run: string): ModelError {
  const kept = listCheckpoints(run).length > 0 ? `the last good checkpoint is kept in ${run}; ` : '';
  return new ModelError(
    `training diverged at step ${step} (${what}); ${kept}start anew with a lower --learning-rate, --warmup-epochs 1 or --clip-norm 1`,
  );
}

/** Paths of a run's checkpoints, newest first. */
export function listCheckpoints(run: string): string[] {
  const folder = join(run, 'checkpoints');
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder)
    .filter((name) => /^step-\d+\.safetensors$/.test(name))
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}

/**
 * Puts the newest whole checkpoint of a run into `parts`; a damaged one is passed over with a warning.
 *
 * @param settings must equal what the checkpoint was written with, else the run would not be the same one
 * @returns where to go on; null when there is no checkpoint
 * @throws ModelError when the settings differ, or every checkpoint is damaged
 */
export function restoreCheckpoint(
  run: string,
  parts: TrainedParts,
  settings: string,
  warn: (line: string) => void,
): TrainingPosition | null {
  const paths = listCheckpoints(run);
  for (const path of paths) {
    let file: ReturnType<typeof readSafetensors>;
    try {
      file = readSafetensors(path);
    } catch (error) {
      warn(`${messageOf(error).split(';')[0]}; taking the one before`);
      continue;
    }
    const { tensors, metadata } = file;
    if (metadata.settings !== settings) {
      throw new ModelError(
        `${run} was trained with other settings (${differences(metadata.settings, settings)}); repeat them to go on, or choose another --out`,
      );
    }
    setModelTensors(parts, tensors, path);
    parts.average?.restore(tensors);
    for (const network of parts.networks) {
      for (const [name, { parameter }] of network.namedWeights()) {
        const value = tensors.get(name);
        const firstMoment = tensors.get(`adam.m.${name}`);
        const secondMoment = tensors.get(`adam.v.${name}`);
        if (!value || !firstMoment || !secondMoment) {
          throw new ModelError(`${path} lacks the optimizer's state of ${name}; start anew in another --out`);
        }
        parameter.restore({
          value: value.values,
          firstMoment: firstMoment.values,
          secondMoment: secondMoment.values,
        });
      }
    }
    return JSON.parse(metadata.position);
  }
  if (paths.length > 0)
    throw new ModelError(`every checkpoint of ${run} is damaged; start anew in another --out`);
  return null;
}

/** "batchSize 64, now 32": which settings differ. */
function differences(before: string, now: string): string {
  const a: Record<string, unknown> = JSON.parse(before);
  const b: Record<string, unknown> = JSON.parse(now);
  const words = Object.keys({ ...a, ...b })
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .map((key) => `${key} ${JSON.stringify(a[key])}, now ${JSON.stringify(b[key])}`);
  return words.join('; ');
}
