import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitCombat } from '../../src/stats/combat';
import { DataError } from '../../src/util/errors';
import { assertClose, readReference } from '../helpers/reference';

const reference = readReference<{
  n: number;
  d: number;
  x: number[];
  day: string[];
  age: number[];
  kind: string[];
  plain: number[];
  meanOnly: number[];
  covariates: number[];
}>('combat.json');
const { n, d, day } = reference;
const x = Float64Array.from(reference.x);

describe('fitCombat', () => {
  it('equals neuroCombat (1e-6): plain, means only, and with covariates to keep', () => {
    assertClose(fitCombat(x, n, d, day).adjusted, reference.plain, 1e-6);
    assertClose(fitCombat(x, n, d, day, { meanOnly: true }).adjusted, reference.meanOnly, 1e-6);
    const covariates = { kind: reference.kind, age: reference.age };
    assertClose(fitCombat(x, n, d, day, { covariates }).adjusted, reference.covariates, 1e-6);
  });

  it('corrects a batch that took no part in the fit by its own cells alone', () => {
    const rows = day.map((name, i) => (name === 'c' ? -1 : i)).filter((i) => i >= 0);
    const known = Float64Array.from(rows.flatMap((i) => [...x.subarray(i * d, (i + 1) * d)]));
    const fit = fitCombat(
      known,
      rows.length,
      d,
      rows.map((i) => day[i]),
    );
    const fresh = x.subarray(rows.length * d);
    const corrected = fit.adjustNewBatch(fresh, n - rows.length);
    for (let j = 0; j < d; j++) {
      const column = (cells: Float64Array) => cells.filter((_, i) => i % d === j);
      const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const before = Math.abs(mean(column(fresh)) - mean(column(fit.adjusted)));
      const after = Math.abs(mean(column(corrected)) - mean(column(fit.adjusted)));
      assert.ok(after < 0.3 * before + 0.1, `feature ${j + 1}: ${before} to ${after}`);
    }
  });

  it('names a lone batch, a batch of one cell, a covariate that the batches determine, a single feature', () => {
    const one = new Array(n).fill('a');
    assert.throws(() => fitCombat(x, n, d, one), /at least two batches, got only "a"/);
    assert.throws(() => fitCombat(x, n, d, ['z', ...one.slice(1)]), /batch "z" has a single cell/);
    assert.throws(() => fitCombat(x, n, d, day, { covariates: { type: day } }), /cannot be told apart/);
    assert.throws(() => fitCombat(x.subarray(0, n), n, 1, day), DataError);
  });
});
