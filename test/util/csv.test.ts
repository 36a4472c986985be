import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { csvField, csvRows } from '../../src/util/csv';

describe('csvRows', () => {
  it('reads quotes, commas, line breaks and quotes inside quotes', () => {
    assert.deepEqual(csvRows('a,"b,c"\r\n"d\ne","say ""hi"""\n'), [
      ['a', 'b,c'],
      ['d\ne', 'say "hi"'],
    ]);
  });

  it('keeps empty fields, leaves out empty lines, and needs no last line break', () => {
    assert.deepEqual(csvRows('a,\n\n,b'), [
      ['a', ''],
      ['', 'b'],
    ]);
  });

  it('takes every kind of line break', () => {
    assert.deepEqual(csvRows('a\nb\r\nc\rd'), [['a'], ['b'], ['c'], ['d']]);
  });

  it('skips the mark that spreadsheets write first', () => {
    assert.deepEqual(csvRows('\ufeffpath\na'), [['path'], ['a']]);
  });

  it('reads back what csvField writes', () => {
    const row = ['plain', 'a,b', 'say "hi"', 'two\nlines', ''];
    assert.deepEqual(csvRows(row.map(csvField).join(',') + '\n'), [row]);
  });

  it('writes missing values as nothing', () => {
    assert.deepEqual([null, undefined, Number.NaN, 0, ''].map(csvField), ['', '', '', '0', '']);
  });
});
