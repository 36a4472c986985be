import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { latentMatrix, readTable, writeTable } from '../../src/data/table-io';
import { loadArquero } from '../../src/util/arquero';

describe('tables on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-tables-'));
  after(() => rmSync(folder, { recursive: true }));
  const columns = {
    path: ['a,b.png', 'quote "x".png', 'line\nbreak.png'],
    date: ['010203', '140606', '150101'],
    area: Float64Array.of(0.1, 1e-300, Number.NaN),
    z1: Float32Array.of(0.1, -2.5, 3e-8),
    z2: Float32Array.of(1, 2, 3),
    z10: Float32Array.of(4, 5, 6),
  };

  for (const extension of ['csv', 'parquet', 'arrow']) {
    it(`${extension} gives back every value: text with commas, quotes and line breaks, leading zeros, all digits`, async () => {
      const { table } = await loadArquero();
      const path = join(folder, `table.${extension}`);
      await writeTable(path, table(columns));
      const read = await readTable(path);
      assert.deepEqual(read.columnNames(), Object.keys(columns));
      for (const [name, values] of Object.entries(columns)) {
        assert.deepEqual(
          Array.from(read.array(name) as ArrayLike<unknown>),
          Array.from(values as ArrayLike<unknown>),
          name,
        );
      }
    });
  }

  it('keeps codes such as 007 and long whole numbers as text, and reads infinities', async () => {
    const path = join(folder, 'codes.csv');
    writeFileSync(
      path,
      'clone,barcode,gain,large\n007,12345678901234567,Infinity,100000000000000000\n12,1,-2,1e-7\n',
    );
    const read = await readTable(path);
    const column = (name: string) => Array.from(read.array(name) as ArrayLike<unknown>);
    assert.deepEqual(column('clone'), ['007', '12']);
    assert.deepEqual(column('barcode'), ['12345678901234567', '1']);
    assert.deepEqual(column('gain'), [Number.POSITIVE_INFINITY, -2]);
    assert.deepEqual(column('large'), [1e17, 1e-7]);
  });

  it('refuses a CSV with an uneven row or a column named twice', async () => {
    const path = join(folder, 'uneven.csv');
    for (const [text, message] of [
      [
        'path,area\na,1\nb\n',
        /^DataError: the table .*uneven.csv cannot be read: row 2 has 1 fields where the first line names 2/,
      ],
      ['path,path\na,b\n', /column path stands there twice/],
    ] as const) {
      writeFileSync(path, text);
      await assert.rejects(readTable(path), message);
    }
  });

  for (const extension of ['csv', 'parquet', 'arrow']) {
    it(`${extension} gives float64 and float32 back to the last bit, random columns`, async () => {
      const { table } = await loadArquero();
      const path = join(folder, `random.${extension}`);
      const float32 = fc.float({ noNaN: true });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.double({ noNaN: true }), float32), { minLength: 1, maxLength: 8 }),
          async (rows) => {
            const wide = Float64Array.from(rows, ([value]) => value + 0); // CSV has no −0
            const narrow = Float32Array.from(rows, ([, value]) => value + 0);
            await writeTable(path, table({ wide, narrow }));
            const read = await readTable(path);
            assert.deepEqual(Array.from(read.array('wide') as ArrayLike<number>), Array.from(wide));
            assert.deepEqual(Array.from(read.array('narrow') as ArrayLike<number>), Array.from(narrow));
          },
        ),
        { numRuns: extension === 'parquet' ? 20 : 100, seed: 2 },
      );
    });
  }

  it('orders descriptors by number, and refuses a gap, a value that is no number, and a table without any', async () => {
    const { table } = await loadArquero();
    const z = Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`z${11 - i}`, [11 - i]]));
    assert.deepEqual([...latentMatrix(table(z)).values], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert.throws(() => latentMatrix(table(columns)), /lacks column z3/);
    assert.throws(
      () => latentMatrix(table({ z1: [1, Number.NaN] })),
      /row 2 of the descriptors has z1 "NaN"/,
    );
    assert.throws(() => latentMatrix(table({ path: ['x'] })), /has no descriptors/);
  });

  it('says in one line what is wrong with a file', async () => {
    await assert.rejects(
      readTable(join(folder, 'none.csv')),
      /^DataError: the table .*none.csv does not exist/,
    );
    await assert.rejects(
      readTable(join(folder, 'none.parquet')),
      /^DataError: the table .*none.parquet does not exist/,
    );
    writeFileSync(join(folder, 'bad.parquet'), 'no parquet');
    await assert.rejects(
      readTable(join(folder, 'bad.parquet')),
      /^DataError: the table .*bad.parquet cannot be read/,
    );
    await assert.rejects(readTable(join(folder, 'table.xlsx')), /must end in .csv, .parquet or .arrow/);
  });

  it('leaves nothing but the table behind', async () => {
    const { table } = await loadArquero();
    await writeTable(join(folder, 'x.csv'), table({ path: ['a'], z1: [1] }));
    assert.equal(readFileSync(join(folder, 'x.csv'), 'utf8'), 'path,z1\na,1\n');
  });
});
