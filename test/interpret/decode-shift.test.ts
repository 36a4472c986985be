import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { type Autoencoder, buildAutoencoder } from '../../src/autoencoder/autoencoder';
import { fitClassifier } from '../../src/classify/fit-classifier';
import { loadBackend } from '../../src/compute';
import { amplificationDirection, amplifyCells } from '../../src/interpret/amplify-cells';
import { amplificationFrames, decodeShift } from '../../src/interpret/decode-shift';
import { decodeDescriptors } from '../../src/latent/encode-cells';
import { samplePrior } from '../../src/latent/latent-tour';
import { cropPng } from '../../src/plots/montage';
import { seededRandom } from '../../src/util/random';

describe('a shifted cell', () => {
  const latents = samplePrior(40, 6, seededRandom(2));
  const classifier = fitClassifier(
    latents,
    40,
    6,
    Array.from({ length: 40 }, (_, i) => latents[6 * i] > 0),
  );
  const code = latents.subarray(0, 6);
  let model: Autoencoder;
  before(async () => {
    await loadBackend();
    model = buildAutoencoder(
      { imageSize: 16, channels: [4, 8], latentDims: 6, adversaryWidths: [8, 8, 8] },
      seededRandom(1),
    );
  });
  after(() => model.dispose());

  it('at shift 0 is its reconstruction, exactly, as a slider shows it and as amplification does', async () => {
    const reconstruction = model.decode(code);
    const direction = amplificationDirection(classifier);
    assert.deepEqual(await decodeShift(model, code, direction, 0), await cropPng(reconstruction, 16));
    const amplified = await amplifyCells(model, latents, classifier, { shifts: [-2, 0, 2] });
    const all = await decodeDescriptors(model, latents);
    for (let cell = 0; cell < 40; cell++) {
      const at = (3 * cell + 1) * 256;
      assert.deepEqual(amplified.images.subarray(at, at + 256), all.subarray(cell * 256, (cell + 1) * 256));
    }
  });

  it('raises the score before decoding by its standard deviation per shift', async () => {
    const { latentScores } = await amplifyCells(model, code, classifier, { shifts: [0, 1, 3] });
    assert.ok(Math.abs((latentScores[1] - latentScores[0]) / classifier.scoreSd - 1) < 1e-4);
    assert.ok(Math.abs((latentScores[2] - latentScores[0]) / classifier.scoreSd - 3) < 1e-4);
  });

  it('has the same pictures in frames made beforehand as live', async () => {
    const direction = amplificationDirection(classifier, 3);
    const frames = await amplificationFrames(model, code, direction, [-1, 0.5]);
    assert.deepEqual(
      frames.map(({ shift }) => shift),
      [-1, 0.5],
    );
    for (const { shift, png } of frames) {
      const pixels = (bytes: Uint8Array) => sharp(bytes).raw().toBuffer();
      const [ahead, live] = [
        await pixels(png),
        await pixels(await decodeShift(model, code, direction, shift)),
      ];
      ahead.forEach((value, i) => {
        assert.ok(Math.abs(value - live[i]) <= 1);
      });
    }
  });

  it('needs a code and a direction of the model', async () => {
    await assert.rejects(
      decodeShift(model, [1, 2], amplificationDirection(classifier), 1),
      /needs a code of the model's 6 features, got 2/,
    );
    await assert.rejects(decodeShift(model, code, [1], 1), /needs a direction of the model's 6 features/);
  });
});
