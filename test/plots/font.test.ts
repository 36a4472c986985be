import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Resvg } from '@resvg/resvg-js';
import { escapeXml } from '../../src/plots/escape';
import { fontFamily, resvgFont, textWidth } from '../../src/plots/font';
import { wrapText } from '../../src/plots/wrap-text';

describe('textWidth', () => {
  it('is what is drawn, never less, and at most an eighth more (kerning and the room around letters)', () => {
    for (const text of [
      'Hello World AVATAR',
      '0.25 → 1,000',
      'β μm α −3 ± “x”',
      'm405c2 · high',
      'WWW iii ...',
    ]) {
      for (const weight of [400, 600]) {
        const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="90"><text x="9" y="50" font-family="${escapeXml(fontFamily)}" font-weight="${weight}" font-size="20">${text}</text></svg>`;
        const drawn = new Resvg(svg, { font: resvgFont }).getBBox()!.width;
        const ratio = textWidth(text, 20, weight) / drawn;
        assert.ok(ratio >= 1 && ratio < 1.125, `${text} at ${weight}: ${ratio}`);
      }
    }
  });

  it('of bold text is wider, of none is 0, and of unknown characters an em each', () => {
    assert.ok(textWidth('cells', 12, 'bold') > textWidth('cells', 12));
    assert.equal(textWidth('', 12), 0);
    assert.equal(textWidth('漢字', 10), 20);
  });
});

describe('wrapText', () => {
  it('breaks at spaces, inside a word only when it must, and at given line breaks', () => {
    assert.deepEqual(wrapText('Scores of cells of tumors never seen', 120, 12), [
      'Scores of cells of',
      'tumors never seen',
    ]);
    assert.deepEqual(wrapText('a\nb', 100, 12), ['a', 'b']);
    const lines = wrapText('unbreakable', 30, 12);
    assert.equal(lines.join(''), 'unbreakable');
    assert.ok(lines.length > 1 && lines.every((line) => textWidth(line, 12) <= 30));
  });
});
