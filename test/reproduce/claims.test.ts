import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Claims, claimsMime } from '../../src/reproduce/claims';
import { OptionError } from '../../src/util/errors';

describe('claims', () => {
  it('hold when ours lies within the tolerance of what was planted, its ends included', () => {
    const claims = new Claims();
    assert.equal(claims.check('a', { planted: 0.8, ours: 0.75, within: 0.05 + 1e-12 }).verdict, 'holds');
    assert.equal(claims.check('a', { planted: 0.8, ours: 0.7, within: 0.05 }).verdict, 'missed');
    assert.equal(claims.check('a', { published: 0.8, ours: 0.9, within: 0.05 }).source, 'published');
  });

  it('know at least, at most and between', () => {
    const claims = new Claims();
    const verdicts = [
      claims.check('a', { ours: 2, atLeast: 2 }),
      claims.check('a', { ours: 2, atLeast: 2.1 }),
      claims.check('a', { ours: 2, atMost: 2 }),
      claims.check('a', { ours: 2, atMost: 1.9 }),
      claims.check('a', { ours: 2, between: [1, 2] }),
      claims.check('a', { ours: 2, between: [1, 1.5] }),
    ].map(({ verdict }) => verdict);
    assert.deepEqual(verdicts, ['holds', 'missed', 'holds', 'missed', 'holds', 'missed']);
  });

  it('are missed by NaN, whatever the tolerance', () => {
    const claims = new Claims();
    for (const tolerance of [
      { atLeast: 0 },
      { atMost: 9 },
      { between: [0, 1] as const },
      { planted: 1, within: 9 },
    ]) {
      assert.equal(claims.check('a', { ours: Number.NaN, ...tolerance }).verdict, 'missed');
    }
  });

  it('are shown without a verdict where tolerances were set for other cells', () => {
    const claims = new Claims({ judge: false });
    assert.equal(claims.check('a', { ours: 0, atLeast: 1 }).verdict, 'not judged');
  });

  it('need a tolerance, and something to be near to', () => {
    const claims = new Claims();
    assert.throws(() => claims.check('AUC', { ours: 1 }), OptionError);
    assert.throws(() => claims.check('AUC', { ours: 1, within: 0.1 }), /needs a planted or published value/);
  });

  it('show as a table whose text is escaped, beside the rows that npm start reads', () => {
    const claims = new Claims();
    claims.check('AUC of <img src=x>', { planted: 0.867, ours: 0.8123, interval: [0.7, 0.9], within: 0.1 });
    const shown = claims[Symbol.for('Jupyter.display') as never] as () => Record<string, unknown>;
    const bundle = shown.call(claims);
    assert.ok(!String(bundle['text/html']).includes('<img'));
    assert.match(
      String(bundle['text/plain']),
      /0\.87 \(planted\) \| 0\.81 \(0\.70 to 0\.90\) \| within 0\.10 \| holds/,
    );
    assert.deepEqual(bundle[claimsMime], { rows: claims.rows });
  });
});
