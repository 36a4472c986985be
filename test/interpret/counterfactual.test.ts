import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scoreCells } from '../../src/classify/classifier';
import { fitClassifier } from '../../src/classify/fit-classifier';
import { fitCellRange } from '../../src/interpret/cell-range';
import { counterfactual } from '../../src/interpret/counterfactual';
import { seededRandom } from '../../src/util/random';

const random = seededRandom(4);
const [n, d] = [400, 5];
const labels = Array.from({ length: n }, (_, i) => i % 2 === 0);
const latents = new Float32Array(n * d);
for (let i = 0; i < n; i++) {
  const common = random.normal();
  for (let j = 0; j < d; j++)
    latents[i * d + j] = random.normal() + common * (j < 3 ? 1 : 0) + (labels[i] && j === 1 ? 1.5 : 0);
}
const classifier = fitClassifier(latents, n, d, labels);
const range = fitCellRange(latents, n, d);
const cell = (i: number) => latents.subarray(i * d, (i + 1) * d);

describe('a counterfactual', () => {
  it('lies just beyond the decision line, on the other side', () => {
    for (let i = 0; i < 50; i++) {
      const { scoreBefore, scoreAfter, code } = counterfactual(Float32Array.from(cell(i)), classifier);
      assert.ok(scoreBefore * scoreAfter < 0, `${scoreBefore} → ${scoreAfter}`);
      assert.ok(Math.abs(scoreAfter) < 0.1 * classifier.scoreSd);
      assert.ok(Math.abs(scoreCells(classifier, code, 1)[0] - scoreAfter) < 1e-5);
    }
  });

  it('is nearer, as the cells themselves measure distance, than a way along the weights', () => {
    const code = Float32Array.from(cell(0));
    const { code: there, scoreAfter, scoreBefore } = counterfactual(code, classifier);
    const mean = Float32Array.from({ length: d }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += latents[i * d + j] / n;
      return sum;
    });
    // distances of differences: put them at the cells' mean
    const length = (to: Float32Array) => range.distance(to.map((value, j) => value - code[j] + mean[j]));
    const raw = classifier.weights.map((weight, j) => weight / classifier.scale[j]);
    const squared = raw.reduce((sum, weight) => sum + weight * weight, 0);
    const along = code.map((value, j) => value + ((scoreAfter - scoreBefore) * raw[j]) / squared);
    assert.ok(length(there) < length(along));
  });

  it('says whether it is still like real cells', () => {
    assert.equal(counterfactual(Float32Array.from(cell(2)), classifier).withinRange, null);
    const inside = Array.from({ length: n }, (_, i) => range.distance(cell(i)) <= range.limit).filter(
      Boolean,
    ).length;
    assert.ok(Math.abs(inside / n - 0.99) < 0.006);
    const far = Float32Array.from(cell(2), (value) => value + 40);
    assert.equal(counterfactual(far, classifier, range).withinRange, false);
  });
});
