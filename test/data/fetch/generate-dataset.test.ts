import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveData } from '../../../src/data/fetch/resolve-data';
import { checkTable } from '../../../src/data/manifests/check-table';
import { readManifest } from '../../../src/data/manifests/read-manifest';
import { simulateCells } from '../../../src/simulate/simulate-cells';
import { cellsTable } from '../../../src/simulate/write-simulation';
import { sha256, temporaryFolder, writeFiles } from '../helpers/folders';

describe('the synthetic data sets', () => {
  for (const name of ['synthetic-quick', 'synthetic-full']) {
    it(`${name}: the simulator draws the table whose sum the manifest has, and it fits its schema`, () => {
      const { generator, files } = readManifest(name);
      assert.ok(generator && files[0].schema);
      const table = cellsTable(simulateCells(generator.options).cells);
      const rows = checkTable(table, files[0].schema, 'cells.csv');
      assert.equal(rows.length, generator.options.cells);
      assert.deepEqual(
        Object.keys(rows[0]),
        files[0].schema.fields.map(({ name }) => name),
      );
      const advice =
        'if the simulator was meant to change: npm run build && node scripts/fill-manifest-sums.mjs';
      assert.equal(files[0].sha256, sha256(table), advice);
    });
  }

  it('are drawn by the simulator when they are asked for', async () => {
    const cache = temporaryFolder();
    const options = { cells: 6, size: 32, seed: 3 };
    const table = cellsTable(simulateCells(options).cells);
    const descriptor = {
      name: 'six',
      title: 'Six cells',
      lch: { kind: 'crops', generator: { command: 'simulate', options } },
      resources: [{ name: 'cells', path: 'cells.csv', hash: `sha256:${sha256(table)}` }],
    };
    writeFiles(cache, { 'manifests/six/datapackage.json': JSON.stringify(descriptor) });
    const lines: string[] = [];
    const progress = { start() {}, update() {}, finish() {}, log: (line: string) => void lines.push(line) };
    const folder = await resolveData('six', { cache, progress });
    assert.equal(readFileSync(join(folder, 'cells.csv'), 'utf8'), table);
    assert.deepEqual(lines, []);
  });
});
