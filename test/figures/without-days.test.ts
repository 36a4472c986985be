import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutDays } from '../../src/figures/without-days';

// two days, the second 10 brighter; a tumor that is 1 above the other cells on each
const category = ['cell line', 'cell line', 'PDX', 'cell line', 'melanocyte', 'PDX'];
const date = ['d1', 'd1', 'd1', 'd2', 'd2', 'd2'];
const latents = Float32Array.of(-1, 1, 1, 9, 11, 11);

describe('descriptors without days', () => {
  it('lose what a day does to cells that are no tumors, and keep how tumors differ from those', () => {
    const { latents: centred } = withoutDays({ latents, n: 6, d: 1 }, category, date);
    assert.deepEqual([...centred], [4, 6, 6, 4, 6, 6]);
    assert.equal(latents[0], -1, 'the given descriptors stay as they are');
  });

  it('do not change with the tumors: a cell of another tumor moves no other', () => {
    const other = latents.slice();
    other[5] = 500;
    const { latents: centred } = withoutDays({ latents: other, n: 6, d: 1 }, category, date);
    assert.deepEqual([...centred.subarray(0, 5)], [4, 6, 6, 4, 6]);
  });

  it('need other cells on every day with tumors, and leave days with too few cells of either alone', () => {
    assert.throws(
      () => withoutDays({ latents, n: 6, d: 1 }, category, ['d1', 'd1', 'd1', 'd2', 'd3', 'd2']),
      /withoutDays needs at least two cells that are no tumors .* got 1 on d2/,
    );
    const lines = ['x', 'x', 'PDX', 'x', 'x', 'x'];
    const { latents: centred } = withoutDays({ latents, n: 6, d: 1 }, lines, [...date.slice(0, 5), 'd3']);
    assert.equal(centred[5], 11);
  });
});
