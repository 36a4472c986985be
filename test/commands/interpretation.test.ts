import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { buildAutoencoder } from '../../src/autoencoder/autoencoder';
import { saveWeights, writeModelDescription } from '../../src/autoencoder/model-files';
import { amplifyCommand } from '../../src/commands/amplify';
import { classifyCommand } from '../../src/commands/classify';
import { decodeCommand } from '../../src/commands/decode';
import { encodeCommand } from '../../src/commands/encode';
import { explainCommand } from '../../src/commands/explain';
import { exploreCommand } from '../../src/commands/explore';
import { hallmarksCommand } from '../../src/commands/hallmarks';
import { interpolateCommand } from '../../src/commands/interpolate';
import { plasticityCommand } from '../../src/commands/plasticity';
import { simulateCommand } from '../../src/commands/simulate';
import { loadBackend } from '../../src/compute';
import { readTable } from '../../src/data/table-io';
import { seededRandom } from '../../src/util/random';
import { runCommand } from '../helpers/run-command';

const folder = mkdtempSync(join(tmpdir(), 'lch-interpretation-'));
const at = (...parts: string[]) => join(folder, ...parts);
const json = (...parts: string[]) => JSON.parse(readFileSync(at(...parts), 'utf8'));
const pixels = (path: string) => sharp(path).raw().toBuffer();
/** The names of crops in the study, in its own order. */
let crops: string[];

before(async () => {
  await loadBackend();
  const architecture = {
    imageSize: 32,
    channels: [4, 8, 8],
    latentDims: 5,
    adversaryWidths: [4, 4, 4] as const,
  };
  // never trained: what is tested here is which files hold what
  const model = buildAutoencoder(architecture, seededRandom(1));
  await saveWeights(at('run'), model, 1);
  model.dispose();
  writeModelDescription(at('run'), {
    format: 'live-cell-histology/autoencoder',
    architecture,
    data: { source: 'simulated', crops: 120, synthetic: true },
  } as unknown as Parameters<typeof writeModelDescription>[1]);
  await runCommand(simulateCommand, ['--cells', '120', '--size', '32', '--seed', '3', '--out', at('data')]);
  await runCommand(encodeCommand, ['--model', at('run'), '--data', at('data'), '--out', at('z.csv')]);
  crops = Array.from((await readTable(at('z.csv'))).array('path') as ArrayLike<string>);
  const study = ['--latents', at('z.csv'), '--metadata', at('data', 'cells.csv'), '--only', 'category=PDX'];
  await runCommand(classifyCommand, [
    ...study,
    ...['--label', 'metastatic_efficiency', '--positive', 'high', '--group', 'tumor'],
    ...['--resamples', '50', '--permutations', '20', '--out', at('lda')],
  ]);
});
after(() => rmSync(folder, { recursive: true }));

