import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkTable } from '../../../src/data/manifests/check-table';
import type { TableField } from '../../../src/data/manifests/manifest';

/** What checkTable says of a table with one column `x`. */
function verdict(field: Omit<TableField, 'name'>, ...values: string[]): string {
  const text = ['x,y', ...values.map((value) => `${value},1`)].join('\n');
  try {
    checkTable(text, { fields: [{ name: 'x', ...field }] }, 't.csv');
    return 'right';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('checkTable', () => {
  it('returns the rows by column name, further columns too', () => {
    assert.deepEqual(checkTable('x,y\n1,a\n2,b\n', { fields: [{ name: 'x', type: 'integer' }] }, 't.csv'), [
      { x: '1', y: 'a' },
      { x: '2', y: 'b' },
    ]);
  });

  it('names a column that is missing, and the one that may be meant', () => {
    assert.throws(
      () => checkTable('pth\na.png\n', { fields: [{ name: 'path' }] }, 't.csv'),
      /t\.csv needs a column path, it has pth; is pth meant\?/,
    );
  });

  it('names a row with too few fields', () => {
    assert.throws(
      () => checkTable('x,y\n1\n', { fields: [{ name: 'x' }] }, 't.csv'),
      /row 1 has 1 fields, its header has 2/,
    );
  });

  it('checks types and constraints', () => {
    const says = (fault: string) =>
      `readManifest: t.csv row 1 has x "${fault.split('|')[0]}"; ${fault.split('|')[1]}`;
    assert.equal(verdict({ type: 'integer' }, '-3'), 'right');
    assert.equal(verdict({ type: 'integer' }, '1.5'), says('1.5|it must be an integer'));
    assert.equal(verdict({ type: 'number' }, '1e-3'), 'right');
    assert.equal(verdict({ type: 'number' }, 'much'), says('much|it must be a number'));
    assert.equal(verdict({ type: 'boolean' }, 'true'), 'right');
    assert.equal(verdict({ type: 'boolean' }, 'yes'), says('yes|use true or false'));
    assert.equal(verdict({ type: 'date' }, '2014-06-06'), 'right');
    assert.equal(verdict({ type: 'date' }, '2014-02-30'), says('2014-02-30|write the date as 2014-06-06'));
    assert.equal(verdict({ constraints: { enum: ['high', 'low'] } }, 'hi'), says('hi|use high, low'));
    assert.equal(verdict({ constraints: { pattern: '[a-f]+' } }, 'xa'), says('xa|it must match [a-f]+'));
    assert.equal(
      verdict({ type: 'integer', constraints: { minimum: 0 } }, '-1'),
      says('-1|it must be at least 0'),
    );
    assert.equal(
      verdict({ type: 'integer', constraints: { maximum: 9 } }, '10'),
      says('10|it must be at most 9'),
    );
    assert.equal(verdict({ constraints: { required: true } }, ''), says('|a value is needed'));
    assert.equal(verdict({ type: 'integer' }, ''), 'right');
    assert.match(
      verdict({ constraints: { unique: true } }, 'a', 'b', 'a'),
      /row 3 has x "a"; an earlier row has it too/,
    );
  });
});
