import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Autoencoder, buildAutoencoder } from '../../src/autoencoder/autoencoder';
import { classifyByGroup } from '../../src/classify/leave-one-group-out';
import { loadBackend } from '../../src/compute';
import { decodedAuc } from '../../src/interpret/decoded-auc';
import { ShapeError } from '../../src/util/errors';
import { silentProgress } from '../../src/util/progress';
import { seededRandom } from '../../src/util/random';

describe('the AUC of decoded cells', () => {
  const random = seededRandom(6);
  const [n, d] = [700, 4];
  const groups = Array.from({ length: n }, (_, i) => `tumor ${i % 7}`);
  const labels = Array.from({ length: n }, (_, i) => i % 7 < 3);
  // the first feature tells the classes, the others nothing
  const latents = Float32Array.from({ length: n * d }, (_, at) => {
    const shift = at % d === 0 && labels[Math.floor(at / d)] ? 1.5 : 0;
    return shift + random.normal();
  });
  const study = { latents, n, d, labels, groups, progress: silentProgress };
  let model: Autoencoder;
  before(async () => {
    await loadBackend();
    model = buildAutoencoder(
      { imageSize: 16, channels: [2, 2], latentDims: d, adversaryWidths: [2, 2, 2] },
      seededRandom(1),
    );
  });
  after(() => model.dispose());

  /** A decoder that draws some features into pixels, and an encoder that reads them back. */
  function drawing(features: readonly number[]): void {
    model.decode = (codes) => {
      const images = new Float32Array((codes.length / d) * 256);
      for (let i = 0; i < codes.length / d; i++)
        for (const j of features) images[i * 256 + j] = codes[i * d + j];
      return images;
    };
    model.encode = (images) =>
      Float32Array.from({ length: (images.length / 256) * d }, (_, at) => {
        return images[Math.floor(at / d) * 256 + (at % d)];
      });
  }

  it('is that of the cells where the decoder draws everything: the same scores, nothing lost', async () => {
    drawing([0, 1, 2, 3]);
    const judged = await classifyByGroup(study);
    const result = await decodedAuc(model, { ...study, judged, random });
    result.decodedScores.forEach((score, i) => {
      assert.ok(Math.abs(score - judged.scores[i]) < 1e-9, 'scored by the classifier that judged the cell');
    });
    assert.equal(result.auc.value, judged.auc.value);
    assert.ok(result.auc.value > 0.8);
    assert.ok(Math.abs(result.lost.value) < 1e-12 && Math.abs(result.kept - 1) < 1e-12);
    assert.ok(result.scoreRho > 0.999999);
    assert.match(result.verdict, /the decoder shows what the classifier sees/);
  });

  it('falls to chance where the decoder cannot draw the feature, and says that pictures mean nothing', async () => {
    drawing([1, 2, 3]);
    const judged = await classifyByGroup(study);
    const { decodedAuc: left, lost, kept, verdict } = await decodedAuc(model, { ...study, judged, random });
    assert.ok(left.value < 0.6 && kept < 0.3, `${left.value}`);
    assert.ok(lost.ci95[0] > 0.1 && lost.ci95[0] < lost.value && lost.value < lost.ci95[1]);
    assert.match(verdict, /drops most of what the classifier sees/);
  });

  it('needs descriptors of the model', async () => {
    const judged = await classifyByGroup(study);
    await assert.rejects(
      decodedAuc(model, {
        ...study,
        d: 2,
        n: 1400,
        labels: [...labels, ...labels],
        groups: [...groups, ...groups],
        judged: { ...judged, scores: new Float64Array(1400) },
        random,
      }),
      ShapeError,
    );
  });
});
