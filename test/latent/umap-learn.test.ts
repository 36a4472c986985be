import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { neighborPurity } from '../../src/latent/neighbor-purity';
import { type Metric, nearestNeighbors, neighborsAmong, prepareRows } from '../../src/latent/neighbors';
import { spectralStart } from '../../src/latent/spectral-start';
import { trustworthiness } from '../../src/latent/trustworthiness';
import { fitUmap, type Umap } from '../../src/latent/umap';
import type { UmapGraph } from '../../src/latent/umap-graph';
import { InterruptedError, OptionError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';
import { readReference } from '../helpers/reference';

/** Written by test/reference/umap_learn.py. */
interface UmapLearn {
  n: number;
  m: number;
  d: number;
  drawn: number[];
  placed: number[];
  kind: number[];
  mixed: number[];
  maps: {
    metric: Metric;
    init: 'spectral' | 'pca';
    trustworthiness: number;
    purity: number;
    preserved: number | null;
  }[];
  supervised: { purity: number; plain: number };
}

const peer = readReference<UmapLearn>('umap-learn.json');
const { n, m, d } = peer;
const drawn = Float64Array.from(peer.drawn);
const placed = Float64Array.from(peer.placed);
const engines = ['own', 'umap-js'] as const;

/** Each map is drawn once. */
const maps = new Map<string, Promise<Umap>>();
function draw(metric: Metric, start: 'spectral' | 'pca', engine: (typeof engines)[number]): Promise<Umap> {
  const key = `${metric} ${start} ${engine}`;
  const map = maps.get(key) ?? fitUmap(drawn, n, d, { metric, start, engine, seed: 1 });
  maps.set(key, map);
  return map;
}

async function purityOf(points: Float64Array, labels: number[]): Promise<number> {
  return neighborPurity(await nearestNeighbors(points, n, 2, 15), labels).purity;
}

describe('fitUmap beside umap-learn 0.5.12 on the same cells', () => {
  for (const { metric, init, trustworthiness: theirs, purity, preserved } of peer.maps) {
    it(`is as trustworthy and as pure with ${metric} distances from a ${init} start (0.003, 0.01)`, async () => {
      // the metric decides the neighbours, which both loops share
      for (const engine of metric === 'euclidean' ? engines : (['own'] as const)) {
        const map = await draw(metric, init, engine);
        // rows whose euclidean order is the metric's
        const { exact } = prepareRows(drawn, n, d, metric);
        const ours = await trustworthiness(exact, map.points, n, d, { neighbors: 15 });
        assert.ok(ours > theirs - 0.003, `${engine}: ${ours} against ${theirs}`);
        assert.ok((await purityOf(map.points, peer.kind)) > purity - 0.01, engine);
      }
    });

    if (preserved !== null) {
      it(`keeps as many neighbours of cells placed later, from a ${init} start (0.03)`, async () => {
        for (const engine of engines) {
          const map = await draw(metric, init, engine);
          const places = await map.transform(placed, m);
          const truth = await neighborsAmong(placed, m, drawn, n, d, 15);
          const shown = await neighborsAmong(places, m, map.points, n, 2, 15);
          let kept = 0;
          for (let i = 0; i < m; i++) {
            const near = new Set(truth.indices.subarray(i * 15, (i + 1) * 15));
            for (const other of shown.indices.subarray(i * 15, (i + 1) * 15)) if (near.has(other)) kept++;
          }
          assert.ok(kept / (15 * m) > preserved - 0.03, `${engine}: ${kept / (15 * m)} against ${preserved}`);
        }
      });
    }
  }

  it('follows labels as far when supervised (0.02)', async () => {
    for (const engine of engines) {
      const { points } = await fitUmap(drawn, n, d, { engine, seed: 1, labels: peer.mixed });
      const ours = await purityOf(points, peer.mixed);
      assert.ok(ours > peer.supervised.purity - 0.02, `${engine}: ${ours} against ${peer.supervised.purity}`);
    }
  });
});

describe('fitUmap.transform', () => {
  it('places a cell the same whatever comes with it, a known cell on its twin, and leaves the map as it was', async () => {
    const map = await fitUmap(drawn, n, d, { engine: 'own', epochs: 100, seed: 1 });
    const before = map.points.slice();
    const all = await map.transform(placed, m);
    const third = await map.transform(placed.subarray(2 * d, 3 * d), 1);
    assert.deepEqual([...third], [...all.subarray(4, 6)]);
    assert.deepEqual(map.points, before);
    const twin = await map.transform(drawn.subarray(7 * d, 8 * d), 1);
    assert.ok(Math.hypot(twin[0] - before[14], twin[1] - before[15]) < 0.5);
  });

  it('can be interrupted', async () => {
    const controller = new AbortController();
    const map = await fitUmap(drawn, n, d, { epochs: 20, signal: controller.signal });
    controller.abort();
    await assert.rejects(map.transform(placed, m), InterruptedError);
  });
});

describe('spectralStart', () => {
  /** Cells on a ring (or, with a gap, a chain), each linked to its neighbours. */
  function ring(cells: number, linked: (i: number) => number[]): UmapGraph {
    const starts = new Int32Array(cells + 1);
    const ends: number[] = [];
    for (let i = 0; i < cells; i++) {
      ends.push(...linked(i));
      starts[i + 1] = ends.length;
    }
    return { n: cells, starts, ends: Int32Array.from(ends), weights: new Float32Array(ends.length).fill(1) };
  }

  it('lays a ring out as a circle', async () => {
    const cells = 120;
    const graph = ring(cells, (i) => [(i + 1) % cells, (i + cells - 1) % cells]);
    const start = await spectralStart(graph, seededRandom(1));
    assert.ok(start);
    for (let i = 0; i < cells; i++) {
      const radius = Math.hypot(start[2 * i], start[2 * i + 1]);
      assert.ok(Math.abs(radius - Math.sqrt(2 / cells)) < 1e-3, `cell ${i} at ${radius}`);
    }
  });

  it('says nothing of a graph in two parts, and the map then starts from the principal components', async () => {
    const two = ring(40, (i) => [i < 20 ? (i + 1) % 20 : 20 + ((i + 1) % 20)]);
    assert.equal(await spectralStart(two, seededRandom(1)), null);
    const apart = Float64Array.from(
      { length: 40 * 2 },
      (_, at) => seededRandom(at).normal() + (at < 40 ? 0 : 1000),
    );
    const map = await fitUmap(apart, 40, 2, { neighbors: 5, start: 'spectral', epochs: 10 });
    assert.equal(map.start, 'pca');
    await assert.rejects(fitUmap(apart, 40, 2, { start: 'random' as 'pca' }), OptionError);
  });
});
