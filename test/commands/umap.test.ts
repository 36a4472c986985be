import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { umapCommand } from '../../src/commands/umap';
import { readTable } from '../../src/data/table-io';
import type { MapQuality } from '../../src/latent/map-quality';
import { plantedTables } from '../helpers/planted-tables';
import { runCommand } from '../helpers/run-command';

type Report = Pick<MapQuality, 'trustworthiness' | 'purity'>;

describe('lch umap', () => {
  const study = plantedTables({ effect: 6, dayShift: 0, cells: 24 });
  const later = plantedTables({ effect: 6, cells: 4, seed: 9 });
  const at = (name: string) => join(study.folder, name);
  after(() => {
    for (const { folder } of [study, later]) rmSync(folder, { recursive: true });
  });
  const words = ['--latents', study.z, '--metadata', study.cells, '--epochs', '100'];

  it('states trustworthiness and purity by type and by day, places new cells, and draws', async () => {
    const { report, lines, log } = await runCommand(umapCommand, [
      ...words,
      ...['--type', 'metastatic_efficiency', '--day', 'date', '--start', 'spectral', '--new', later.z],
      ...['--picture', at('u.svg'), '--out', at('u.parquet')],
    ]);
    const { trustworthiness, purity } = report as Report;
    assert.ok(trustworthiness > 0.7 && trustworthiness <= 1);
    assert.ok(purity.type.map.excess > 0.9);
    assert.ok(Math.abs(purity.day.map.excess) < 0.15);
    assert.deepEqual(log, []);
    assert.match(lines.join(), /map of 168 cells and 28 new ones/);
    const table = await readTable(at('u.parquet'));
    assert.deepEqual(table.columnNames(), ['path', 'umap1', 'umap2', 'new']);
    // new cells lie nearest to drawn cells of their own kind
    const [x, y, paths] = ['umap1', 'umap2', 'path'].map((name) => table.array(name)) as [
      number[],
      number[],
      string[],
    ];
    const isHigh = (path: string) => /m[012]_/.test(path);
    let right = 0;
    for (let i = 168; i < 196; i++) {
      const distance = (j: number) => Math.hypot(x[i] - x[j], y[i] - y[j]);
      const nearest = Array.from({ length: 168 }, (_, j) => j).sort((a, b) => distance(a) - distance(b))[0];
      if (isHigh(paths[nearest]) === isHigh(paths[i])) right++;
    }
    assert.equal(right, 28);
    assert.match(readFileSync(at('u.svg'), 'utf8'), /^<svg/);
  });

  it('warns of a map that sorts by day', async () => {
    const batches = plantedTables({ effect: 0, dayShift: 5, cells: 24 });
    const { log } = await runCommand(umapCommand, [
      ...['--latents', batches.z, '--metadata', batches.cells, '--epochs', '100'],
      ...['--type', 'metastatic_efficiency', '--day', 'date', '--out', join(batches.folder, 'u.csv')],
    ]);
    assert.match(log.join(), /sorts by day \(.* more than by type .*: a batch effect/);
    rmSync(batches.folder, { recursive: true });
  });

  it('holds a label apart when supervised, and names wrong options', async () => {
    const purity = async (...more: string[]) => {
      const out = ['--type', 'tumor', '--out', at('s.csv'), '--force'];
      const { report } = await runCommand(umapCommand, [...words, ...out, ...more]);
      return (report as Report).purity.type.map.purity;
    };
    assert.ok((await purity('--supervise', 'tumor')) > (await purity()) + 0.2);
    const rejects = (more: string[], message: RegExp) =>
      assert.rejects(runCommand(umapCommand, [...words, '--out', at('none.csv'), ...more]), message);
    await rejects(['--picture', 'u.png'], /ends in \.svg, got "u\.png"/);
    await rejects(['--start', 'random'], /one of pca, spectral/);
    await rejects(['--type', 'kind'], /has a column kind/);
  });
});
