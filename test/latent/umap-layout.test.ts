import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearestNeighbors } from '../../src/latent/neighbors';
import { umapGraph } from '../../src/latent/umap-graph';
import { fitCurve, layoutState } from '../../src/latent/umap-layout';
import { runLayout } from '../../src/latent/umap-threads';
import { InterruptedError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';

describe('fitCurve', () => {
  it('finds umap-learn 0.5.12’s shape for minimum distance 0.1', () => {
    const { a, b } = fitCurve(0.1); // find_ab_params(1.0, 0.1)
    assert.ok(Math.abs(a - 1.5769434602697652) < 1e-5, `a = ${a}`);
    assert.ok(Math.abs(b - 0.8950608778515733) < 1e-5, `b = ${b}`);
  });
});

describe('umapGraph', () => {
  it('has every edge in both directions with the same weight, and a full one at each cell', async () => {
    const random = seededRandom(2);
    const n = 100;
    const x = Float64Array.from({ length: n * 4 }, () => random.normal());
    const graph = umapGraph(await nearestNeighbors(x, n, 4, 6));
    for (let i = 0; i < n; i++) {
      let strongest = 0;
      for (let e = graph.starts[i]; e < graph.starts[i + 1]; e++) {
        const j = graph.ends[e];
        const row = graph.ends.subarray(graph.starts[j], graph.starts[j + 1]);
        const back = graph.starts[j] + row.indexOf(i);
        assert.ok(row.includes(i));
        assert.equal(graph.weights[back], graph.weights[e]);
        strongest = Math.max(strongest, graph.weights[e]);
      }
      assert.equal(strongest, 1);
    }
  });
});

describe('runLayout', () => {
  it('draws the same picture with one, two and three threads, and can be interrupted', async () => {
    const random = seededRandom(4);
    const n = 600;
    const x = Float64Array.from({ length: n * 5 }, () => random.normal());
    const graph = umapGraph(await nearestNeighbors(x, n, 5, 10));
    const start = x.slice(0, 2 * n);
    const draw = (threads: number, signal?: AbortSignal) =>
      runLayout(layoutState(graph, start, fitCurve(0.1), 50, 3), { threads, signal });
    const alone = await draw(1);
    assert.ok(alone.every(Number.isFinite));
    assert.deepEqual(await draw(2), alone);
    assert.deepEqual(await draw(3), alone);
    await assert.rejects(draw(2, AbortSignal.abort()), InterruptedError);
  });
});
