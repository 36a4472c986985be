import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auc, rocCurve } from '../../src/stats/roc-curve';
import { DataError, ShapeError } from '../../src/util/errors';
import { readReference, type ScikitLearn } from '../helpers/reference';

const reference = readReference<ScikitLearn>('scikit-learn.json');

describe('rocCurve', () => {
  it('steps once per distinct score, from (0, 0) to (1, 1)', () => {
    const curve = rocCurve([0.1, 0.4, 0.4, 0.8], [0, 0, 1, 1]);
    assert.deepEqual([...curve.thresholds], [Infinity, 0.8, 0.4, 0.1]);
    assert.deepEqual([...curve.falsePositiveRate], [0, 0, 0.5, 1]);
    assert.deepEqual([...curve.truePositiveRate], [0, 0.5, 1, 1]);
    assert.equal(curve.auc, 0.875);
  });
});

describe('auc', () => {
  it('equals scikit-learn (1e-12), with ties too, and agrees with the curve', () => {
    const first = Array.from({ length: reference.n }, (_, i) => reference.x[i * reference.d]);
    assert.ok(Math.abs(auc(first, reference.labels2) - reference.auc) < 1e-12);
    assert.ok(Math.abs(auc(reference.ties, reference.labels2) - reference.aucTies) < 1e-12);
    assert.equal(rocCurve(reference.ties, reference.labels2).auc, auc(reference.ties, reference.labels2));
  });

  it('of a constant score is 0.5, and of the negated score one minus itself', () => {
    assert.equal(auc([3, 3, 3, 3], [0, 1, 1, 0]), 0.5);
    const down = reference.ties.map((value) => -value);
    assert.ok(Math.abs(auc(down, reference.labels2) - (1 - reference.aucTies)) < 1e-12);
  });

  it('needs both classes, numbers, and one label per score', () => {
    assert.throws(() => auc([1, 2], [1, 1]), DataError);
    assert.throws(() => auc([1, Number.NaN], [1, 0]), DataError);
    assert.throws(() => auc([1, 2], [1]), ShapeError);
  });
});
