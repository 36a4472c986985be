import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { batchReportCommand } from '../../src/commands/batch-report';
import { classifyCommand } from '../../src/commands/classify';
import { pcaCommand } from '../../src/commands/pca';
import { plantedTables } from '../helpers/planted-tables';
import { runCommand } from '../helpers/run-command';

const study = plantedTables();
after(() => rmSync(study.folder, { recursive: true }));
const [head, ...rows] = readFileSync(study.z, 'utf8').trim().split('\n');
let files = 0;

/** A table of descriptors with these rows. */
function table(lines: readonly string[]): string {
  const file = join(study.folder, `z${files++}.csv`);
  writeFileSync(file, `${[head, ...lines].join('\n')}\n`);
  return file;
}

/** The row with another value in a column, counted from 0. */
function withValue(row: string, column: number, value: string): string {
  return row
    .split(',')
    .map((old, i) => (i === column ? value : old))
    .join(',');
}

const tell = ['--metadata', study.cells, '--label', 'metastatic_efficiency', '--positive', 'high'];
async function classify(latents: string, ...more: string[]) {
  const out = join(study.folder, `out${files++}`);
  await runCommand(classifyCommand, [
    ...['--latents', latents, ...tell, '--group', 'tumor', '--resamples', '20', '--out', out],
    ...more,
  ]);
  return JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
}

describe('tables of cells that cannot, or can hardly, be judged', () => {
  it('one class, one tumor of a class: refused with what is missing', async () => {
    await assert.rejects(classify(study.z, '--only', 'metastatic_efficiency=high'), /none is "not high"/);
    await assert.rejects(classify(study.z, '--only', 'tumor=m0'), /needs cells of both classes/);
    await assert.rejects(
      classify(study.z, '--only', 'tumor=m0,m4'),
      /all "low" cells are in group "m4".*add groups/,
    );
  });

  it('a value that is no number: refused with its row and feature, by every command that reads descriptors', async () => {
    for (const value of ['NaN', '']) {
      const latents = table(rows.map((row, i) => (i === 3 ? withValue(row, 2, value) : row)));
      await assert.rejects(classify(latents), /row 4 of the descriptors has z2/);
      const out = join(study.folder, `out${files++}`);
      await assert.rejects(
        runCommand(pcaCommand, ['--latents', latents, '--out', `${out}.csv`]),
        /row 4 of the descriptors has z2/,
      );
      await assert.rejects(
        runCommand(batchReportCommand, ['--latents', latents, ...tell, '--day', 'date', '--out', out]),
        /row 4 of the descriptors has z2/,
      );
    }
  });

  it('a constant feature counts for nothing: the same AUC as without it', async () => {
    const constant = await classify(table(rows.map((row) => withValue(row, 6, '0.5'))));
    const noise = await classify(study.z);
    assert.ok(Math.abs(constant.auc.value - noise.auc.value) < 0.03);
    assert.ok(constant.auc.value > 0.8);
  });

  it('fewer cells than features: judged, with an interval as wide as that deserves', async () => {
    const { auc } = await classify(table(rows.filter((_, i) => i % 48 === 0)));
    assert.ok(auc.ci95[1] - auc.ci95[0] > 0.3, `${auc.ci95}`);
  });

  it('cells that are there twice, once in another tumor: named in a warning', async () => {
    const [path] = rows[rows.length - 1].split(',');
    const twice = [...rows.slice(0, -1), [path, ...rows[0].split(',').slice(1)].join(',')];
    const { warnings } = await classify(table(twice));
    assert.match(warnings.join(), /1 cell has the same descriptor as a cell of another group/);
  });
});
