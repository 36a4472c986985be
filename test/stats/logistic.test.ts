import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scoreLda } from '../../src/stats/lda';
import { fitLogistic } from '../../src/stats/logistic';
import { momentsOf, scaleOf } from '../../src/stats/moments';
import { DataError } from '../../src/util/errors';
import { assertClose, readReference, type ScikitLearn } from '../helpers/reference';

const reference = readReference<ScikitLearn>('scikit-learn.json');
const { n, d } = reference;
const raw = Float64Array.from(reference.x);
const moments = momentsOf(raw, d);
const scale = scaleOf(moments);
const x = raw.map((value, i) => (value - moments.mean[i % d]) / scale[i % d]);

describe('fitLogistic', () => {
  it('scores as scikit-learn does, with weak and strong penalties, counted and balanced classes (1e-8)', () => {
    for (const { penalty, balanced, scores } of reference.logistic) {
      const classWeight = balanced ? 'balanced' : 'none';
      const fit = fitLogistic(x, n, d, reference.labels2, { penalty, classWeight });
      assertClose(scoreLda(fit, x, n), scores, 1e-8, `penalty ${penalty}`);
    }
  });

  it('says that separable classes need a penalty', () => {
    const line = Float64Array.from([-2, -1, 1, 2]);
    assert.throws(() => fitLogistic(line, 4, 1, [0, 0, 1, 1], { penalty: 0 }), DataError);
    assert.ok(fitLogistic(line, 4, 1, [0, 0, 1, 1]).weights[0] > 0);
  });
});
