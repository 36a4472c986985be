import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { textOutside } from './text-outside';

const svg = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50" viewBox="0 0 100 50">${content}</svg>`;

describe('textOutside', () => {
  it('passes a text that fits and names one that sticks out, also through moved groups', () => {
    assert.deepEqual(textOutside(svg('<text x="5" y="20">in</text>')), []);
    assert.equal(textOutside(svg('<text x="90" y="20">beyond</text>')).length, 1);
    assert.equal(textOutside(svg('<text x="-20" y="20">before</text>')).length, 1);
    assert.equal(
      textOutside(svg('<g transform="translate(0,45)"><text x="5" y="20">below</text></g>')).length,
      1,
    );
  });
});
