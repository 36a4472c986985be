import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../src/util/random';

describe('seededRandom', () => {
  it('gives the same numbers for the same seed and others for another', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed).uniform);
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
    assert.notDeepEqual(draw(1), draw(1 + 2 ** 32));
  });

  it('is uniform and normal: moments of 200,000 draws are within five standard errors', () => {
    const random = seededRandom(1);
    const n = 200_000;
    let uniform = 0;
    let normal = 0;
    let square = 0;
    for (let i = 0; i < n; i++) {
      uniform += random.uniform();
      const value = random.normal();
      normal += value;
      square += value * value;
    }
    assert.ok(Math.abs(uniform / n - 0.5) < 5 * Math.sqrt(1 / 12 / n));
    assert.ok(Math.abs(normal / n) < 5 / Math.sqrt(n));
    assert.ok(Math.abs(square / n - 1) < 5 * Math.sqrt(2 / n));
  });

  it('goes on from a saved state as if nothing had happened', () => {
    const random = seededRandom(3);
    random.normal(); // leaves a spare normal behind
    const state = JSON.parse(JSON.stringify(random.state()));
    const expected = [random.normal(), random.normal(), random.integer(1000), random.uniform()];
    const resumed = seededRandom(99);
    resumed.restore(state);
    assert.deepEqual(
      [resumed.normal(), resumed.normal(), resumed.integer(1000), resumed.uniform()],
      expected,
    );
  });

  it('permutes: every number once', () => {
    const order = seededRandom(5).permutation(1000);
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      Array.from({ length: 1000 }, (_, i) => i),
    );
  });

  it('forks by label, whatever was drawn before', () => {
    const fresh = seededRandom(11).fork('noise').uniform();
    const used = seededRandom(11);
    used.uniform();
    assert.equal(used.fork('noise').uniform(), fresh);
    assert.notEqual(used.fork('shuffle').uniform(), fresh);
  });
});
