import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { auditCommand } from '../../src/commands/audit';
import { batchReportCommand } from '../../src/commands/batch-report';
import { cellsNeededCommand } from '../../src/commands/cells-needed';
import { classifyCommand } from '../../src/commands/classify';
import { transferCommand } from '../../src/commands/transfer';
import { readTable } from '../../src/data/table-io';
import { DataError, OptionError, ShapeError } from '../../src/util/errors';
import { plantedTables } from '../helpers/planted-tables';
import { runCommand } from '../helpers/run-command';

const study = plantedTables();
const at = (...parts: string[]) => join(study.folder, ...parts);
const json = (...parts: string[]) => JSON.parse(readFileSync(at(...parts), 'utf8'));
after(() => rmSync(study.folder, { recursive: true }));

const byTumor = [
  ...['--latents', study.z, '--metadata', study.cells, '--label', 'metastatic_efficiency'],
  ...['--positive', 'high', '--group', 'tumor'],
];

before(async () => {
  await runCommand(classifyCommand, [
    ...byTumor,
    ...['--day', 'date', '--track', 'track', '--rival', study.shape, '--network'],
    ...['--permutations', '100', '--resamples', '200', '--out', at('lda')],
  ]);
});

describe('lch classify', () => {
  it('reports AUC with three intervals, pairs, group means, precision and recall, calibration, confusion, the null', () => {
    const report = json('lda', 'report.json');
    const planted = 0.856; // Φ(1.5 / √2)
    for (const interval of [report.auc, report.bootstrap.auc]) {
      assert.ok(interval.ci95[0] < planted && planted < interval.ci95[1] + 0.03, JSON.stringify(interval));
    }
    assert.ok(report.auc.delong95[1] - report.auc.delong95[0] < 0.2);
    assert.equal(report.pairOut.pairs.length, 12);
    assert.equal(report.groupMeans.auc, 1);
    assert.equal(report.groupMeans.permutation.smallestP, 1 / 35);
    assert.equal(report.permutation.p, 1 / 35);
    assert.equal(report.permutation.labelings, 35);
    assert.ok(report.permutation.nullMean < 0.55);
    assert.ok(report.precisionRecall.averagePrecision > report.precisionRecall.prevalence + 0.2);
    assert.ok(report.calibration.brier < report.calibration.brierOfPrevalence);
    const { confusion, cells } = report.perGroup[0];
    assert.equal(confusion.truePositives + confusion.falseNegatives, cells);
    assert.ok(report.effect.cohensD > 1);
  });

  it('compares with time-averaged descriptors, a rival and a network over the same folds', () => {
    const { auc, trackAverages, rival, network } = json('lda', 'report.json');
    assert.equal(trackAverages.tracks, 7 * 16); // four days × four tracks
    assert.ok(trackAverages.auc.value > auc.value + 0.05, `${trackAverages.auc.value} and ${auc.value}`);
    assert.deepEqual(rival.features, ['size', 'roundness']);
    assert.equal(rival.cells, 7 * 48 - 1); // one cell has no shape
    assert.ok(rival.auc.value < rival.descriptors.value - 0.1);
    assert.ok(rival.difference.low > 0 && rival.difference.high > rival.difference.difference);
    assert.ok(rival.delong.p < 0.001);
    assert.ok(Math.abs(network.value - auc.value) < 0.1);
  });

  it('reports days that are in training and in test, and leaves them out too when asked to', async () => {
    const leaky = json('lda', 'report.json').warnings.join();
    assert.match(leaky, /leak: 4 of 4 values of day/);
    const { value } = await runCommand(classifyCommand, [
      ...byTumor,
      ...['--day', 'date', '--leave-out-day', '--resamples', '50', '--out', at('both')],
    ]);
    assert.deepEqual('leftOut' in value && value.leftOut, ['tumor', 'date']);
    assert.ok(
      !value.options || !json('both', 'report.json').warnings.some((line: string) => /leak/.test(line)),
    );
    assert.ok(json('both', 'report.json').auc.value > 0.78);
  });

  it('writes the same scores as CSV and Parquet, and pictures with their specification', async () => {
    const csv = await readTable(at('lda', 'scores.csv'));
    const parquet = await readTable(at('lda', 'scores.parquet'));
    assert.deepEqual(csv.columnNames(), ['path', 'group', 'label', 'fold', 'score']);
    assert.deepEqual([...csv.array('score')], [...parquet.array('score')]);
    for (const name of ['roc', 'precision-recall', 'calibration', 'scores']) {
      assert.match(readFileSync(at('lda', `${name}.svg`), 'utf8'), /^<svg/);
      assert.ok(json('lda', `${name}.vl.json`).$schema);
    }
  });

  it('leaves days out: groups that hold both classes have no pairs and no means, and it says so', async () => {
    await runCommand(classifyCommand, [
      ...byTumor.slice(0, -1),
      ...['date', '--resamples', '50', '--out', at('days')],
    ]);
    const report = json('days', 'report.json');
    assert.equal(report.perGroup.length, 4);
    assert.equal(report.perGroup[0].label, 'mixed');
    assert.equal(report.pairOut, null);
    assert.match(report.why.pairOut, /holds both/);
    assert.match(report.why.groupMeans, /both classes/);
  });

  it('keeps the cells that --only names', async () => {
    await runCommand(classifyCommand, [
      ...byTumor,
      ...['--only', 'tumor=m0,m1,m3,m4', '--resamples', '20', '--out', at('only')],
    ]);
    const { perGroup, cells } = json('only', 'report.json');
    assert.deepEqual(
      perGroup.map(({ group }: { group: string }) => group),
      ['m0', 'm1', 'm3', 'm4'],
    );
    assert.equal(cells, 4 * 48);
    const rejects = (only: string, message: RegExp) =>
      assert.rejects(runCommand(classifyCommand, [...byTumor, '--only', only, '--out', at('none')]), message);
    await rejects('tumor=m9', /no cell has tumor m9; its values are m0, m1/);
    await rejects('tumor', /--only needs COLUMN=VALUE/);
  });

  it('compares every pair of cell types, and each against all others, corrected for their number', async () => {
    const types = [
      '--latents',
      study.z,
      '--metadata',
      study.cells,
      '--label',
      'cell_type',
      '--group',
      'date',
    ];
    await runCommand(classifyCommand, [...types, '--mode', 'pairwise', '--out', at('pairs')]);
    const { comparisons } = json('pairs', 'report.json');
    assert.equal(comparisons.length, 21);
    const of = (a: string, b: string) =>
      comparisons.find((row: { type: string; against: string }) => row.type === a && row.against === b);
    assert.ok(of('m0', 'm3').auc > 0.7 && of('m0', 'm3').pHolm < 0.05);
    assert.ok(of('m4', 'm5').pHolm > 0.05 && of('m4', 'm5').pHolm >= of('m4', 'm5').p);
    assert.equal((await readTable(at('pairs', 'matrix.parquet'))).numRows(), 21);
    assert.ok(existsSync(at('pairs', 'matrix.svg')));
    await runCommand(classifyCommand, [...types, '--mode', 'one-against-all', '--out', at('ones')]);
    assert.equal(json('ones', 'report.json').comparisons.length, 7);
  });

  it('names what is missing or wrong in one line', async () => {
    const rejects = (words: string[], kind: typeof DataError, message: RegExp) =>
      assert.rejects(runCommand(classifyCommand, [...words, '--out', at('none')]), (error: Error) => {
        assert.ok(error instanceof kind, String(error));
        assert.match(error.message, message);
        assert.ok(!error.message.includes('\n'));
        return true;
      });
    const replaced = (at: number, word: string) => byTumor.map((old, i) => (i === at ? word : old));
    const own = ['--latents', study.z, '--label', 'metastatic_efficiency', '--group', 'tumor'];
    await rejects(
      [...own, '--positive', 'high'],
      DataError,
      /neither .*z\.csv has a column metastatic_efficiency/,
    );
    await rejects(
      replaced(7, 'hi'),
      DataError,
      /no cell has metastatic_efficiency "hi"; its values are high, low/,
    );
    await rejects([...byTumor.slice(0, 6), ...byTumor.slice(8)], OptionError, /--positive is missing/);
    await rejects([...byTumor, '--leave-out-day'], OptionError, /needs --day/);
    await rejects([...byTumor, '--shrinkage', '2'], OptionError, /from 0 to 1, got "2"/);
    await rejects([...byTumor, '--rival', study.cells.replace('cells', 'none')], DataError, /does not exist/);
    const twice = at('twice.csv');
    writeFileSync(twice, 'path,tumor,metastatic_efficiency\na/m0_0.png,m0,high\nb/m0_0.png,m1,low\n');
    await rejects(replaced(3, twice), DataError, /several rows for a file m0_0\.png/);
    assert.ok(!existsSync(at('none')));
  });
});

