import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  cosine,
  exponential,
  noiseDraw,
  normalDraw,
  sine,
  turnsTowards,
} from '../../src/simulate/exact-math';
import { seededRandom } from '../../src/util/random';

describe('exact math', () => {
  it('sine, cosine and exponential agree with the engine to 1e-8', () => {
    for (let x = -20; x < 20; x += 0.0137) {
      assert.ok(Math.abs(sine(x) - Math.sin(x)) < 1e-8, `sine ${x}`);
      assert.ok(Math.abs(cosine(x) - Math.cos(x)) < 1e-8, `cosine ${x}`);
      assert.ok(Math.abs(exponential(x) / Math.exp(x) - 1) < 1e-8, `exponential ${x}`);
    }
    assert.equal(exponential(-1e6), 0);
  });

  it('turnsTowards is the direction in turns from 0 to 1', () => {
    for (let k = 0; k < 360; k++) {
      const angle = (2 * Math.PI * (k + 0.5)) / 360;
      const turns = turnsTowards(Math.sin(angle), Math.cos(angle));
      assert.ok(Math.abs(turns - (k + 0.5) / 360) < 3e-6, `${k} degrees: ${turns}`);
    }
    assert.equal(turnsTowards(0, 0), 0);
  });

  it('both normal draws have mean 0 and standard deviation 1', () => {
    const random = seededRandom(3);
    for (const draw of [normalDraw, noiseDraw]) {
      let [sum, squares] = [0, 0];
      for (let i = 0; i < 20_000; i++) {
        const value = draw(random);
        sum += value;
        squares += value * value;
      }
      assert.ok(Math.abs(sum / 20_000) < 0.03);
      assert.ok(Math.abs(squares / 20_000 - 1) < 0.04);
    }
  });
});
