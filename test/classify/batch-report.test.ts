import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchReport } from '../../src/classify/batch-report';
import { seededRandom } from '../../src/util/random';

/**
 * Ten days of 80 cells that differ strongly; high cells are frequent on even days and rare on odd ones, so the day predicts the class.
 */
function confounded(effect: number, seed: number) {
  const random = seededRandom(seed);
  const d = 8;
  const n = 800;
  const dayShift = Float64Array.from({ length: 10 * d }, () => 1.5 * random.normal());
  const batches = Array.from({ length: n }, (_, i) => `day${i % 10}`);
  const labels = batches.map((_, i) => random.uniform() < (i % 2 === 0 ? 0.85 : 0.15));
  const latents = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) latents[i * d + j] = random.normal() + dayShift[(i % 10) * d + j];
    if (labels[i]) latents[i * d] += effect;
  }
  return { latents, n, d, labels, batches };
}

describe('batchReport', () => {
  it('exposes a classifier that reads the day, and every correction mends it', async () => {
    const report = await batchReport({ ...confounded(0, 1), random: seededRandom(1) });
    const [none, ...corrected] = report.corrections;
    assert.ok(none.naive > 0.7, `naive ${none.naive}`);
    assert.ok(Math.abs(none.withinBatch! - 0.5) < 0.08, `within ${none.withinBatch}`);
    assert.match(report.warnings[0], /^confounded by day/);
    assert.ok(report.variance.factors[0].r2 > 0.5);
    assert.deepEqual(
      corrected.map(({ correction }) => correction),
      ['center', 'combat', 'harmony'],
    );
    for (const { correction, naive, batchR2 } of corrected) {
      // harmony is gentle where days differ more than anything else: harmonypy 2.1.0 leaves an R² of 0.15 of these cells' 0.63
      const harmony = correction === 'harmony';
      assert.ok(naive < (harmony ? 0.68 : 0.6), `${correction}: naive ${naive}`);
      assert.ok(batchR2 < (harmony ? 0.25 : 0.01), `${correction}: R² ${batchR2}`);
    }
  });

  it('states the price: centring on all cells removes biology that goes along with days, on reference cells it does not', async () => {
    const study = confounded(1.5, 2);
    const random = seededRandom(1);
    const onAll = await batchReport({ ...study, corrections: ['none', 'center'], random });
    // the low cells as a control type that every day has
    const reference = study.labels.map((label) => !label);
    const onControl = await batchReport({ ...study, corrections: ['center'], reference, random });
    const [none, center] = onAll.corrections;
    assert.ok(none.betweenBatch! < 0.75, `${none.betweenBatch}`); // planted: Φ(1.5 / √2) = 0.856
    assert.ok(center.betweenBatch! < 0.75, `${center.betweenBatch}`);
    assert.ok(onControl.corrections[0].betweenBatch! > 0.8, `${onControl.corrections[0].betweenBatch}`);
  });

  it('goes on without a correction that cannot be applied', async () => {
    const study = confounded(0, 3);
    study.batches[0] = 'alone';
    const report = await batchReport({ ...study, corrections: ['none', 'combat'], random: seededRandom(1) });
    assert.equal(report.corrections.length, 1);
    assert.match(
      report.warnings.join(),
      /combat cannot be applied: fitCombat: batch "alone" has a single cell/,
    );
  });
});
