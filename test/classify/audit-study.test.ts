import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditStudy } from '../../src/classify/audit-study';
import { linearProbe } from '../../src/classify/linear-probe';
import { DataError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';

/**
 * Seven tumors whose label goes with two factors, and descriptors made of them: `blur` is noise on the factors (what an encoder loses),
 * `fingerprint` shifts four further features by tumor (what makes random splits look well), `bend` hides the length's sign,
 * so that no linear probe reads it.
 */
function study({ cells = 150, blur = 0, fingerprint = 0, bend = false, seed = 1 } = {}) {
  const random = seededRandom(seed);
  const n = 7 * cells;
  const d = 8;
  const latents = new Float64Array(n * d);
  const [length, speckle, size] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const labels: boolean[] = [];
  const groups: string[] = [];
  for (let t = 0; t < 7; t++) {
    const mark = Array.from({ length: 4 }, () => fingerprint * random.normal());
    for (let c = 0; c < cells; c++) {
      const i = t * cells + c;
      const high = t < 3;
      length[i] = random.normal() + (high ? 1.2 : 0);
      speckle[i] = random.normal() + (high ? 1 : 0);
      size[i] = random.normal();
      const seen = [length[i], speckle[i]].map((value) => value + blur * random.normal());
      const sign = random.uniform() < 0.5 ? -1 : 1;
      const row = bend ? [sign * seen[0], seen[1], size[i], sign] : [...seen, size[i], random.normal()];
      latents.set([...row, ...mark.map((shift) => shift + random.normal())], i * d);
      labels.push(high);
      groups.push(`m${t}`);
    }
  }
  return {
    latents,
    n,
    d,
    labels,
    groups,
    factors: { length, speckle },
    others: { size },
    random: seededRandom(2),
  };
}

describe('auditStudy', () => {
  it('finds nothing lost where the descriptor holds the factors', async () => {
    const audit = await auditStudy(study());
    assert.ok(Math.abs(audit.trueFactors.leftOut - 0.865) < 0.03); // Φ(√(1.2² + 1) / √2)
    assert.ok(audit.loss.total < 0.02 && Math.abs(audit.loss.encoder) < 0.01);
    assert.ok(audit.probes.length.leftOut > 0.99 && audit.probes.size.randomSplit > 0.99);
    assert.equal(audit.probes.size.label, false);
    assert.match(audit.sentences.join(' '), /hardly anything is lost there/);
  });

  it('puts the loss on an encoder that blurs the factors, with its R²', async () => {
    const audit = await auditStudy({ ...study({ blur: 1.5 }), network: false });
    assert.equal(audit.network, null);
    assert.ok(audit.loss.encoder > 0.08 && audit.loss.encoder > 4 * Math.abs(audit.loss.classifier));
    assert.ok(Math.abs(audit.loss.encoder + audit.loss.classifier - audit.loss.total) < 1e-12);
    // signal 1 (and the shift between tumors) against noise 1.5²
    assert.ok(audit.probes.length.randomSplit > 0.2 && audit.probes.length.randomSplit < 0.5);
    assert.match(audit.sentences[1], /^Encoder: .* is lost there; .* is read worst/);
  });

  it('says how much of a random split is knowledge of the tumors', async () => {
    const audit = await auditStudy({ ...study({ blur: 1.5, fingerprint: 2 }), network: false });
    assert.ok(audit.lda.randomSplit > audit.lda.leftOut + 0.1);
    assert.ok(audit.loss.split > 0.1);
    assert.match(audit.sentences[3], /is knowledge of the very tumors/);
  });

  it('shows when the score need not be linear: a network does better than LDA', async () => {
    const audit = await auditStudy(study({ bend: true, cells: 200 }));
    assert.ok(audit.network!.leftOut > audit.lda.leftOut + 0.03, JSON.stringify(audit));
    assert.ok(audit.loss.bestClassifier < audit.loss.classifier - 0.03);
    assert.ok(audit.probes.length.randomSplit < 0.2);
    assert.ok(audit.readFactors.leftOut < audit.trueFactors.leftOut - 0.05);
  });

  it('names what is missing', async () => {
    await assert.rejects(auditStudy({ ...study({ cells: 5 }), factors: {} }), DataError);
  });
});

describe('linearProbe', () => {
  it('of noise explains nothing, of a copy all, and does without constant features', () => {
    const random = seededRandom(3);
    const n = 300;
    const x = Float64Array.from({ length: n * 3 }, (_, at) => (at % 3 === 2 ? 5 : random.normal()));
    const copy = Float64Array.from({ length: n }, (_, i) => 2 * x[3 * i] - x[3 * i + 1] + 7);
    const noise = Float64Array.from({ length: n }, () => random.normal());
    const folds = Array.from({ length: n }, (_, i) => i % 5);
    const result = linearProbe(x, n, 3, { copy, noise }, folds);
    assert.ok(result.copy.r2 > 0.9999);
    assert.ok(result.noise.r2 < 0.02 && result.noise.r2 > -0.1);
    assert.throws(
      () => linearProbe(x, n, 3, { same: new Float64Array(n) }, folds),
      /same is the same for all cells/,
    );
    assert.throws(() => linearProbe(x, n, 3, { copy }, new Array(n).fill(0)), /at least two groups/);
    copy[4] = Number.NaN;
    assert.throws(() => linearProbe(x, n, 3, { copy }, folds), /copy of cell 5 is NaN/);
  });
});
