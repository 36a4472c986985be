import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ledoitWolfShrinkage, shrinkCovariance } from '../../src/stats/ledoit-wolf';
import { readReference, type ScikitLearn } from '../helpers/reference';

const reference = readReference<ScikitLearn>('scikit-learn.json');
const x = Float64Array.from(reference.x);

describe('ledoitWolfShrinkage', () => {
  it('equals scikit-learn (1e-10), also with fewer cells than features', () => {
    assert.ok(Math.abs(ledoitWolfShrinkage(x, reference.d) - reference.ledoitWolf) < 1e-10);
    const few = x.slice(0, 5 * reference.d);
    assert.ok(Math.abs(ledoitWolfShrinkage(few, reference.d) - reference.ledoitWolfFew) < 1e-10);
  });

  it('is 0 for one feature', () => {
    assert.equal(ledoitWolfShrinkage(Float64Array.from([1, 2, 4]), 1), 0);
  });
});

describe('shrinkCovariance', () => {
  it('keeps the mean variance and scales the rest', () => {
    assert.deepEqual([...shrinkCovariance(Float64Array.from([4, 1, 1, 2]), 2, 0.5)], [3.5, 0.5, 0.5, 2.5]);
  });
});
