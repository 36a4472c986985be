import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ResultsPage, resultsPage } from '../../src/plots/results-page';
import { OptionError } from '../../src/util/errors';

const hostile = '"><script>alert(1)</script>';
const page: ResultsPage = {
  title: hostile,
  intro: `${hostile}\n\nSecond paragraph.`,
  synthetic: true,
  facts: [[hostile, hostile]],
  sections: [
    {
      heading: hostile,
      text: hostile,
      figures: [
        { file: 'figures/a "b" #1?.svg', caption: hostile, alt: hostile },
        { svg: '<svg onload="alert(1)"/>', caption: 'inside', alt: 'inside' },
        { png: Uint8Array.of(1, 2, 3), caption: 'bytes', alt: 'bytes' },
      ],
      table: {
        columns: [hostile, 'n'],
        rows: [
          [hostile, 3],
          [{ text: hostile, file: 'z.csv' }, '4'],
        ],
      },
    },
  ],
};

describe('resultsPage', () => {
  const html = resultsPage(page);

  it('keeps everything it is told as text', () => {
    assert.ok(!html.includes('<script'));
    assert.ok(!html.includes('onload='));
    assert.equal(html.match(/&lt;script&gt;/g)?.length, 12);
  });

  it('names pictures relative to itself, and carries those it is given', () => {
    assert.ok(html.includes('src="figures/a%20%22b%22%20%231%3F.svg"'));
    assert.ok(html.includes('src="data:image/svg+xml;base64,'));
    assert.ok(html.includes('src="data:image/png;base64,AQID"'));
    assert.ok(!/https?:/.test(html));
  });

  it('refuses files elsewhere', () => {
    for (const file of ['javascript:alert(1)', '/etc/motd', 'file:///a.svg', '\\\\server\\a.svg', '']) {
      const sections = [{ heading: '', text: '', figures: [{ file, caption: '', alt: '' }] }];
      assert.throws(() => resultsPage({ ...page, sections }), OptionError);
    }
  });

  it('says that cells are synthetic when they are, and only then', () => {
    assert.ok(html.includes('<strong>Synthetic cells.</strong>'));
    assert.ok(!resultsPage({ ...page, synthetic: false }).includes('Synthetic'));
  });

  it('closes every element that it opens', () => {
    const open: string[] = [];
    for (const [, slash, name] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (['meta', 'img'].includes(name)) continue;
      if (slash) assert.equal(open.pop(), name);
      else open.push(name);
    }
    assert.deepEqual(open, []);
  });
});
