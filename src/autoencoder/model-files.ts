/**
 * A model on disk: a folder with `model.json` (sizes and how it was trained, written once) and `weights.safetensors` (weights and
 * running statistics, replaced as a whole after every epoch).
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError, messageOf } from '../util/errors';
import { writeFileAtomic } from '../util/files';
import { seededRandom } from '../util/random';
import type { Architecture, PresetName, TrainingSettings } from './architecture';
import { type Autoencoder, buildAutoencoder } from './autoencoder';
import { importTorch7 } from './import-torch7';
import { type NamedTensor, readSafetensors, writeSafetensors } from './safetensors';

/** Content of model.json. */
export interface ModelDescription {
  format: 'live-cell-histology/autoencoder';
  formatVersion: 1;
  preset: PresetName | 'custom';
  architecture: Architecture;
  training: TrainingSettings & { seed: number };
  /**
   * What was done to every crop before training, as the data layer names it; crops to be encoded get the same. Missing: nothing.
   */
  preprocessing?: Readonly<Record<string, unknown>>;
  /** What the crops were: for the reader; nothing is read from here again. */
  data: { source: string; crops: number; synthetic: boolean };
  versions: { package: string; node: string; tensorflow: string | null };
}

/** A loaded model and what its files say about it. */
export interface LoadedModel {
  model: Autoencoder;
  /** null for a model that the reference saved (.t7). */
  description: ModelDescription | null;
  /** Training steps behind its weights; null when unknown. */
  step: number | null;
}

/** Weights and running statistics by name ("encoder.1.weight"). */
export function modelTensors(model: Pick<Autoencoder, 'networks'>): NamedTensor[] {
  return model.networks.flatMap((network) => [
    ...network.namedWeights().map(([name, { parameter }]) => {
      const value = parameter.read();
      const values = value.dataSync<'float32'>();
      value.dispose();
      return { name, shape: parameter.shape, values };
    }),
    ...network.namedBuffers().map(([name, { value }]) => ({
      name,
      shape: value.shape,
      values: value.dataSync<'float32'>(),
    })),
  ]);
}

/** Puts weights and running statistics into a model. @throws ModelError when one is missing or of another size */
export function setModelTensors(
  model: Pick<Autoencoder, 'networks'>,
  tensors: ReadonlyMap<string, NamedTensor>,
  who: string,
): void {
  const take = (name: string, size: number) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new ModelError(`${who} has no tensor ${name}; its model.json is of another model`);
    if (tensor.values.length !== size) {
      throw new ModelError(
        `${who}: ${name} has shape [${tensor.shape}], ${size} numbers are needed; its model.json is of a model of another size`,
      );
    }
    return tensor.values;
  };
  for (const network of model.networks) {
    for (const [name, { parameter }] of network.namedWeights()) parameter.assign(take(name, parameter.size));
    for (const [name, buffer] of network.namedBuffers()) buffer.assign(take(name, buffer.value.size));
  }
}

/** Writes model.json. */
export function writeModelDescription(folder: string, description: ModelDescription): void {
  writeFileAtomic(join(folder, 'model.json'), `${JSON.stringify(description, null, 2)}\n`);
}

/** Replaces weights.safetensors. */
export async function saveWeights(folder: string, model: Autoencoder, step: number): Promise<void> {
  await writeSafetensors(join(folder, 'weights.safetensors'), modelTensors(model), { step: String(step) });
}

/**
 * Loads a model: a folder that training wrote, or a `.t7` file of the reference. `await loadBackend()` first. The model is the
 * caller's to dispose.
 *
 * @throws ModelError when it is missing, damaged, or its parts do not belong together
 */
export function loadModel(path: string): LoadedModel {
  if (!existsSync(path)) {
    throw new ModelError(
      `the model ${path} does not exist; give a folder that lch train wrote, or a .t7 file`,
    );
  }
  if (!statSync(path).isDirectory()) {
    if (!path.endsWith('.t7')) {
      throw new ModelError(
        `the model ${path} is a file, but neither a folder that lch train wrote nor a .t7 file`,
      );
    }
    return { model: importTorch7(readFileSync(path), path), description: null, step: null };
  }
  const description = readModelDescription(path);
  const weights = join(path, 'weights.safetensors');
  const { tensors, metadata } = readSafetensors(weights);
  const model = buildAutoencoder(description.architecture, seededRandom(0));
  try {
    setModelTensors(model, tensors, weights);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { model, description, step: Number(metadata.step) };
}

/** Reads model.json of a model folder. @throws ModelError */
export function readModelDescription(folder: string): ModelDescription {
  const path = join(folder, 'model.json');
  if (!existsSync(path)) {
    throw new ModelError(`${folder} holds no model (no model.json); give a folder that lch train wrote`);
  }
  let description: ModelDescription;
  try {
    description = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ModelError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (description.format !== 'live-cell-histology/autoencoder' || !description.architecture) {
    throw new ModelError(`${path} does not describe an autoencoder of this program`);
  }
  return description;
}