describe('lch amplify', () => {
  const model = ['--model', at('run'), '--latents', at('z.csv'), '--classifier', at('lda')];

  it('writes frames, scores, measures, counterfactuals, pictures and animations', async () => {
    const { value } = await runCommand(amplifyCommand, [
      ...model,
      ...['--metadata', at('data', 'cells.csv'), '--label', 'metastatic_efficiency', '--positive', 'high'],
      ...['--shifts', '-2,0,1.5', '--cells', '3', '--out', at('amplified')],
    ]);
    const frames = readdirSync(at('amplified', 'frames'));
    assert.equal(frames.length, 9);
    for (const shift of ['-2.0', '+0.0', '+1.5'])
      assert.equal(frames.filter((name) => name.endsWith(`_shift${shift}.png`)).length, 3);
    const scores = await readTable(at('amplified', 'scores.csv'));
    assert.equal(scores.numRows(), 9);
    assert.deepEqual(scores.columnNames().slice(0, 4), ['path', 'shift', 'score', 'latent_score']);
    const crossings = (await readTable(at('amplified', 'counterfactuals.csv'))).objects() as {
      score_before: number;
      score_after: number;
    }[];
    assert.equal(crossings.length, 3);
    assert.ok(crossings.every((row) => row.score_before * row.score_after < 0));
    for (const name of ['cells.png', 'differences.png', 'counterfactuals.png', 'score.svg', 'hallmarks.csv'])
      assert.ok(existsSync(at('amplified', name)), name);
    for (const format of ['gif', 'webp']) {
      const film = await sharp(at('amplified', `amplified.${format}`), { animated: true }).metadata();
      assert.equal(film.pages, 4);
    }
    assert.equal(value.direction, 'pattern');
    assert.deepEqual(json('amplified', 'report.json').shifts, [-2, 0, 1.5]);
    const { cells, aucOfDescriptors, aucOfDecoded } = value.decoding!;
    assert.ok(cells > 20 && aucOfDescriptors > 0.5 && aucOfDecoded >= 0 && aucOfDecoded <= 1);
  });

  it('has the reconstruction at shift 0', async () => {
    await runCommand(decodeCommand, ['--model', at('run'), '--latents', at('z.csv'), '--out', at('decoded')]);
    const zero = readdirSync(at('amplified', 'frames')).filter((name) => name.includes('+0.0'));
    for (const name of zero) {
      const decoded = at('decoded', name.replace('_shift+0.0', ''));
      assert.deepEqual(await pixels(at('amplified', 'frames', name)), await pixels(decoded));
    }
  });

  it('warns where a shift leaves the range of real cells', async () => {
    const { log, value } = await runCommand(amplifyCommand, [
      ...model,
      ...['--shifts', '0,40', '--cells', '4', '--feature', '2', '--out', at('far')],
    ]);
    assert.match(log.join('\n'), /warning: at \+40\.0 more than half of the cells leave the range/);
    assert.equal(value.direction, 'feature 2');
    assert.equal(value.outsideRange[1], 1);
    assert.equal(value.decoding, null);
  });

  it('takes the pattern inside days, and says where it should be', async () => {
    // two days that lie apart along the classifier's own weights
    const { weights, scale, mean } = json('lda', 'classifier.json') as Record<string, number[]>;
    const random = seededRandom(2);
    const table = Array.from({ length: 40 }, (_, i) => {
      const far = i % 2 === 0 ? 2 : -2;
      const code = mean.map((value, j) => value + (far * weights[j]) / scale[j] + 0.1 * random.normal());
      return [`${i}.png`, `day ${i % 2}`, ...code].join();
    });
    writeFileSync(at('days.csv'), `path,date,z1,z2,z3,z4,z5\n${table.join('\n')}\n`);
    const days = ['--model', at('run'), '--classifier', at('lda'), '--latents', at('days.csv')];
    const shifts = ['--shifts', '-1,0,1', '--cells', '2'];
    const { value } = await runCommand(amplifyCommand, [
      ...[...days, ...shifts],
      ...['--within', 'date', '--out', at('within')],
    ]);
    assert.equal(value.within, 'date');
    const { log } = await runCommand(amplifyCommand, [...days, ...shifts, '--out', at('over')]);
    assert.match(
      log.join('\n'),
      /% of the score's variance lies between days \(column date\).*--within date/,
    );
    const distances = async (folder: string) =>
      Array.from((await readTable(at(folder, 'scores.csv'))).array('distance') as ArrayLike<number>);
    assert.notDeepEqual(await distances('within'), await distances('over'));
    const nuisance = (await readTable(at('within', 'nuisance.csv'))).objects() as { measure: string }[];
    assert.deepEqual(
      nuisance.map(({ measure }) => measure),
      ['body_area', 'body_elongation', 'focus', 'background'],
    );
    await assert.rejects(
      runCommand(amplifyCommand, [...model, '--within', 'date', '--feature', '1', '--out', at('no')]),
      /--within takes the pattern inside days, --feature shifts one feature/,
    );
  });

  it('needs label and positive value together', async () => {
    await assert.rejects(
      runCommand(amplifyCommand, [...model, '--label', 'tumor', '--out', at('no')]),
      /--label and --positive go together/,
    );
  });
});

describe('lch interpolate', () => {
  for (const path of ['linear', 'spherical']) {
    it(`goes from reconstruction to reconstruction (${path})`, async () => {
      const out = at(`between-${path}`);
      const [from, to] = [crops[0], crops[5]].map((name) => at('data', name));
      await runCommand(interpolateCommand, [
        ...['--model', at('run'), '--from', from, '--to', to],
        ...['--steps', '4', '--path', path, '--out', out],
      ]);
      assert.deepEqual(readdirSync(out).sort(), [
        'codes.csv',
        ...[0, 1, 2, 3].map((step) => `step0${step}.png`),
      ]);
      const rows = (await readTable(join(out, 'codes.csv'))).objects() as Record<string, number>[];
      assert.deepEqual(Object.keys(rows[0]), [
        'step',
        'code_distance_from',
        'code_distance_to',
        'mse_from',
        'mse_to',
      ]);
      assert.equal(rows[0].code_distance_from, 0);
      assert.equal(rows[3].mse_to, 0);
    });
  }
});

