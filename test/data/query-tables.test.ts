import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { eachTable, queryTables, queryToFile } from '../../src/data/query-tables';
import { readTable, writeTable } from '../../src/data/table-io';
import { loadArquero } from '../../src/util/arquero';

describe('queries over table files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-query-'));
  const z = join(folder, 'z.parquet');
  const n = 10_000;

  before(async () => {
    const { table } = await loadArquero();
    const rows = Array.from({ length: n }, (_, i) => i);
    await writeTable(
      z,
      table({
        path: rows.map((i) => `c${i}.png`),
        tumor: rows.map((i) => (i % 4 === 0 ? 'm481' : 'm610')),
        z1: Float32Array.from(rows, (i) => i / 7),
      }),
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  it('count, filter and average without the table in memory', async () => {
    const answer = await queryTables(
      'SELECT tumor, count(*) AS cells, avg(z1) AS mean FROM z GROUP BY tumor ORDER BY tumor',
      { z },
    );
    assert.deepEqual(
      answer.objects().map((row) => ({ ...row, mean: Math.round((row as { mean: number }).mean) })),
      [
        { tumor: 'm481', cells: 2500, mean: 714 },
        { tumor: 'm610', cells: 7500, mean: 714 },
      ],
    );
  });

  it('hand over every row once, in order, in parts', async () => {
    let next = 0;
    let parts = 0;
    await eachTable(
      'SELECT path, z1 FROM z WHERE tumor = $tumor ORDER BY z1',
      { z },
      (part) => {
        parts++;
        for (const path of part.array('path') as ArrayLike<string> & Iterable<string>) {
          assert.equal(path, `c${next}.png`);
          next += 4;
        }
        assert.ok(part.column('z1') instanceof Float32Array);
      },
      { values: { tumor: 'm481' } },
    );
    assert.equal(next, n);
    assert.ok(parts > 1, `${parts} parts`);
  });

  it('join files into a file, keeping codes of a CSV as text', async () => {
    const types = join(folder, 'types.csv');
    writeFileSync(types, 'tumor,code\nm481,007\nm610,12\n');
    const out = join(folder, 'joined.parquet');
    await queryToFile(
      'SELECT path, code FROM z JOIN types USING (tumor) ORDER BY z1 LIMIT 2',
      { z, types },
      out,
    );
    assert.deepEqual(
      (await readTable(out)).objects().map((row) => ({ ...row })),
      [
        { path: 'c0.png', code: '007' },
        { path: 'c1.png', code: '12' },
      ],
    );
  });

  it('say in one line what is wrong, and leave no file behind', async () => {
    await assert.rejects(
      queryTables('SELECT 1', { z: join(folder, 'none.parquet') }),
      /^DataError: queryTables: the table .*none.parquet does not exist/,
    );
    await assert.rejects(queryTables('SELECT size FROM z', { z }), (error: Error) => {
      assert.match(error.message, /^queryTables: the query cannot be read: .*size/);
      assert.ok(!error.message.includes('\n'));
      return true;
    });
    const out = join(folder, 'failed.parquet');
    await assert.rejects(queryToFile('SELECT size FROM z', { z }, out), /^DataError/);
    assert.ok(!existsSync(out));
    await assert.rejects(
      queryTables('SELECT * FROM z', { z }, { signal: AbortSignal.abort() }),
      /^InterruptedError/,
    );
  });
});
