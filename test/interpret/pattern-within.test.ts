import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rawWeights } from '../../src/classify/classifier';
import { fitClassifier } from '../../src/classify/fit-classifier';
import { patternWithin } from '../../src/interpret/pattern-within';
import { DataError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';

describe('patternWithin', () => {
  // feature 1: the hallmark; feature 2: the day's lamp, on days that show more of one class
  const random = seededRandom(3);
  const n = 2000;
  const labels = Array.from({ length: n }, (_, i) => i % 2 === 0);
  const days = labels.map((high) => (random.uniform() < (high ? 0.8 : 0.2) ? 'day b' : 'day a'));
  const latents = Float64Array.from({ length: 2 * n }, (_, at) => {
    const i = at >> 1;
    return at % 2 === 0
      ? (labels[i] ? 0.5 : -0.5) + random.normal()
      : (days[i] === 'day b' ? 3 : -3) + random.normal();
  });
  const classifier = fitClassifier(latents, n, 2, labels);

  it('takes out of the pattern what differs between days', () => {
    const [hallmark, lamp] = classifier.pattern;
    assert.ok(Math.abs(lamp) > 2 * Math.abs(hallmark), 'over all cells the lamp comes with the score');
    const within = patternWithin(classifier, latents, n, days).pattern;
    assert.ok(Math.abs(within[1]) < Math.abs(within[0]), `${within}`);
  });

  it('raises the score by one standard deviation per shift, as the pattern over all cells does', () => {
    const { weights } = rawWeights(classifier);
    const within = patternWithin(classifier, latents, n, days).pattern;
    const raised = within.reduce((sum, step, j) => sum + step * weights[j], 0);
    assert.ok(Math.abs(raised / classifier.scoreSd - 1) < 1e-12);
  });

  it('of a single batch is the pattern over all cells', () => {
    const within = patternWithin(classifier, latents, n, Array(n).fill('one')).pattern;
    within.forEach((step, j) => {
      assert.ok(Math.abs(step - classifier.pattern[j]) < 1e-9);
    });
  });

  it('needs batches of several cells', () => {
    assert.throws(() => patternWithin(classifier, latents, n, [...labels.keys()]), DataError);
  });
});
