import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitPca } from '../../src/stats/pca';
import { DataError, OptionError, ShapeError } from '../../src/util/errors';
import { assertClose, readReference, type ScikitLearn } from '../helpers/reference';

const reference = readReference<ScikitLearn>('scikit-learn.json');
const { n, d } = reference;
const x = Float64Array.from(reference.x);

describe('fitPca', () => {
  it('equals scikit-learn in components, variances and coordinates, signs included (1e-8)', () => {
    const pca = fitPca(x, n, d);
    assertClose(pca.components, reference.pca.components, 1e-8);
    assertClose(pca.explainedVariance, reference.pca.variance, 1e-8);
    assertClose(pca.explainedVarianceRatio, reference.pca.ratio, 1e-8);
    assertClose(pca.transform(x, n), reference.pca.scores, 1e-8);
  });

  it('equals scikit-learn with fewer cells than features', () => {
    const few = x.slice(0, 5 * d);
    const pca = fitPca(few, 5, d, { components: 3 });
    assertClose(pca.explainedVariance, reference.pcaFew.variance, 1e-8);
    assertClose(pca.transform(few, 5), reference.pcaFew.scores, 1e-8);
  });

  it('gives the cells back from all components', () => {
    const pca = fitPca(x, n, d);
    assertClose(pca.inverse(pca.transform(x, n), n), [...x], 1e-12);
  });

  it('does without spread: equal cells get zero variance and no direction error', () => {
    const same = new Float64Array(12).fill(3);
    const pca = fitPca(same, 4, 3, { components: 2 });
    assert.deepEqual([...pca.explainedVariance], [0, 0]);
    assert.deepEqual([...pca.explainedVarianceRatio], [0, 0]);
  });

  it('names a wrong length, a NaN and an impossible number of components', () => {
    assert.throws(() => fitPca(x, n + 1, d), ShapeError);
    assert.throws(() => fitPca(Float64Array.from([1, 2, Number.NaN, 4]), 2, 2), DataError);
    assert.throws(() => fitPca(x, n, d, { components: d + 1 }), OptionError);
  });
});
