import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Autoencoder } from '../../src/autoencoder/autoencoder';
import { buildAutoencoder } from '../../src/autoencoder/autoencoder';
import { loadBackend } from '../../src/compute';
import { exploreCell, interpolateCells, nearestCells } from '../../src/latent/latent-tour';
import { seededRandom } from '../../src/util/random';

describe('a latent tour', () => {
  let model: Autoencoder;
  const random = seededRandom(2);
  const code = () => Float32Array.from({ length: 6 }, () => random.normal());
  before(async () => {
    await loadBackend();
    model = buildAutoencoder(
      { imageSize: 16, channels: [4, 8], latentDims: 6, adversaryWidths: [8, 8, 8] },
      seededRandom(1),
    );
  });
  after(() => model.dispose());

  for (const path of ['linear', 'spherical'] as const) {
    it(`between two cells begins and ends at their reconstructions (${path})`, async () => {
      const [from, to] = [code(), code()];
      const { images, codes, rows } = await interpolateCells(model, from, to, { steps: 5, path });
      assert.deepEqual(codes.subarray(0, 6), from);
      assert.deepEqual(codes.subarray(24), to);
      assert.deepEqual(images.subarray(0, 256), model.decode(from));
      assert.deepEqual(images.subarray(4 * 256), model.decode(to));
      assert.deepEqual([rows[0].mse_from, rows[4].mse_to, rows[0].code_distance_from], [0, 0, 0]);
      const away = rows.map((row) => row.code_distance_from);
      assert.deepEqual(
        away,
        [...away].sort((a, b) => a - b),
      );
    });
  }

  it('along an arc keeps between the lengths of both codes, which a straight line does not', async () => {
    const [from, to] = [Float32Array.from([2, 0, 0, 0, 0, 0]), Float32Array.from([0, 2, 0, 0, 0, 0])];
    const length = (codes: Float32Array) => Math.hypot(...codes.subarray(6, 12));
    const arc = await interpolateCells(model, from, to, { steps: 3, path: 'spherical' });
    const line = await interpolateCells(model, from, to, { steps: 3 });
    assert.ok(Math.abs(length(arc.codes) - 2) < 1e-6);
    assert.ok(Math.abs(length(line.codes) - Math.SQRT2) < 1e-6);
  });

  it('along every feature passes through the cell and moves one feature at a time', async () => {
    const start = code();
    const { shifts, images } = await exploreCell(model, start, new Float64Array(6).fill(0.5), {
      range: 3,
      steps: 7,
    });
    assert.deepEqual(shifts, [-3, -2, -1, 0, 1, 2, 3]);
    assert.equal(images.length, 6 * 7 * 256);
    const cell = model.decode(start);
    for (let feature = 0; feature < 6; feature++) {
      const middle = feature * 7 + 3;
      assert.deepEqual(images.subarray(middle * 256, (middle + 1) * 256), cell);
    }
    const moved = start.slice();
    moved[2] += 1.5;
    const expected = model.decode(moved);
    images.subarray((2 * 7 + 6) * 256, (2 * 7 + 7) * 256).forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]) < 1e-5);
    });
  });

  it('ends at the nearest real cells', () => {
    const latents = Float32Array.from([0, 0, 3, 4, 1, 0]);
    assert.deepEqual(nearestCells(Float32Array.from([0, 0]), latents, 3, 2), [
      { cell: 0, distance: 0 },
      { cell: 2, distance: 1 },
    ]);
  });

  it('refuses codes of another model and too few steps', async () => {
    await assert.rejects(
      interpolateCells(model, new Float32Array(5), code(), { steps: 3 }),
      /needs codes of the model's 6 features, got 5/,
    );
    await assert.rejects(interpolateCells(model, code(), code(), { steps: 1 }), /steps from 2 on, got 1/);
  });
});
