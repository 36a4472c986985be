/**
 * Checkpoints: one file per moment with everything that training needs to go on as if nothing had happened. The order of crops, the
 * prior samples and the augmentation are functions of seed, epoch and step, so position and optimizer state are all there is to keep.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError, messageOf } from '../util/errors';
import type { Autoencoder } from './autoencoder';
import { modelTensors, setModelTensors } from './model-files';
import { type NamedTensor, readSafetensors, writeSafetensors } from './safetensors';

/** Where training stands: `step` steps are done, `batch` of them in the epoch (from 0) that is under way. */
export interface TrainingPosition {
  step: number;
  epoch: number;
  batch: number;
}

/** Checkpoints that are kept; older ones are removed once a newer one is whole. */
const kept = 3;

/** Writes `checkpoints/step-000123.safetensors` under the run's folder and removes all but the newest three. */
export async function saveCheckpoint(
  run: string,
  model: Autoencoder,
  position: TrainingPosition,
  settings: string,
): Promise<void> {
  const folder = join(run, 'checkpoints');
  mkdirSync(folder, { recursive: true });
  const moments: NamedTensor[] = model.networks.flatMap((network) =>
    network.namedWeights().flatMap(([name, { parameter }]) => {
      const { firstMoment, secondMoment } = parameter.state();
      return [
        { name: `adam.m.${name}`, shape: parameter.shape, values: firstMoment },
        { name: `adam.v.${name}`, shape: parameter.shape, values: secondMoment },
      ];
    }),
  );
  const name = `step-${String(position.step).padStart(8, '0')}.safetensors`;
  await writeSafetensors(join(folder, name), [...modelTensors(model), ...moments], {
    position: JSON.stringify(position),
    settings,
  });
  for (const old of listCheckpoints(run).slice(kept)) rmSync(old, { force: true });
}

/** Paths of a run's checkpoints, newest first. */
export function listCheckpoints(run: string): string[] {
  const folder = join(run, 'checkpoints');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^step-\d+\.safetensors$/.test(name))
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}

/**
 * Puts the newest whole checkpoint of a run into `model`; a damaged one is passed over with a warning.
 *
 * @param settings must equal what the checkpoint was written with, else the run would not be the same one
 * @returns where to go on; null when there is no checkpoint
 * @throws ModelError when the settings differ, or every checkpoint is damaged
 */
export function restoreCheckpoint(
  run: string,
  model: Autoencoder,
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
    setModelTensors(model, tensors, path);
    for (const network of model.networks) {
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
