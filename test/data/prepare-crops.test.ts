import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prepareCrops } from '../../src/data/prepare-crops';
import { alignCrop } from '../../src/data/preprocess/align-crop';
import { recordsToTable } from '../../src/data/records-to-table';
import { simulateCells } from '../../src/simulate/simulate-cells';

async function someCrops() {
  const simulation = simulateCells({ cells: 3, size: 64, seed: 1 });
  const images = new Float32Array(3 * 64 * 64);
  simulation.cells.forEach((_, i) => {
    images.set(
      Float32Array.from(simulation.renderCrop(i), (grey) => grey / 255),
      i * 4096,
    );
  });
  const table = await recordsToTable(
    simulation.cells.map(({ path }) => ({ path, file: path, metadata: {} })),
  );
  return { images, size: 64, table, skipped: [] };
}

describe('prepareCrops', () => {
  it('leaves crops as they are when a model records nothing', async () => {
    const crops = await someCrops();
    assert.equal(await prepareCrops(crops), crops);
    assert.equal(await prepareCrops(crops, { align: false }), crops);
  });

  it('aligns every crop, and keeps the given ones', async () => {
    const crops = await someCrops();
    const before = crops.images.slice();
    const prepared = await prepareCrops(crops, { align: true });
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(
        prepared.images.subarray(i * 4096, (i + 1) * 4096),
        alignCrop(crops.images.subarray(i * 4096, (i + 1) * 4096), 64, 64),
      );
    }
    assert.deepEqual(crops.images, before);
    assert.equal(prepared.table, crops.table);
  });

  it('refuses a setting that cannot be used, by name', async () => {
    await assert.rejects(
      prepareCrops(await someCrops(), { maskSigma: -1 }),
      /prepareCrops: maskSigma must be/,
    );
  });
});
