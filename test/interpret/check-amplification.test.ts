import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Autoencoder, buildAutoencoder } from '../../src/autoencoder/autoencoder';
import type { Classifier } from '../../src/classify/classifier';
import { fitClassifier } from '../../src/classify/fit-classifier';
import { loadBackend } from '../../src/compute';
import { checkAmplification } from '../../src/interpret/check-amplification';
import { measureImages } from '../../src/interpret/hallmarks-against-shift';
import { nuisanceAgainstShift } from '../../src/interpret/nuisance-against-shift';
import { ShapeError } from '../../src/util/errors';
import { silentProgress } from '../../src/util/progress';
import { seededRandom } from '../../src/util/random';

/** What a code says, in standard deviations; the last two do not change with a shift. */
const names = ['arm', 'glow', 'radius', 'lamp', 'direction', 'vanishes'] as const;
const d = names.length;
const cells = 12;

/** A body with a bright rim and one arm, as the code says. */
function draw(code: ArrayLike<number>): Float32Array {
  const [arm, glow, radius, lamp, direction, vanishes] = Array.from(code);
  const body = 9 + 0.5 * radius;
  const reach = body + 7 + 2 * arm * direction;
  const ground = 0.1 + 0.01 * lamp;
  const empty = vanishes > 0 && arm > 1;
  return Float32Array.from({ length: 64 * 64 }, (_, i) => {
    const [x, y] = [(i % 64) - 26, Math.floor(i / 64) - 32];
    // a little longer than wide by cell, so that elongation varies between cells
    const r = Math.hypot(x, y * (1 + 0.02 * Math.round(3 * lamp)));
    const grain = 0.002 * ((i * 7919) % 5);
    if (empty) return ground + grain;
    if (r <= body) return ground + (r > body - 2 ? 0.6 : 0.2 + 0.03 * glow);
    return Math.abs(y) <= 2.5 && x > 0 && x < reach ? ground + 0.6 : ground + grain;
  });
}

/** Reads arm and glow from a picture, as the true encoder would. */
function read(image: Float32Array): number[] {
  const ground = image[0];
  const row = image.subarray(32 * 64, 33 * 64);
  const end = Array.from(row, (value) => value - ground > 0.3).lastIndexOf(true);
  return [(end - 26 - 16) / 2, (row[26] - ground - 0.2) / 0.03, 0, 0, 0, 0];
}