describe('lch transfer', () => {
  const lines = plantedTables({ seed: 5, cells: 24 });
  after(() => rmSync(lines.folder, { recursive: true }));

  it('ranks cell lines and tracks with intervals and compares with what is known', async () => {
    const { value } = await runCommand(transferCommand, [
      ...[
        '--classifier',
        at('lda'),
        '--latents',
        lines.z,
        '--metadata',
        lines.cells,
        '--day',
        'date',
        '--track',
        'track',
      ],
      ...[
        '--label',
        'metastatic_efficiency',
        '--positive',
        'high',
        '--resamples',
        '200',
        '--out',
        at('lines'),
      ],
    ]);
    assert.equal(value.group, 'cell_type');
    assert.deepEqual(
      value.groups
        .slice(0, 3)
        .map(({ group }) => group)
        .sort(),
      ['m0', 'm1', 'm2'],
    );
    assert.ok(value.known?.auc && value.known.auc.value > 0.78);
    for (const { rank, rankInterval, meanScore, scoreInterval } of value.groups) {
      assert.ok(rankInterval[0] <= rank && rank <= rankInterval[1]);
      assert.ok(scoreInterval[0] <= meanScore && meanScore <= scoreInterval[1]);
    }
    const scores = await readTable(at('lines', 'scores.parquet'));
    assert.equal(scores.numRows(), 7 * 24);
    assert.deepEqual([...new Set(scores.array('called') as string[])].sort(), ['high', 'low']);
    assert.equal((await readTable(at('lines', 'tracks.csv'))).numRows(), 7 * 4 * 2);
    for (const name of ['groups.svg', 'scores.svg', 'groups.vl.json', 'report.json']) {
      assert.ok(existsSync(at('lines', name)), name);
    }
  });

  it('warns that intervals without days are too narrow, and refuses descriptors of another model', async () => {
    const { log } = await runCommand(transferCommand, [
      ...['--classifier', at('lda'), '--latents', lines.z, '--metadata', lines.cells, '--resamples', '20'],
      ...['--out', at('lines2')],
    ]);
    assert.match(log.join(), /take cells as independent/);
    const narrow = at('narrow.csv');
    writeFileSync(narrow, 'path,cell_type,z1\na.png,m0,1\n');
    await assert.rejects(
      runCommand(transferCommand, ['--classifier', at('lda'), '--latents', narrow, '--out', at('none')]),
      (error: Error) =>
        error instanceof ShapeError && /has 1 features, the classifier .* needs 6/.test(error.message),
    );
    await assert.rejects(
      runCommand(transferCommand, ['--classifier', at('lda'), '--latents', study.z, '--out', at('none')]),
      /neither a column cell_type nor tumor/,
    );
  });
});

