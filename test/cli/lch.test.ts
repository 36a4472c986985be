import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { commands } from '../../src/commands';
import { commandHelp } from '../../src/commands/help';
import { runLch } from '../helpers/run-lch';

/** What a user must see: one line, no stack. */
function assertOneLine(stderr: string, message: RegExp): void {
  const lines = stderr
    .trim()
    .split('\n')
    .filter((line) => !/^(load crops|skipped )/.test(line));
  assert.equal(lines.length, 1, stderr);
  assert.match(lines[0], message);
  assert.doesNotMatch(stderr, /\n\s+at /);
}

describe('lch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-cli-'));
  const at = (...parts: string[]) => join(folder, ...parts);
  const done = async (...words: string[]) => {
    const ended = await runLch([...words, '--quiet']);
    assert.equal(ended.code, 0, `${words.join(' ')}: ${ended.stderr}`);
    return ended;
  };

  before(async () => {
    await done('simulate', '--cells', '120', '--size', '64', '--seed', '3', '--out', at('cells'));
    await done('train', '--data', at('cells'), '--out', at('run'), '--max-steps', '3', '--batch', '16');
    await done('encode', '--model', at('run'), '--data', at('cells'), '--out', at('z.csv'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('train writes model.json, weights, log, snapshots and checkpoints', () => {
    for (const name of ['model.json', 'weights.safetensors', 'log.jsonl', 'snapshots', 'checkpoints']) {
      assert.ok(existsSync(at('run', name)), name);
    }
    const [first] = readFileSync(at('run', 'log.jsonl'), 'utf8')
      .split('\n')
      .map((line) => line && JSON.parse(line));
    for (const key of [
      'step',
      'epoch',
      'reconstructionLoss',
      'adversaryLoss',
      'generatorLoss',
      'imagesPerSecond',
    ]) {
      assert.equal(typeof first[key], 'number', key);
    }
  });

  it('a second process encodes to the same numbers, and decodes them to images named after the crops', async () => {
    await done('encode', '--model', at('run'), '--data', at('cells'), '--out', at('again.csv'));
    assert.equal(readFileSync(at('again.csv'), 'utf8'), readFileSync(at('z.csv'), 'utf8'));
    const [header, row] = readFileSync(at('z.csv'), 'utf8').split('\n');
    assert.match(header, /^path,date,cell_type,series,x,y,start,end,frame,.*z1,z2,.*z56$/);
    await done('decode', '--model', at('run'), '--latents', at('z.csv'), '--out', at('decoded'));
    const name = row.split(',')[0].replace('images/', '');
    assert.equal(readdirSync(at('decoded')).length, 120);
    assert.ok(existsSync(at('decoded', name)));
  });

  it('Parquet holds the same descriptors: PCA of both is equal', async () => {
    await done('encode', '--model', at('run'), '--data', at('cells'), '--out', at('z.parquet'));
    await done('pca', '--latents', at('z.csv'), '--out', at('p1.csv'), '--components', '3');
    await done('pca', '--latents', at('z.parquet'), '--out', at('p2.csv'), '--components', '3');
    assert.equal(readFileSync(at('p1.csv'), 'utf8'), readFileSync(at('p2.csv'), 'utf8'));
    assert.match(readFileSync(at('p1.csv'), 'utf8'), /^path,pc1,pc2,pc3\n/);
  });

  it('umap repeats itself for a seed', async () => {
    for (const name of ['u1.csv', 'u2.csv'])
      await done('umap', '--latents', at('z.csv'), '--out', at(name), '--seed', '4');
    assert.equal(readFileSync(at('u1.csv'), 'utf8'), readFileSync(at('u2.csv'), 'utf8'));
    assert.match(readFileSync(at('u1.csv'), 'utf8'), /^path,umap1,umap2\n/);
  });

  it('classify leaves each tumor out, and amplify shows cells along its pattern; a shift of 0 is the reconstruction', async () => {
    const label = ['--label', 'metastatic_efficiency', '--positive', 'high', '--group', 'tumor'];
    await done('classify', '--latents', at('z.csv'), ...label, '--out', at('lda'));
    const report = JSON.parse(readFileSync(at('lda', 'report.json'), 'utf8'));
    assert.ok(report.auc.value >= 0 && report.auc.value <= 1 && report.auc.ci95.length === 2);
    assert.match(readFileSync(at('lda', 'scores.csv'), 'utf8'), /^path,group,label,fold,score\n/);
    assert.match(readFileSync(at('lda', 'roc.svg'), 'utf8'), /^<svg/);
    const shifts = ['--shifts', '-2,0,2', '--cells', '3', '--out', at('amplified')];
    await done(
      'amplify',
      '--model',
      at('run'),
      '--latents',
      at('z.csv'),
      '--classifier',
      at('lda'),
      ...shifts,
    );
    const frames = readdirSync(at('amplified', 'frames'));
    assert.equal(frames.length, 9);
    const still = frames.find((name) => name.endsWith('_shift+0.0.png')) as string;
    assert.ok(
      frames.includes(still.replace('+0.0', '-2.0')) && frames.includes(still.replace('+0.0', '+2.0')),
    );
    await done('decode', '--model', at('run'), '--latents', at('z.csv'), '--out', at('decoded'), '--force');
    assert.deepEqual(
      readFileSync(at('amplified', 'frames', still)),
      readFileSync(at('decoded', still.replace('_shift+0.0', ''))),
    );
    assert.match(readFileSync(at('amplified', 'scores.csv'), 'utf8'), /^path,shift,score,latent_score,/);
  });

  it('overwrites nothing without --force', async () => {
    const ended = await runLch(['encode', '--model', at('run'), '--data', at('cells'), '--out', at('z.csv')]);
    assert.equal(ended.code, 1);
    assertOneLine(ended.stderr, /z\.csv exists already; choose another --out, or add --force to overwrite/);
    const again = await runLch(['train', '--data', at('cells'), '--out', at('run')]);
    assertOneLine(again.stderr, /run is not empty; choose another --out/);
  });

  it('bad input gives one line that says what to do, and an exit code', async () => {
    mkdirSync(at('empty'));
    mkdirSync(at('broken'));
    const image = readdirSync(at('cells', 'images'))[0];
    writeFileSync(at('broken', 'text.png'), 'words');
    writeFileSync(at('broken', 'cut.png'), readFileSync(at('cells', 'images', image)).subarray(0, 700));
    cpSync(at('run'), at('other'), { recursive: true });
    const description = JSON.parse(readFileSync(at('other', 'model.json'), 'utf8'));
    description.architecture.latentDims = 8;
    writeFileSync(at('other', 'model.json'), JSON.stringify(description));
    const encode = (data: string, model = at('run')) => [
      'encode',
      '--model',
      model,
      '--data',
      data,
      '--out',
      at('x.csv'),
    ];
    const cases: [string[], RegExp, number][] = [
      [encode(at('nowhere')), /nowhere/, 1],
      [encode(at('empty')), /empty holds no crops; put PNG/, 1],
      [
        encode(at('broken')),
        /none of the 2 files of .*broken can be read \(cut\.png is damaged or cut short\)/,
        1,
      ],
      [encode(at('cells'), at('other')), /its model\.json is of a model of another size/, 1],
      [
        encode(at('cells'), at('nomodel')),
        /the model .*nomodel does not exist; give a folder that lch train wrote/,
        1,
      ],
      [['encod'], /unknown command "encod"; nearest is encode/, 2],
      [['encode', '--modell', 'x'], /unknown option --modell; nearest is --model/, 2],
      [
        ['pca', '--latents', at('cells', 'cells.csv'), '--out', at('y.csv')],
        /has no descriptors \(no columns z1/,
        1,
      ],
    ];
    for (const [words, message, code] of cases) {
      const ended = await runLch(words);
      assert.equal(ended.code, code, `${words.join(' ')}: ${ended.stderr}`);
      assertOneLine(ended.stderr, message);
    }
    assert.ok(!existsSync(at('x.csv')));
    const verbose = await runLch([...encode(at('empty')), '--verbose']);
    assert.match(verbose.stderr, /\n\s+at /, '--verbose shows the stack');
  });

  it('Ctrl-C in training leaves a checkpoint from which it goes on to the same weights', async () => {
    const words = (run: string) => [
      'train',
      '--data',
      at('cells'),
      '--out',
      at(run),
      '--batch',
      '4',
      '--epochs',
      '2',
    ];
    const stopped = await runLch(
      words('stopped'),
      (child) => child.kill('SIGINT'),
      at('stopped', 'log.jsonl'),
    );
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.match(
      stopped.stderr,
      /stopped after step \d+ of 54; a checkpoint is in .*stopped, add --resume to go on/,
    );
    await done(...words('stopped'), '--resume');
    await done(...words('unbroken'));
    const weights = (run: string) => readFileSync(at(run, 'weights.safetensors'));
    assert.deepEqual(weights('stopped'), weights('unbroken'));
  });

  it('Ctrl-C in simulating leaves only whole files, and a second call completes them', async () => {
    const words = ['simulate', '--cells', '3000', '--out', at('many')];
    const stopped = await runLch(words, (child) => child.kill('SIGINT'), at('many', 'images'));
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.ok(!existsSync(at('many', 'cells.csv')));
    await done(...words, '--force');
    assert.equal(readdirSync(at('many', 'images')).length, 3000);
  });

  it('--json prints a result on standard output and nothing else there', async () => {
    const { stdout } = await runLch(['umap', '--latents', at('z.csv'), '--out', at('u3.csv'), '--json']);
    assert.equal(JSON.parse(stdout).cells, 120);
  });

  it('--help explains every command', async () => {
    const { stdout } = await runLch(['--help']);
    for (const command of commands) {
      assert.match(stdout, new RegExp(`^ {2}${command.name} `, 'm'));
      assert.match(commandHelp(command), new RegExp(`^lch ${command.name}: `));
    }
    assert.match((await runLch(['train', '--help'])).stdout, /^lch train: /);
  });
});
