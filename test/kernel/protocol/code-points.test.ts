import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toCodePoints, toUtf16 } from '../../../src/kernel/protocol/code-points';

describe('cursor positions', () => {
  it('count an emoji as one code point and two UTF-16 units', () => {
    assert.equal(toUtf16('a😀b', 2), 3);
    assert.equal(toCodePoints('a😀b', 3), 2);
  });

  it('end with the text', () => {
    assert.equal(toUtf16('ab', 9), 2);
    assert.equal(toCodePoints('ab', 9), 2);
  });
});
