import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildAutoencoder } from '../../src/autoencoder/autoencoder';
import { trainStep } from '../../src/autoencoder/train-step';
import { loadBackend } from '../../src/compute';
import { type NativeBinding, nativeBackend, type OpAttribute } from '../../src/compute/native-binding';
import { seededRandom } from '../../src/util/random';

// Written by test/reference/gpu_kernels.py from the registry of TensorFlow's GPU library
const table: { tensorflow: string; operations: Record<string, string[]> } = JSON.parse(
  readFileSync(join(__dirname, '../../../test/fixtures/gpu-kernels.json'), 'utf8'),
);
const typeNames = new Map([
  [1, 'float32'],
  [14, 'bfloat16'],
]);

/** Notes every operation that runs, and says that there is a GPU, so that a GPU's ways are taken. */
function watch(binding: NativeBinding, seen: Map<string, Set<string>>): NativeBinding {
  const executeOp: NativeBinding['executeOp'] = (name, attributes, inputs, outputs) => {
    const type = attributes.find((attribute: OpAttribute) => ['T', 'dtype'].includes(attribute.name))?.value;
    if (!seen.has(name)) seen.set(name, new Set());
    const typeName = typeNames.get(type as number);
    if (typeName) seen.get(name)?.add(typeName);
    return binding.executeOp(name, attributes, inputs, outputs);
  };
  const instead = { executeOp, isUsingGpuDevice: () => true };
  return new Proxy(instead as unknown as NativeBinding, {
    get(_, key) {
      if (key in instead) return instead[key as keyof typeof instead];
      const value: unknown = binding[key as keyof NativeBinding];
      return typeof value === 'function' ? value.bind(binding) : value;
    },
  });
}

describe('on a GPU', () => {
  it(`every operation of training and use has a GPU kernel in TensorFlow ${table.tensorflow}, in either precision`, async (t) => {
    await loadBackend();
    const backend = nativeBackend() as { binding: NativeBinding } | null;
    if (!backend) return t.skip('WASM has no GPU kernels');
    const { binding } = backend;
    const seen = new Map<string, Set<string>>();
    backend.binding = watch(binding, seen);
    try {
      const random = seededRandom(1);
      const architecture = {
        imageSize: 16,
        channels: [16, 16, 32],
        latentDims: 4,
        adversaryWidths: [8, 8, 8],
      } as const;
      const model = buildAutoencoder(architecture, random);
      const images = Float32Array.from({ length: 4 * 16 ** 2 }, () => random.uniform());
      const noise = Float32Array.from({ length: 4 * 4 }, () => random.normal());
      const adam = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
      for (const precision of ['float32', 'bfloat16'] as const) {
        model.precision = precision;
        trainStep(model, images, noise, { adam, adversaryWeight: 1, step: 1, clipNorm: 1 });
        model.reconstruct(images);
      }
      model.dispose();
    } finally {
      backend.binding = binding;
    }
    assert.ok(seen.size > 25, `${seen.size} operations seen`);
    for (const [name, types] of seen) {
      const kernels = table.operations[name];
      assert.ok(kernels, `${name} has no GPU kernel`);
      for (const type of types)
        assert.ok(kernels.includes('*') || kernels.includes(type), `${name} has none for ${type}`);
    }
    assert.ok(seen.get('Conv2D')?.has('bfloat16'));
  });
});