describe('lch explore', () => {
  it('writes a gallery and one picture per feature and step', async () => {
    await runCommand(exploreCommand, [
      ...['--model', at('run'), '--image', at('data', crops[1]), '--range', '3', '--steps', '3'],
      ...['--out', at('gallery')],
    ]);
    const files = readdirSync(at('gallery'));
    assert.equal(files.length, 1 + 5 * 3);
    assert.ok(files.includes('gallery.png') && files.includes('feature5_shift+3.0.png'));
    const cell = await pixels(at('gallery', 'feature1_shift+0.0.png'));
    assert.deepEqual(await pixels(at('gallery', 'feature4_shift+0.0.png')), cell);
  });
});

describe('lch hallmarks', () => {
  it('writes one row per crop', async () => {
    await runCommand(hallmarksCommand, ['--data', at('data'), '--size', '32', '--out', at('h.csv')]);
    const table = await readTable(at('h.csv'));
    assert.equal(table.numRows(), 120);
    for (const name of [
      ...['path', 'area', 'perimeter', 'solidity', 'eccentricity', 'pseudopod_extension'],
      ...['light_scattering', 'granularity', 'focus'],
    ])
      assert.ok(table.columnNames().includes(name), name);
  });
});

describe('lch plasticity', () => {
  it('writes states, switches, tracks and averages around switches', async () => {
    // two tracks with a switch each, along the classifier's own weights
    const { weights, scale, mean } = json('lda', 'classifier.json') as Record<string, number[]>;
    const random = seededRandom(1);
    const rows = ['path,track,frame,z1,z2,z3,z4,z5'];
    const measures = ['path,area,light_scattering'];
    for (const track of ['a', 'b', 'c']) {
      for (let frame = 0; frame < 20; frame++) {
        const high = track === 'c' ? 0 : Number(frame >= 10) ^ Number(track === 'b');
        const code = mean.map((value, j) => value + ((high ? 4 : -4) * weights[j]) / scale[j]);
        const noisy = code.map((value) => value + 0.01 * random.normal());
        rows.push([`${track}${frame}.png`, track, frame, ...noisy].join());
        measures.push([`${track}${frame}.png`, 100, high].join());
      }
    }
    writeFileSync(at('tracks.csv'), `${rows.join('\n')}\n`);
    writeFileSync(at('measures.csv'), `${measures.join('\n')}\n`);
    await runCommand(plasticityCommand, [
      ...['--latents', at('tracks.csv'), '--classifier', at('lda'), '--hallmarks', at('measures.csv')],
      ...['--out', at('states')],
    ]);
    const switches = (await readTable(at('states', 'switches.csv'))).objects();
    assert.deepEqual(switches, [
      { track: 'a', at: 10, to: 'high' },
      { track: 'b', at: 10, to: 'low' },
    ]);
    const { around, tracks, frames } = json('states', 'report.json');
    assert.deepEqual([tracks, frames], [3, 60]);
    const scattering = around.map((row: { light_scattering: number }) => row.light_scattering);
    assert.deepEqual(scattering, [-0.5, -0.5, -0.5, -0.5, 0.5, 0.5, 0.5, 0.5]);
    assert.equal((await readTable(at('states', 'states.parquet'))).numRows(), 60);
  });
});

describe('lch explain', () => {
  it('writes features, heat map, distribution, ranking and montages', async () => {
    const { value, lines } = await runCommand(explainCommand, [
      ...['--latents', at('z.csv'), '--metadata', at('data', 'cells.csv'), '--category', 'PDX'],
      ...['--label', 'metastatic_efficiency', '--positive', 'high', '--group', 'tumor'],
      ...['--data', at('data'), '--model', at('run'), '--permutations', '35', '--out', at('why')],
    ]);
    const files = readdirSync(at('why'));
    for (const name of ['correlations.svg', 'distribution.svg', 'ranking.svg', 'report.json', 'features.csv'])
      assert.ok(files.includes(name), name);
    assert.equal(files.filter((name) => name.startsWith('cells-by-')).length, 4);
    assert.equal((await readTable(at('why', 'features.csv'))).numRows(), 5);
    assert.match(value.verdict, /stands? out/);
    const { auc, decoding } = json('why', 'report.json');
    assert.equal(decoding.auc.value, auc.value);
    assert.ok(decoding.decodedAuc.value >= 0 && decoding.decodedAuc.value <= 1);
    assert.match(lines[1], /of the same cells decoded and encoded again/);
    const decoded = await readTable(at('why', 'decoded.csv'));
    assert.deepEqual(decoded.columnNames(), ['path', 'score', 'decoded_score']);
  });
});
