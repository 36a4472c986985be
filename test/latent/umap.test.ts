import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { neighborPurity } from '../../src/latent/neighbor-purity';
import { nearestNeighbors, neighborsAmong } from '../../src/latent/neighbors';
import { pcaEmbedding } from '../../src/latent/pca-embedding';
import { trustworthiness } from '../../src/latent/trustworthiness';
import { embedUmap, fitUmap } from '../../src/latent/umap';
import { InterruptedError, OptionError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';

/** Three clouds of 60 cells in 8 features. */
function clouds(): { x: Float32Array; n: number; d: number; cloud: number[] } {
  const random = seededRandom(3);
  const n = 180;
  const d = 8;
  const cloud = Array.from({ length: n }, (_, i) => i % 3);
  const x = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) x[i * d + j] = random.normal() + (cloud[i] === j % 3 ? 6 : 0);
  }
  return { x, n, d, cloud };
}

describe('embedUmap', () => {
  it('keeps well separated clouds apart and gives the same points for the same seed', async () => {
    const { x, n, d, cloud } = clouds();
    const points = await embedUmap(x, n, d, { seed: 5, epochs: 200 });
    assert.equal(points.length, 2 * n);
    assert.deepEqual(points, await embedUmap(x, n, d, { seed: 5, epochs: 200 }));
    assert.notDeepEqual(points, await embedUmap(x, n, d, { seed: 6, epochs: 200 }));
    const { indices } = await nearestNeighbors(points, n, 2, 5);
    let same = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < 5; j++) if (cloud[indices[i * 5 + j]] === cloud[i]) same++;
    }
    assert.equal(same, 5 * n);
  });

  it('of our own loop is as trustworthy as umap-js’s, and respects labels when asked to', async () => {
    const { x, n, d, cloud } = clouds();
    const trust = async (engine: 'own' | 'umap-js') =>
      trustworthiness(x, await embedUmap(x, n, d, { seed: 5, epochs: 200, engine }), n, d, { neighbors: 10 });
    assert.ok((await trust('own')) > (await trust('umap-js')) - 0.01);
    const mixed = Array.from({ length: n }, (_, i) => (i >> 1) % 2); // has nothing to do with the clouds
    const purity = async (labels?: number[]) => {
      const points = await embedUmap(x, n, d, { seed: 5, epochs: 200, engine: 'own', labels });
      return neighborPurity(await nearestNeighbors(points, n, 2, 5), mixed).purity;
    };
    assert.ok((await purity(mixed)) > (await purity()) + 0.1);
    assert.equal(cloud.length, n);
  });

  it('places new cells among their own kind', async () => {
    const { x, n, d, cloud } = clouds();
    for (const engine of ['own', 'umap-js'] as const) {
      const map = await fitUmap(x, n, d, { seed: 5, epochs: 100, engine });
      assert.equal(map.engine, engine);
      assert.equal(map.search, 'exact');
      const placed = await map.transform(x.subarray(0, 6 * d), 6); // as if they were new
      const { indices } = await neighborsAmong(placed, 6, map.points, n, 2, 5);
      for (let i = 0; i < 30; i++) assert.equal(cloud[indices[i]], cloud[Math.floor(i / 5)]);
    }
  });

  it('draws duplicated cells without breaking', async () => {
    const x = new Float32Array(60 * 3);
    for (let i = 0; i < 60; i++) x[i * 3] = i % 4; // only four different cells
    for (const engine of ['own', 'umap-js'] as const) {
      const points = await embedUmap(x, 60, 3, { engine, epochs: 50 });
      assert.ok(points.every(Number.isFinite));
    }
  });

  it('can be interrupted and names what is wrong with its input', async () => {
    const { x, n, d } = clouds();
    await assert.rejects(embedUmap(x, n, d, { signal: AbortSignal.abort() }), InterruptedError);
    await assert.rejects(embedUmap(x.subarray(0, 10 * d), 10, d), OptionError);
  });
});

describe('pcaEmbedding', () => {
  it('puts the direction of largest spread first', () => {
    const x = Float64Array.from([0, 0, 1, 10, 2, 20, 3, 30.5]);
    const points = pcaEmbedding(x, 4, 2, 1);
    assert.ok(points[0] < points[1] && points[1] < points[2] && points[2] < points[3]);
  });
});