describe('lch cells-needed', () => {
  it('says from how many cells on every tumor is called right', async () => {
    const { value } = await runCommand(cellsNeededCommand, [
      ...['--classifier', at('lda'), '--resamples', '300', '--out', at('needed')],
    ]);
    assert.ok(value.needed !== null && value.needed >= 3 && value.needed <= 70, `${value.needed}`);
    const curve = await readTable(at('needed', 'curve.parquet'));
    const accuracy = [...(curve.array('accuracy') as ArrayLike<number> & Iterable<number>)];
    assert.ok(accuracy[0] < 0.9 && accuracy.at(-1)! > 0.98);
    assert.equal((await readTable(at('needed', 'groups.csv'))).numRows(), 7 * accuracy.length);
    assert.ok(existsSync(at('needed', 'curve.svg')) && existsSync(at('needed', 'groups.svg')));
    await assert.rejects(
      runCommand(cellsNeededCommand, ['--classifier', at('pairs'), '--out', at('none')]),
      /no report\.json with the positive value/,
    );
  });
});

describe('lch batch-report', () => {
  it('shows the variance of days, the AUC within and between them, and what each correction costs', async () => {
    const shifted = plantedTables({ dayShift: 2, seed: 3 });
    const { value } = await runCommand(batchReportCommand, [
      ...['--latents', shifted.z, '--metadata', shifted.cells, '--label', 'metastatic_efficiency'],
      ...['--positive', 'high', '--factors', 'tumor', '--group', 'tumor', '--write', 'center'],
      ...['--out', join(shifted.folder, 'batches')],
    ]);
    const file = (name: string) => join(shifted.folder, 'batches', name);
    const [day] = value.variance.factors;
    assert.equal(day.factor, 'date');
    assert.ok(day.r2 > 0.4, `${day.r2}`);
    const [none, center] = value.corrections;
    assert.ok(center.batchR2 < 0.01 && none.batchR2 > 0.4);
    assert.ok(center.betweenBatch! > 0.78);
    assert.ok(value.permanova && value.permanova.p !== null);
    const corrected = await readTable(file('descriptors.parquet'));
    assert.deepEqual(corrected.columnNames(), ['path', 'z1', 'z2', 'z3', 'z4', 'z5', 'z6']);
    assert.equal((await readTable(file('corrections.csv'))).numRows(), 4);
    assert.equal((await readTable(file('variance.parquet'))).numRows(), 2);
    assert.ok(existsSync(file('variance.svg')) && existsSync(file('corrections.svg')));
    rmSync(shifted.folder, { recursive: true });
  });

  it('measures days on control cells alone when told which', async () => {
    const words = [
      ...['--latents', study.z, '--metadata', study.cells, '--label', 'metastatic_efficiency'],
      ...['--positive', 'high', '--out', at('control')],
    ];
    const { value } = await runCommand(batchReportCommand, [...words, '--reference', 'tumor=m6']);
    assert.equal(value.options.reference, 'tumor=m6');
    await assert.rejects(
      runCommand(batchReportCommand, [...words, '--force', '--reference', 'm6']),
      /needs COLUMN=VALUE/,
    );
    await assert.rejects(
      runCommand(batchReportCommand, [...words, '--force', '--reference', 'tumor=m9']),
      /no cell has tumor "m9"/,
    );
  });
});

