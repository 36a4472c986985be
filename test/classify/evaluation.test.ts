import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { averageTracks } from '../../src/classify/average-tracks';
import { cellsNeeded } from '../../src/classify/cells-needed';
import { parseClassifier } from '../../src/classify/classifier';
import { fitClassifier } from '../../src/classify/fit-classifier';
import { classifyByGroup } from '../../src/classify/leave-one-group-out';
import { leavePairOut } from '../../src/classify/leave-pair-out';
import { networkByGroup } from '../../src/classify/network-by-group';
import { oneAgainstAll, pairwiseAuc } from '../../src/classify/pairwise-auc';
import { transferClassifier } from '../../src/classify/transfer';
import { DataError, ShapeError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';
import { assertClose, readReference, type ScikitLearn } from '../helpers/reference';
import { plantTumors } from '../helpers/tumors';

describe('classifyByGroup against other software and traps', () => {
  it('equals scikit-learn’s leave-one-group-out with a standardised LDA of equal priors (1e-8, AUC 1e-12)', async () => {
    const { x, n, d, labels2, groups, logo, logoAuc } = readReference<ScikitLearn>('scikit-learn.json');
    const latents = Float64Array.from(x);
    const result = await classifyByGroup({ latents, n, d, labels: labels2, groups });
    assertClose(result.scores, logo, 1e-8);
    assert.ok(Math.abs(result.auc.value - logoAuc) < 1e-12);
  });

  it('with empirical priors pools to a lower AUC, and says so', async () => {
    const study = plantTumors({ effect: 0.8, tumorSpread: 0.3, seed: 4 });
    const equal = await classifyByGroup(study);
    const empirical = await classifyByGroup({ ...study, priors: 'empirical' });
    assert.ok(empirical.auc.value < equal.auc.value - 0.02);
    assert.match(empirical.warnings.join(), /empirical priors shift/);
  });

  it('without any effect has a null distribution below 0.5, a uniform p, and a warning not to invert', async () => {
    const p: number[] = [];
    let below = 0;
    for (let seed = 0; seed < 40; seed++) {
      const study = plantTumors({ cells: 20, effect: 0, tumorSpread: 0.5, seed: 100 + seed });
      const random = seededRandom(seed);
      const { permutation, auc, warnings } = await classifyByGroup({ ...study, permutations: 1000, random });
      p.push(permutation!.p);
      if (auc.value < 0.5) {
        below++;
        assert.match(warnings.join(), /no reason to invert/);
      }
    }
    assert.ok(below > 20, `${below} of 40 below 0.5`);
    p.sort((a, b) => a - b);
    const gap = Math.max(...p.map((value, i) => Math.abs((i + 1) / p.length - value)));
    assert.ok(gap < 1.63 / Math.sqrt(40) + 1 / 35, `largest gap ${gap}`);
  });

  it('covers a planted AUC of 0.76 in 92 to 98 % of 300 repeats where tumors of a class are alike', async () => {
    let covered = 0;
    let coveredByCells = 0;
    for (let seed = 0; seed < 300; seed++) {
      const study = plantTumors({ effect: 1, seed: 1000 + seed });
      const { ci95, delong95 } = (await classifyByGroup(study)).auc;
      const planted = 0.7602; // Φ(1 / √2)
      if (ci95[0] <= planted && planted <= ci95[1]) covered++;
      if (delong95[0] <= planted && planted <= delong95[1]) coveredByCells++;
    }
    assert.ok(covered >= 276 && covered <= 294, `covered ${covered} of 300`);
    assert.ok(coveredByCells < covered, `${coveredByCells} by DeLong’s`);
  });

  it('scores a leaky split higher than the honest one and warns', async () => {
    // days differ, and each day holds cells of one tumor: cells dealt out at random leak the day
    const study = plantTumors({ effect: 0, tumorSpread: 1, seed: 8 });
    const honest = await classifyByGroup(study);
    const dealt = study.groups.map((_, i) => i % 5);
    const leaky = await classifyByGroup({ ...study, groups: dealt, units: { tumor: study.groups } });
    assert.ok(leaky.auc.value > honest.auc.value + 0.1, `${leaky.auc.value} against ${honest.auc.value}`);
    assert.match(leaky.warnings[0], /^leak: 7 of 7 values of tumor/);
    assert.deepEqual(
      honest.warnings.filter((line) => line.startsWith('leak')),
      [],
    );
  });

  it('does without constant features and with fewer cells than features', async () => {
    const study = plantTumors({ cells: 6 });
    const wide = new Float64Array(study.n * 60);
    const random = seededRandom(2);
    for (let i = 0; i < study.n; i++) {
      for (let j = 0; j < 60; j++) wide[i * 60 + j] = j === 59 ? 7 : random.normal();
      wide[i * 60] = 3 * study.latents[i * study.d];
    }
    const result = await classifyByGroup({ ...study, latents: wide, d: 60 });
    assert.ok(result.scores.every(Number.isFinite));
    assert.equal(result.classifier.featureSd[59], 0);
  });
});

describe('leavePairOut', () => {
  it('has no offset between folds: priors do not change it', async () => {
    const study = plantTumors({ effect: 0.8, seed: 4 });
    const equal = await leavePairOut(study);
    const empirical = await leavePairOut({ ...study, priors: 'empirical' });
    assert.equal(equal.pairs.length, 12);
    assert.ok(Math.abs(equal.auc - empirical.auc) < 1e-9);
    assert.ok(equal.auc > 0.6 && equal.pairsRight >= 10);
    await assert.rejects(leavePairOut({ ...study, groups: study.groups.map((_, i) => i % 5) }), DataError);
  });
});

describe('pairwiseAuc', () => {
  it('tells types apart that differ, and says why where it cannot measure', async () => {
    const { latents, n, d, groups } = plantTumors({ effect: 2 });
    const days = groups.map((name, i) => (name === 'm6' ? 'day9' : `day${i % 3}`));
    const results = await pairwiseAuc({ latents, n, d, types: groups, groups: days });
    assert.equal(results.length, 21);
    const find = (a: string, b: string) => results.find((r) => r.type === a && r.against === b)!;
    assert.ok(find('m0', 'm3').auc!.auc > 0.85); // planted: Φ(2 / √2) = 0.92
    assert.ok(Math.abs(find('m3', 'm4').auc!.auc - 0.5) < 0.15);
    assert.equal(find('m0', 'm6').auc, null);
    assert.match(find('m0', 'm6').why!, /all "m6" cells are in group "day9"/);
    const against = await oneAgainstAll({
      latents,
      n,
      d,
      types: groups.map((g) => (g < 'm3' ? 'high' : 'low')),
      groups: days,
    });
    assert.deepEqual(
      against.map(({ type }) => type),
      ['high', 'low'],
    );
    assert.ok(against[0].auc!.auc > 0.85);
  });
});

describe('averageTracks', () => {
  it('averages time points of a track, or stretches of it', () => {
    const latents = Float64Array.from([1, 2, 3, 10, 20]);
    const tracks = ['a', 'a', 'a', 'b', 'b'];
    const whole = averageTracks(latents, 5, 1, tracks);
    assert.deepEqual([...whole.latents], [2, 15]);
    assert.deepEqual([...whole.rows], [0, 3]);
    assert.deepEqual([...averageTracks(latents, 5, 1, tracks, 2).latents], [1.5, 3, 15]);
  });
});

describe('cellsNeeded', () => {
  it('rises to certainty, and needs more cells the closer a tumor lies to the border', async () => {
    const random = seededRandom(6);
    const groups: string[] = [];
    const scores: number[] = [];
    for (const [name, mean] of [
      ['clear', 2],
      ['close', 0.5],
      ['low', -2],
    ] as const) {
      for (let i = 0; i < 500; i++) {
        groups.push(name);
        scores.push(mean + random.normal());
      }
    }
    const labels = groups.map((name) => name !== 'low');
    const result = await cellsNeeded({ scores, labels, groups, random, resamples: 500 });
    const accuracies = result.rows.map(({ accuracy }) => accuracy);
    assert.ok(accuracies[0] < 0.92 && accuracies[accuracies.length - 1] > 0.99);
    const needed = Object.fromEntries(result.perGroup.map((group) => [group.group, group.needed]));
    assert.ok(needed.clear! <= 2 && needed.close! >= 7 && needed.close! <= 20); // (1.64 / 0.5)² = 11 cells
    assert.equal(result.needed, needed.close);
  });
});

describe('transferClassifier', () => {
  it('ranks cell lines by mean score with intervals for score and rank', async () => {
    const study = plantTumors({ effect: 2 });
    const classifier = fitClassifier(study.latents, study.n, study.d, study.labels);
    const fresh = plantTumors({ effect: 2, seed: 9, cells: 40 });
    const random = seededRandom(1);
    const { groups, scores } = await transferClassifier({ ...fresh, classifier, random, resamples: 200 });
    assert.equal(scores.length, fresh.n);
    assert.deepEqual(
      groups.map(({ rank }) => rank),
      [1, 2, 3, 4, 5, 6, 7],
    );
    assert.deepEqual(
      groups
        .slice(0, 3)
        .map(({ group }) => group)
        .sort(),
      ['m0', 'm1', 'm2'],
    );
    for (const { meanScore, scoreInterval, rank, rankInterval } of groups) {
      assert.ok(scoreInterval[0] < meanScore && meanScore < scoreInterval[1]);
      assert.ok(rankInterval[0] <= rank && rank <= rankInterval[1]);
    }
    const narrow = fresh.latents.subarray(0, 10 * 5);
    await assert.rejects(
      transferClassifier({
        ...fresh,
        latents: narrow,
        n: 10,
        groups: fresh.groups.slice(0, 10),
        classifier,
        random,
      }),
      ShapeError,
    );
  });

  it('refuses a file that is no classifier', () => {
    assert.throws(() => parseClassifier({ weights: [1] }, 'x.json'), /x\.json is not a classifier/);
  });
});

describe('networkByGroup', () => {
  it('finds a difference in spread, to which LDA is blind', async () => {
    const study = plantTumors({ effect: 0, cells: 80, seed: 12 });
    for (let i = 0; i < study.n; i++) if (study.labels[i]) study.latents[i * study.d] *= 4;
    const linear = await classifyByGroup(study);
    const network = await networkByGroup({
      ...study,
      random: seededRandom(1),
      hidden: 16,
      epochs: 60,
      learningRate: 0.01,
    });
    assert.ok(linear.auc.value < 0.6);
    assert.ok(network.auc.value > 0.7, `network ${network.auc.value}`);
  });
});
