import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusteredAuc } from '../../src/stats/clustered-auc';
import { clusteredBootstrap } from '../../src/stats/clustered-bootstrap';
import { delong } from '../../src/stats/delong';
import { normalQuantile } from '../../src/stats/normal';
import { auc } from '../../src/stats/roc-curve';
import { InterruptedError, ShapeError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';

/** Groups of cells of one class each whose scores share a random shift; the planted AUC is Φ(effect / √(2 (1 + spread²))). */
function study(random: ReturnType<typeof seededRandom>, groups: number, cells: number, spread: number) {
  const effect = Math.sqrt(2 * (1 + spread * spread)) * normalQuantile(0.75);
  const scores: number[] = [];
  const labels: boolean[] = [];
  const names: number[] = [];
  for (let g = 0; g < groups; g++) {
    const shift = spread * random.normal();
    for (let i = 0; i < cells; i++) {
      scores.push(random.normal() + shift + (g % 2 === 0 ? effect : 0));
      labels.push(g % 2 === 0);
      names.push(g);
    }
  }
  return { scores, labels, names };
}

describe('clusteredAuc', () => {
  it('covers a planted AUC of 0.75 in 92 to 98 % of 300 repeats, where the interval for independent cells does not', () => {
    const random = seededRandom(21);
    let covered = 0;
    let coveredByDelong = 0;
    for (let repeat = 0; repeat < 300; repeat++) {
      const { scores, labels, names } = study(random, 20, 20, 0.7);
      const grouped = clusteredAuc(scores, labels, names);
      if (grouped.low <= 0.75 && 0.75 <= grouped.high) covered++;
      const single = delong(scores, labels);
      if (single.low <= 0.75 && 0.75 <= single.high) coveredByDelong++;
    }
    assert.ok(covered >= 276 && covered <= 294, `covered ${covered} of 300`);
    assert.ok(coveredByDelong < 200, `DeLong covered ${coveredByDelong}`);
  });

  it('equals DeLong’s standard error when every cell is its own group', () => {
    const { scores, labels } = study(seededRandom(2), 10, 10, 0);
    const single = clusteredAuc(scores, labels, [...scores.keys()]);
    assert.ok(Math.abs(single.standardError - delong(scores, labels).standardError) < 1e-12);
    assert.ok(Math.abs(single.auc - delong(scores, labels).auc) < 1e-12);
  });

  it('says nothing when a class comes from one group', () => {
    const { low, high } = clusteredAuc([1, 2, 3, 4], [0, 0, 1, 1], ['a', 'b', 'c', 'c']);
    assert.deepEqual([low, high], [0, 1]);
  });
});

describe('clusteredBootstrap', () => {
  it('covers a planted AUC of 0.75 in 92 to 98 % of 300 repeats over 40 groups', async () => {
    const random = seededRandom(31);
    let covered = 0;
    for (let repeat = 0; repeat < 300; repeat++) {
      const { scores, labels, names } = study(random, 40, 6, 0.7);
      const { low, high } = await clusteredBootstrap(scores, labels, {
        clusters: [names],
        resamples: 300,
        random,
      });
      if (low <= 0.75 && 0.75 <= high) covered++;
    }
    assert.ok(covered >= 276 && covered <= 294, `covered ${covered} of 300`);
  });

  it('resamples days inside tumors, and gives the AUC itself as value', async () => {
    const { scores, labels, names } = study(seededRandom(3), 8, 30, 0.5);
    const days = scores.map((_, i) => i % 3);
    const options = { clusters: [names, days], resamples: 200, random: seededRandom(1) };
    const result = await clusteredBootstrap(scores, labels, options);
    assert.ok(Math.abs(result.value - auc(scores, labels)) < 1e-12);
    assert.ok(result.low < result.value && result.value < result.high);
    assert.equal(result.clusters, 8);
  });

  it('can be interrupted, and wants a cluster for every cell', async () => {
    const random = seededRandom(1);
    const { scores, labels, names } = study(random, 8, 30, 0.5);
    const signal = AbortSignal.abort();
    await assert.rejects(
      clusteredBootstrap(scores, labels, { clusters: [names], random, signal }),
      InterruptedError,
    );
    await assert.rejects(clusteredBootstrap(scores, labels, { clusters: [[1]], random }), ShapeError);
  });
});
