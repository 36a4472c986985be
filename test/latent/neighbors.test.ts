import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { approximateNeighbors } from '../../src/latent/approximate-neighbors';
import { neighborPurity } from '../../src/latent/neighbor-purity';
import { type Metric, nearestNeighbors, neighborsAmong } from '../../src/latent/neighbors';
import { trustworthiness } from '../../src/latent/trustworthiness';
import { fitPca } from '../../src/stats/pca';
import { OptionError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';
import { readReference, type ScikitLearn } from '../helpers/reference';

const distance: Record<Metric, (a: number[], b: number[]) => number> = {
  euclidean: (a, b) => Math.hypot(...a.map((value, j) => value - b[j])),
  cosine: (a, b) => {
    const dot = (p: number[], q: number[]) => p.reduce((sum, value, j) => sum + value * q[j], 0);
    return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  },
  correlation: (a, b) => {
    const centred = (p: number[]) => p.map((value) => value - p.reduce((sum, x) => sum + x, 0) / p.length);
    return distance.cosine(centred(a), centred(b));
  },
};

describe('nearestNeighbors', () => {
  it('equals looking at all pairs in every metric, euclidean also far from the origin', async () => {
    const random = seededRandom(1);
    const n = 150;
    const d = 7;
    for (const metric of ['euclidean', 'cosine', 'correlation'] as const) {
      const offset = metric === 'euclidean' ? 1000 : 1;
      const rows = Array.from({ length: n }, () => Array.from({ length: d }, () => offset + random.normal()));
      const x = Float64Array.from(rows.flat());
      const { indices, distances } = await nearestNeighbors(x, n, d, 5, { metric });
      for (let i = 0; i < n; i++) {
        const all = rows
          .map((row, j) => ({ j, distance: distance[metric](rows[i], row) }))
          .filter(({ j }) => j !== i)
          .sort((a, b) => a.distance - b.distance);
        for (let k = 0; k < 5; k++) {
          assert.equal(indices[i * 5 + k], all[k].j);
          assert.ok(Math.abs(distances[i * 5 + k] - all[k].distance) < 1e-9);
        }
      }
    }
  });

  it('finds duplicates at distance 0 and keeps the cell itself out', async () => {
    const x = Float64Array.from([0, 0, 5, 1, 5, 1, 9, 9]);
    const { indices, distances } = await nearestNeighbors(x, 4, 2, 1);
    assert.deepEqual([...indices.slice(1, 3)], [2, 1]);
    assert.deepEqual([...distances.slice(1, 3)], [0, 0]);
    await assert.rejects(nearestNeighbors(x, 4, 2, 4), OptionError);
  });

  it('of new cells are those among the known', async () => {
    const known = Float64Array.from([0, 0, 10, 0, 0, 10]);
    const { indices, distances } = await neighborsAmong(Float64Array.from([9, 1]), 1, known, 3, 2, 2);
    assert.deepEqual([...indices], [1, 0]);
    assert.ok(Math.abs(distances[0] - Math.SQRT2) < 1e-12);
  });
});

describe('approximateNeighbors', () => {
  it('finds at least 98 % of the true neighbours of 3000 cells whose 16 features depend on five factors', async () => {
    const random = seededRandom(2);
    const n = 3000;
    const d = 16;
    const mixing = Float64Array.from({ length: 5 * d }, () => random.normal());
    const x = new Float64Array(n * d);
    for (let i = 0; i < n; i++) {
      for (let f = 0; f < 5; f++) {
        const factor = random.normal();
        for (let j = 0; j < d; j++) x[i * d + j] += factor * mixing[f * d + j];
      }
      for (let j = 0; j < d; j++) x[i * d + j] += 0.3 * random.normal();
    }
    const exact = await nearestNeighbors(x, n, d, 14);
    const found = await approximateNeighbors(x, n, d, 14);
    let right = 0;
    for (let i = 0; i < n; i++) {
      const truth = new Set(exact.indices.subarray(i * 14, (i + 1) * 14));
      for (let k = 0; k < 14; k++) if (truth.has(found.indices[i * 14 + k])) right++;
    }
    assert.ok(right / (14 * n) > 0.98, `found ${right / (14 * n)}`);
  });
});

describe('trustworthiness', () => {
  it('equals scikit-learn for two principal components', async () => {
    const { x, n, d, trustworthiness: expected } = readReference<ScikitLearn>('scikit-learn.json');
    const cells = Float64Array.from(x);
    const points = fitPca(cells, n, d, { components: 2 }).transform(cells, n);
    const value = await trustworthiness(cells, points, n, d, { neighbors: 7 });
    assert.ok(Math.abs(value - expected) < 1e-12);
  });
});

describe('neighborPurity', () => {
  it('is 1 for separate clouds and as expected by chance for labels without meaning', async () => {
    const random = seededRandom(5);
    const n = 400;
    const label = Array.from({ length: n }, (_, i) => i % 2);
    const x = Float64Array.from({ length: n * 2 }, (_, at) => random.normal() + 50 * label[at >> 1]);
    const near = await nearestNeighbors(x, n, 2, 10);
    assert.equal(neighborPurity(near, label).purity, 1);
    const chance = neighborPurity(
      near,
      label.map(() => random.integer(2)),
    );
    assert.ok(Math.abs(chance.excess) < 0.05);
  });
});
