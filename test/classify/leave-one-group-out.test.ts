import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseClassifier, scoreCells } from '../../src/classify/classifier';
import { fitClassifier } from '../../src/classify/fit-classifier';
import { classifyByGroup } from '../../src/classify/leave-one-group-out';
import { takeRows } from '../../src/stats/matrix';
import { DataError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';
import { plantTumors } from '../helpers/tumors';

describe('classifyByGroup', () => {
  it('finds a planted effect in tumors it never saw, and says what the smallest p is', async () => {
    const study = plantTumors();
    const result = await classifyByGroup({ ...study, permutations: 1000, random: seededRandom(1) });
    assert.ok(result.auc.value > 0.8 && result.auc.value < 0.9); // planted: Φ(1.5 / √2) = 0.856
    assert.ok(result.auc.ci95[0] < 0.856 && result.auc.ci95[1] > 0.8);
    assert.equal(result.perGroup.length, 7);
    assert.ok(result.perGroup.every((group) => group.calledRight));
    assert.equal(result.permutation?.exact, true);
    assert.equal(result.permutation?.labelings, 35);
    assert.equal(result.permutation?.p, 1 / 35);
    assert.equal(result.permutation?.smallestP, 1 / 35);
    assert.deepEqual(result.warnings, []);
  });

  it('stores a classifier that scores the same after a trip through JSON', async () => {
    const study = plantTumors();
    for (const method of ['lda', 'logistic'] as const) {
      const { classifier } = await classifyByGroup({ ...study, method });
      const read = parseClassifier(JSON.parse(JSON.stringify(classifier)), 'classifier.json');
      const scores = scoreCells(read, study.latents, study.n);
      assert.deepEqual(scores, scoreCells(classifier, study.latents, study.n));
      const mean = scores.reduce((sum, value) => sum + value, 0) / study.n;
      assert.ok(Math.abs(mean - classifier.scoreMean) < 1e-9);
      // a cell moved along the pattern rises by one standard deviation of score
      const moved = study.latents.slice(0, study.d).map((value, j) => value + classifier.pattern[j]);
      const [after] = scoreCells(classifier, moved, 1);
      assert.ok(Math.abs(after - scores[0] - classifier.scoreSd) < 1e-9);
    }
  });

  it('scores a group exactly as a classifier fitted on the other groups’ cells does, whatever the options', async () => {
    const study = plantTumors({ tumorSpread: 0.5 });
    const { n, d, latents } = study;
    const others = [...study.groups.keys()].filter((i) => study.groups[i] !== 'm1');
    for (const options of [
      {},
      { priors: 'empirical' },
      { solver: 'lsqr', shrinkage: 'auto' },
      { solver: 'eigen', shrinkage: 0.2, standardise: false },
      { method: 'logistic', penalty: 3 },
    ] as const) {
      const { scores } = await classifyByGroup({ ...study, ...options });
      const labels = others.map((i) => study.labels[i]);
      const apart = fitClassifier(takeRows(latents, d, others), others.length, d, labels, options);
      const direct = scoreCells(apart, latents, n);
      for (let i = 60; i < 120; i++) assert.ok(Math.abs(scores[i] - direct[i]) < 1e-8);
    }
  });

  it('warns when cells of one day are in training and in test, and when cells are duplicated', async () => {
    const study = plantTumors();
    const days = study.groups.map((_, i) => `day${i % 4}`);
    const leaky = await classifyByGroup({ ...study, units: { day: days } });
    assert.match(leaky.warnings[0], /4 of 4 values of day/);
    study.latents.copyWithin(0, 6 * 60 * study.d, 6 * 60 * study.d + study.d);
    const repeated = await classifyByGroup(study);
    assert.match(repeated.warnings[0], /1 cell has the same descriptor/);
  });

  it('leaves out days with tumors: their cells train nothing, and the leak is gone', async () => {
    const study = plantTumors({ effect: 0, cells: 90 });
    const random = seededRandom(5);
    const days = study.groups.map((_, i) => `day${i % 3}`);
    // on each day another feature happens to differ between high and low tumors
    for (let i = 0; i < study.n; i++) {
      study.latents[i * study.d + 1 + (i % 3)] += study.labels[i] ? 2 : -2;
    }
    const tumors = await classifyByGroup({ ...study, units: { day: days } });
    assert.match(tumors.warnings[0], /3 of 3 values of day/);
    const both = await classifyByGroup({
      ...study,
      alsoLeaveOut: { day: days },
      units: { day: days, tumor: study.groups },
      permutations: 40,
      random,
    });
    assert.ok(!both.warnings.some((line) => line.startsWith('leak')));
    assert.equal(both.perGroup.length, 7);
    assert.equal(both.permutation?.labelings, 35);
    assert.ok(tumors.auc.value > 0.8 && both.auc.value < 0.6, `${tumors.auc.value} and ${both.auc.value}`);
    const oneDay = study.groups.map(() => 'day0');
    await assert.rejects(
      classifyByGroup({ ...study, alsoLeaveOut: { day: oneDay } }),
      /leave out fewer units/,
    );
  });

  it('names what is missing: a class, a second group, a second group of a class', async () => {
    const study = plantTumors();
    const rejects = (change: object, message: RegExp) =>
      assert.rejects(classifyByGroup({ ...study, ...change }), (error: Error) => {
        assert.ok(error instanceof DataError);
        assert.match(error.message, message);
        return true;
      });
    await rejects({ labels: study.labels.map(() => true) }, /none is "negative"/);
    await rejects({ groups: study.groups.map(() => 'm0') }, /only "m0"/);
    await rejects({ labels: study.groups.map((g) => g === 'm3') }, /all "positive" cells are in group "m3"/);
    study.latents[8] = Number.NaN;
    await rejects({}, /cell 2 has NaN in feature 3/);
  });
});
