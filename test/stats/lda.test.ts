import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitLda, scoreLda } from '../../src/stats/lda';
import { ldaPattern } from '../../src/stats/lda-pattern';
import { DataError, OptionError } from '../../src/util/errors';
import { assertClose, readReference, type ScikitLearn } from '../helpers/reference';

const reference = readReference<ScikitLearn>('scikit-learn.json');
const { n, d } = reference;
const x = Float64Array.from(reference.x);

describe('fitLda', () => {
  it('scores as scikit-learn does with every solver, shrinkage, prior and number of classes (1e-8)', () => {
    for (const { solver, shrinkage, priors, classes, scores } of reference.lda) {
      const labels = classes === 2 ? reference.labels2 : reference.labels3;
      const lda = fitLda(x, n, d, labels, { solver, shrinkage: shrinkage ?? 'none', priors });
      assertClose(scoreLda(lda, x, n), scores, 1e-8, `${solver} ${shrinkage} ${priors} ${classes}`);
    }
  });

  it('leaves out constant and dependent features as scikit-learn does', () => {
    const wide = new Float64Array(n * (d + 2)); // a sum of two features and a constant
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < d; j++) wide[i * (d + 2) + j] = x[i * d + j];
      wide[i * (d + 2) + d] = x[i * d] + x[i * d + 1];
      wide[i * (d + 2) + d + 1] = 2;
    }
    const lda = fitLda(wide, n, d + 2, reference.labels2);
    assert.equal(lda.rank, d);
    assertClose(scoreLda(lda, wide, n), reference.ldaRankDeficient, 1e-8);
    assert.throws(() => fitLda(wide, n, d + 2, reference.labels2, { solver: 'eigen' }), DataError);
    assert.equal(fitLda(wide, n, d + 2, reference.labels2, { solver: 'lsqr' }).rank, d);
  });

  it('accepts fewer cells than features as scikit-learn does', () => {
    const few = x.slice(0, 5 * d);
    assertClose(scoreLda(fitLda(few, 5, d, [0, 1, 0, 1, 1]), few, 5), reference.ldaFewCells, 1e-8);
  });

  it('does not care about the order of cells, nor about moving or scaling features', () => {
    const scores = scoreLda(fitLda(x, n, d, reference.labels2), x, n);
    const moved = x.map((value, i) => 1000 + value * (1 + (i % d)));
    assertClose(scoreLda(fitLda(moved, n, d, reference.labels2), moved, n), [...scores], 1e-9);
    const backwards = Float64Array.from(
      { length: n * d },
      (_, i) => x[(n - 1 - Math.floor(i / d)) * d + (i % d)],
    );
    const lda = fitLda(backwards, n, d, [...reference.labels2].reverse());
    assertClose(scoreLda(lda, x, n), [...scores], 1e-9);
  });

  it('refuses one class, unknown options and numbers that are not finite, by name', () => {
    assert.throws(() => fitLda(x, n, d, new Array(n).fill(0)), /at least two classes/);
    assert.throws(() => fitLda(x, n, d, reference.labels2, { shrinkage: 'auto' }), OptionError);
    assert.throws(() => fitLda(x, n, d, reference.labels2, { priors: [1, 0] }), OptionError);
    const broken = x.slice();
    broken[7] = Number.NaN;
    assert.throws(() => fitLda(broken, n, d, reference.labels2), {
      name: 'DataError',
      message: 'fitLda: cell 2 has NaN in feature 2; leave such cells out first',
    });
  });
});

describe('ldaPattern', () => {
  it('is Σw over the score’s standard deviation, so a step along it raises the score by one of them', () => {
    const covariance = Float64Array.from([4, 1, 1, 9]);
    const { pattern, scoreSd } = ldaPattern(covariance, Float64Array.from([1, 2]));
    assert.equal(scoreSd, Math.sqrt(44)); // wᵀΣw = 4 + 2 + 2 + 36
    assertClose(pattern, [6 / Math.sqrt(44), 19 / Math.sqrt(44)], 1e-15);
  });
});
