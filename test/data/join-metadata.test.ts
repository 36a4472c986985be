import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { joinCellTypes, withCellTypes } from '../../src/data/join-cell-types';
import { joinMetadata } from '../../src/data/join-metadata';
import { loadArquero } from '../../src/util/arquero';

describe('joinMetadata', () => {
  it('adds columns by one key or several, keeps rows, order and what is there', async () => {
    const { table } = await loadArquero();
    const crops = table({
      path: ['a', 'b', 'c'],
      date: ['1', '2', '1'],
      series: ['s1', 's1', 's2'],
      gain: [9, 9, 9],
    });
    const experiments = table({
      date: ['1', '2'],
      series: ['s1', 's1'],
      microscope: ['left', 'right'],
      passage: [3, 5],
      gain: [1, 1],
    });
    const joined = joinMetadata(crops, experiments, { by: ['date', 'series'] });
    assert.deepEqual(joined.columnNames(), ['path', 'date', 'series', 'gain', 'microscope', 'passage']);
    assert.deepEqual(Array.from(joined.array('microscope')), ['left', 'right', '']);
    assert.deepEqual(Array.from(joined.array('passage')), [3, 5, Number.NaN]);
    assert.deepEqual(Array.from(joined.array('gain')), [9, 9, 9]);
  });

  it('names a key that stands there twice, and a column that is missing', async () => {
    const { table } = await loadArquero();
    const crops = table({ date: ['1'] });
    assert.throws(
      () => joinMetadata(crops, table({ date: ['1', '1'] }), { by: ['date'] }),
      /^DataError: joinMetadata: the metadata have date 1 in row 1 and row 2; keep one of them/,
    );
    assert.throws(
      () => joinMetadata(crops, table({ day: ['1'] }), { by: ['date'] }),
      /the metadata have no column date \(they have day\)/,
    );
  });
});

describe('joinCellTypes', () => {
  it('says of each efficiency whether it is confirmed; unknown types get "unknown"', async () => {
    const { table } = await loadArquero();
    const crops = await withCellTypes(table({ path: ['a', 'b', 'c'], cell_type: ['m481', 'm405', 'novel'] }));
    assert.deepEqual(Array.from(crops.array('metastatic_efficiency')), ['high', 'high', 'unknown']);
    assert.deepEqual(Array.from(crops.array('efficiency_confirmed')), ['true', 'false', 'unknown']);
    assert.deepEqual(Array.from(crops.array('category')), ['PDX', 'PDX', 'unknown']);
  });

  it("leaves a table's own efficiency alone", async () => {
    const { table } = await loadArquero();
    const crops = table({
      cell_type: ['m481'],
      metastatic_efficiency: ['low'],
      category: ['PDX'],
      tumor: ['x'],
    });
    assert.deepEqual((await withCellTypes(crops)).columnNames(), crops.columnNames());
    const bare = table({ path: ['a'] });
    assert.equal(joinCellTypes(bare, table({ cell_type: ['m481'] })), bare);
  });
});