describe('checkAmplification', () => {
  const random = seededRandom(4);
  const latents = Float32Array.from({ length: cells * d }, (_, at) => {
    const feature = names[at % d];
    if (feature === 'direction') return 1;
    return feature === 'vanishes' ? 0 : random.normal();
  });
  /** The same cells with one feature set by cell. */
  const having = (feature: (typeof names)[number], value: (cell: number) => number) =>
    latents.map((old, at) => (names[at % d] === feature ? value(Math.floor(at / d)) : old));
  const many = Float32Array.from({ length: 400 * d }, () => random.normal());
  const fitted = fitClassifier(
    many,
    400,
    d,
    Array.from({ length: 400 }, (_, i) => many[i * d] + many[i * d + 1] > 0),
  );
  /** A classifier that shifts what is named. */
  const along = (shift: Partial<Record<(typeof names)[number], number>>): Classifier => ({
    ...fitted,
    pattern: names.map((name) => shift[name] ?? 0),
  });
  const hallmarks = along({ arm: 1, glow: 1 });
  const quiet = { progress: silentProgress };
  let model: Autoencoder;
  before(async () => {
    await loadBackend();
    model = buildAutoencoder(
      { imageSize: 64, channels: [2, 2, 2, 2], latentDims: d, adversaryWidths: [2, 2, 2] },
      seededRandom(1),
    );
    // its networks give way to a decoder that draws what the code says and an encoder that reads it
    model.decode = (codes) => {
      const images = new Float32Array((codes.length / d) * 4096);
      for (let i = 0; i < codes.length / d; i++)
        images.set(draw(codes.subarray(i * d, (i + 1) * d)), i * 4096);
      return images;
    };
    model.encode = (images) =>
      Float32Array.from(
        Array.from({ length: images.length / 4096 }, (_, i) =>
          read(images.subarray(i * 4096, (i + 1) * 4096)),
        ).flat(),
      );
  });
  after(() => model.dispose());

  it('measures the reconstruction at shift 0, exactly', async () => {
    const { measured } = await checkAmplification(model, latents, hallmarks, {
      shifts: [-1, 0, 1],
      ...quiet,
    });
    const own = await measureImages(model.decode(latents), 64);
    assert.deepEqual(
      measured.filter((_, i) => i % 3 === 1),
      own,
    );
  });

  it('finds hallmarks that rise in every cell, a score that follows, and nuisance that stays', async () => {
    const { changes, nuisance, scoreRho } = await checkAmplification(model, latents, hallmarks, quiet);
    for (const name of ['pseudopod_extension', 'light_scattering']) {
      const change = changes.find(({ hallmark }) => hallmark === name)!;
      assert.deepEqual([change.cells, change.risingShare], [cells, 1], name);
      assert.ok(change.changeInSd > 2, name);
    }
    assert.equal(scoreRho, 1);
    for (const { measure, verdict, share } of nuisance) assert.equal(verdict, 'still', `${measure} ${share}`);
  });

  it('finds a hallmark that rises in half of the cells', async () => {
    const halves = having('direction', (cell) => (cell % 2 === 0 ? 1 : -1));
    const { changes } = await checkAmplification(model, halves, hallmarks, quiet);
    const share = (name: string) => changes.find(({ hallmark }) => hallmark === name)?.risingShare;
    assert.equal(share('pseudopod_extension'), 0.5);
    assert.equal(share('light_scattering'), 1);
  });

  for (const [feature, measure] of [
    ['radius', 'body_area'],
    ['lamp', 'background'],
  ] as const) {
    it(`names nuisance that moves: ${feature}`, async () => {
      const both = along({ arm: 1, glow: 1, [feature]: 0.8 });
      const { nuisance } = await checkAmplification(model, latents, both, {
        groups: Array.from({ length: cells }, (_, cell) => `tumor ${cell % 4}`),
        ...quiet,
      });
      const change = nuisance.find((row) => row.measure === measure)!;
      assert.ok(change.verdict === 'moves' && change.share > 0.4, `${change.share} ${change.interval}`);
      assert.ok(change.interval[0] < change.share && change.share < change.interval[1]);
      // the code's own standard deviation among these cells, times the range of the shifts
      const at = names.indexOf(feature);
      const own = Array.from({ length: cells }, (_, cell) => latents[cell * d + at]);
      const mean = own.reduce((sum, value) => sum + value, 0) / cells;
      const sd = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (cells - 1));
      assert.ok(
        Math.abs(change.changeInSd / ((0.8 * 6) / sd) - 1) < 0.15,
        `${change.changeInSd} ${4.8 / sd}`,
      );
    });
  }

  it('leaves cells out that cannot be measured at every shift', async () => {
    const gone = having('vanishes', (cell) => (cell < 3 ? 1 : 0));
    const { changes, nuisance } = await checkAmplification(model, gone, hallmarks, quiet);
    for (const { cells: counted, hallmark } of changes) assert.equal(counted, cells - 3, hallmark);
    for (const { cells: counted, share } of nuisance) {
      assert.equal(counted, cells - 3);
      assert.ok(Number.isFinite(share));
    }
    const none = await checkAmplification(
      model,
      having('vanishes', () => 1),
      hallmarks,
      quiet,
    );
    assert.deepEqual(
      none.changes.map(({ cells: counted, p }) => [counted, p]),
      none.changes.map(() => [0, 1]),
    );
  });

  it('of one cell or one group gives no interval, and of groups needs one for each cell', async () => {
    const { measured } = await checkAmplification(model, latents, hallmarks, {
      shifts: [-1, 0, 1],
      ...quiet,
    });
    const [{ interval, verdict }] = nuisanceAgainstShift(measured, [-1, 0, 1], {
      groups: Array(cells).fill('one'),
    });
    assert.deepEqual([interval, verdict], [[-Infinity, Infinity], 'unclear']);
    assert.throws(() => nuisanceAgainstShift(measured, [-1, 0, 1], { groups: ['a'] }), ShapeError);
  });
});
