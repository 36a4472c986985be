import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calibration, toProbability } from '../../src/stats/calibration';
import { confusionByGroup } from '../../src/stats/confusion';
import { pearson, spearman } from '../../src/stats/correlation';
import { effectSize } from '../../src/stats/effect-size';
import { adjustP } from '../../src/stats/multiple-testing';
import { normalCdf, normalQuantile } from '../../src/stats/normal';
import { precisionRecall } from '../../src/stats/precision-recall';
import { studentCdf, studentQuantile } from '../../src/stats/student-t';
import { DataError } from '../../src/util/errors';
import { median, quantile } from '../../src/util/quantile';
import { assertClose, readReference, type ScikitLearn } from '../helpers/reference';

const reference = readReference<ScikitLearn>('scikit-learn.json');

describe('precisionRecall', () => {
  it('has scikit-learn’s average precision, ties included (1e-12)', () => {
    const { averagePrecision, prevalence } = precisionRecall(reference.ties, reference.labels2);
    assert.ok(Math.abs(averagePrecision - reference.averagePrecision) < 1e-12);
    assert.equal(prevalence, 1 / 3);
  });

  it('ends at full recall with the prevalence as precision', () => {
    const { precision, recall } = precisionRecall([3, 2, 1], [1, 0, 1]);
    assert.deepEqual([...recall], [0.5, 0.5, 1]);
    assert.deepEqual([...precision], [1, 0.5, 2 / 3]);
  });
});

describe('calibration', () => {
  it('has scikit-learn’s Brier score and reliability (1e-12)', () => {
    const result = calibration(reference.probability, reference.labels2, 5);
    assert.ok(Math.abs(result.brier - reference.brier) < 1e-12);
    const filled = result.bins.filter((bin) => bin.cells > 0);
    assertClose(
      filled.map((bin) => bin.observed),
      reference.calibrationObserved,
      1e-12,
    );
    assertClose(
      filled.map((bin) => bin.predicted),
      reference.calibrationPredicted,
      1e-12,
    );
  });

  it('refuses scores that are no probabilities', () => {
    assert.throws(() => calibration([1.2], [1]), DataError);
    assert.equal(toProbability(0), 0.5);
  });
});

describe('adjustP', () => {
  it('gives the values of R’s p.adjust for Holm, Benjamini–Hochberg and Bonferroni', () => {
    const p = [0.01, 0.02, 0.03, 0.04, 0.05];
    assertClose(adjustP(p, 'holm'), [0.05, 0.08, 0.09, 0.09, 0.09], 1e-12);
    assertClose(adjustP(p, 'bh'), [0.05, 0.05, 0.05, 0.05, 0.05], 1e-12);
    assertClose(adjustP(p, 'bonferroni'), [0.05, 0.1, 0.15, 0.2, 0.25], 1e-12);
    assert.throws(() => adjustP([2], 'bh'), DataError);
  });
});

describe('effectSize', () => {
  it('of two samples one pooled standard deviation apart is 1, and changes sign with their order', () => {
    const a = [3, 4, 5];
    const b = [2, 3, 4];
    const { cohensD, hedgesG, cliffsDelta } = effectSize(a, b);
    assert.equal(cohensD, 1);
    assert.equal(hedgesG, 1 - 3 / 15);
    assert.ok(Math.abs(cliffsDelta - 5 / 9) < 1e-15); // 6 pairs above, 2 equal, 1 below
    assert.equal(effectSize(b, a).cohensD, -1);
  });
});

describe('confusionByGroup', () => {
  it('counts calls per tumor', () => {
    const table = confusionByGroup([1, -1, 2, -2], [1, 1, 0, 0], ['a', 'a', 'b', 'b']);
    assert.deepEqual(table.get('a'), {
      truePositives: 1,
      falsePositives: 0,
      trueNegatives: 0,
      falseNegatives: 1,
    });
    assert.deepEqual(table.get('b'), {
      truePositives: 0,
      falsePositives: 1,
      trueNegatives: 1,
      falseNegatives: 0,
    });
  });
});

describe('correlation', () => {
  it('of a straight line is 1, of a rising curve 1 by ranks, of a constant not a number', () => {
    assert.ok(Math.abs(pearson([1, 2, 3], [2, 4, 6]) - 1) < 1e-15);
    assert.equal(spearman([1, 2, 3, 4], [1, 8, 27, 64]), 1);
    assert.ok(Number.isNaN(pearson([1, 2], [3, 3])));
  });
});

describe('quantile', () => {
  it('interpolates as NumPy does', () => {
    assert.equal(quantile([1, 2, 3, 4], 0.25), 1.75);
    assert.equal(median([4, 1, 3, 2]), 2.5);
  });
});

describe('normal and Student distributions', () => {
  it('have SciPy’s quantiles (1e-10), and the distribution functions invert them', () => {
    const p = [1e-6, 0.025, 0.5, 0.9, 0.975, 0.999999];
    assertClose(p.map(normalQuantile), reference.normalQuantile, 1e-10);
    assertClose(
      p.map((value) => normalCdf(normalQuantile(value))),
      p,
      1e-12,
    );
    const freedoms = [1, 2.5, 10, 200];
    assertClose(
      freedoms.map((f) => studentQuantile(0.975, f)),
      reference.studentQuantile,
      1e-10,
    );
    assert.ok(Math.abs(studentCdf(-2, 3) + studentCdf(2, 3) - 1) < 1e-14);
  });
});
