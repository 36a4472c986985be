import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { importTorch7 } from '../../src/autoencoder/import-torch7';
import { gatherGradients } from '../../src/autoencoder/train-step';
import { loadBackend, tf } from '../../src/compute';
import { permute } from '../helpers/golden';
import { assertClose } from '../helpers/tensors';

// Written by test/reference/pytorch_2x2.py with PyTorch 2.13.0
const folder = join(__dirname, '../../../test/fixtures/innermost-2x2');
const size = 128;
const channels = 12;
const area = 4;

interface Expected {
  loss: number;
  tensors: Record<string, { shape: number[]; base64: string }>;
}

/** PyTorch's layout to ours; the flat side beside the innermost maps goes from channel, position to position, channel. */
function inOurLayout(name: string, values: Float32Array, shape: number[]): Float32Array {
  if (shape.length === 4) return permute(values, shape, [2, 3, 1, 0]);
  if (name === 'decoder.1.bias') return permute(values, [channels, area], [1, 0]);
  if (shape.length === 1) return values;
  const [outputs, inputs] = shape;
  return name.startsWith('decoder')
    ? permute(values, [channels, area, inputs], [2, 1, 0])
    : permute(values, [outputs, channels, area], [2, 1, 0]);
}

describe('the autoencoder at 128×128, whose innermost maps are 2×2, against PyTorch', () => {
  const expected: Expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  const tensor = (name: string) => {
    const { shape, base64 } = expected.tensors[name];
    const bytes = Buffer.from(base64, 'base64');
    return {
      shape,
      values: Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i)),
    };
  };
  const x = Float32Array.from(
    { length: 3 * size ** 2 },
    (_, i) => 0.5 + 0.5 * Math.sin(0.37 * i + 0.00003 * i ** 2),
  );
  const model = () => importTorch7(readFileSync(join(folder, 'model.t7')), 'model.t7');

  before(() => loadBackend());

  it('descriptors and reconstructions in evaluation mode', () => {
    const made = model();
    const codes = made.encode(x);
    assertClose(codes, tensor('eval.codes').values, 1e-5, 'descriptors');
    const image = made.decode(codes).subarray(0, size ** 2);
    const logits = tensor('eval.logits.1').values;
    assertClose(
      image,
      logits.map((logit) => 1 / (1 + Math.exp(-logit))),
      1e-5,
      'reconstruction',
    );
    made.dispose();
  });

  it('gradients of the reconstruction: each within a thousandth of its own largest value', () => {
    const made = model();
    const images = tf.tensor4d(x, [3, size, size, 1]);
    const losses = gatherGradients(made, images, tf.zeros([3, 5]) as Tensor2D, 0);
    assert.ok(Math.abs(losses.reconstruction.dataSync()[0] - expected.loss) < 1e-5);
    let compared = 0;
    for (const network of [made.encoder, made.decoder]) {
      for (const [name, weight] of network.namedWeights()) {
        if (name === 'encoder.20.bias') continue; // before a batch norm: its gradient is rounding noise
        const { values, shape } = tensor(`gradient.${name}`);
        const truth = inOurLayout(name, values, shape);
        const largest = truth.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        assertClose(weight.gradient!, truth, 1e-3 * largest, `gradient of ${name}`);
        compared++;
      }
    }
    assert.equal(compared, 51);
    made.dispose();
  });
});
