import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CellOffsets, lineAndColumn, offsetOf } from '../../src/kernel/cell-offsets';

// `%time xs.ma` → `timed(() => xs.ma)`
const source = 'a;\n%time xs.ma\nb;';
const edits = [
  { start: 3, end: 9, text: 'timed(() => ' },
  { start: 14, end: 14, text: ')' },
];
const code = 'a;\ntimed(() => xs.ma)\nb;';
const offsets = new CellOffsets(source, code, edits);

describe('positions in a rewritten cell', () => {
  it('stay themselves before the first edit', () => {
    assert.equal(offsets.toCode(2), 2);
    assert.equal(offsets.toSource(2), 2);
  });

  it('map both ways in text that was kept', () => {
    for (const word of ['xs', 'ma', 'b;']) {
      assert.equal(offsets.toCode(source.indexOf(word)), code.indexOf(word));
      assert.equal(offsets.toSource(code.indexOf(word)), source.indexOf(word));
    }
  });

  it('stay before text that was put in at the cursor', () => {
    assert.equal(offsets.toCode(14), code.indexOf(')\n'));
  });

  it('map from put-in text to what it replaced', () => {
    assert.equal(offsets.toSource(3), 3);
    assert.equal(offsets.toSource(6), 6);
    assert.equal(offsets.toSource(14), 9);
  });

  it('never leave the cell', () => {
    assert.equal(offsets.toSource(1000), source.length);
  });

  it('are the same without edits', () => {
    const same = new CellOffsets('abc', 'abc', []);
    assert.deepEqual([same.toCode(2), same.toSource(2)], [2, 2]);
  });

  it('translate to lines and columns and back', () => {
    assert.deepEqual(lineAndColumn('ab\ncd', 4), { line: 1, column: 1 });
    assert.equal(offsetOf('ab\ncd', { line: 1, column: 1 }), 4);
    assert.equal(offsetOf('ab', { line: 5, column: 0 }), 2);
    assert.deepEqual(offsets.positionInSource({ line: 1, column: code.split('\n')[1].indexOf('xs') }), {
      line: 1,
      column: 6,
    });
  });
});
