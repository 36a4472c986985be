import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shiftName } from '../../src/commands/shift-name';

describe('the name of a shift', () => {
  it('has a sign and a digit after the point, more where the shift has more', () => {
    const names = [1, -2.5, 0, -0, 0.25, -0.125, 10].map(shiftName);
    assert.deepEqual(names, ['+1.0', '-2.5', '+0.0', '+0.0', '+0.25', '-0.125', '+10.0']);
  });

  it('does not show what steps of a sixth or a tenth leave behind', () => {
    assert.equal(shiftName(0.1 + 0.2), '+0.3');
    assert.equal(shiftName(-1e-17), '+0.0');
  });

  it('tells the steps of a gallery apart', () => {
    const shifts = Array.from({ length: 12 }, (_, s) => (3 * (2 * s - 11)) / 11);
    assert.equal(new Set(shifts.map(shiftName)).size, 12);
  });
});