describe('lch audit', () => {
  it('states AUCs, R² of planted factors, and where the loss is', async () => {
    // the planted tables' z1 carries the effect: as a factor of its own it is read in full
    const z = await readTable(study.z);
    const z1 = z.array('z1') as ArrayLike<number>;
    const cells = at('both.csv');
    const known = readFileSync(study.cells, 'utf8').split('\n');
    writeFileSync(
      cells,
      known
        .filter((line) => line !== '')
        .map(
          (line, i) => `${line.split(',').slice(0, 4).join()},${i === 0 ? 'spread,focus' : `${z1[i - 1]},3`}`,
        )
        .join('\n'),
    );
    const { value, lines: said } = await runCommand(auditCommand, [
      ...['--latents', study.z, '--metadata', cells, '--factors', 'spread', '--out', at('audit')],
    ]);
    assert.ok(value.probes.spread.leftOut > 0.99);
    assert.equal(value.probes.focus, undefined); // constant
    assert.ok(Math.abs(value.loss.encoder) < 0.01);
    assert.equal(said.length, 4);
    assert.match(said[0], /^Every tumor left out in turn, the descriptor reaches an AUC of 0\.\d\d/);
    assert.equal((await readTable(at('audit', 'aucs.parquet'))).numRows(), 5);
    assert.ok(existsSync(at('audit', 'audit.svg')));
    await assert.rejects(
      runCommand(auditCommand, ['--latents', study.z, '--metadata', study.cells, '--out', at('none')]),
      /has a column pseudopod_extension/,
    );
  });
});
