import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { defaultHistoryFolder, History } from '../../src/kernel/history';

const inputs = (entries: readonly { input: string }[]) => entries.map(({ input }) => input);

describe('history', () => {
  it('keeps nothing on disk when it is off', () => {
    const history = new History(null);
    history.add(1, 'a', undefined);
    history.add(2, 'b', '2');
    assert.deepEqual(inputs(history.range(0, 1, 2)), ['a']);
    assert.deepEqual(history.answer({ hist_access_type: 'tail', n: 1, output: true }), [[1, 2, ['b', '2']]]);
  });

  it('finds by pattern, each text once if asked', () => {
    const history = new History(null);
    for (const [i, input] of ['f(1)', 'g(1)', 'f(1)', 'f(22)'].entries())
      history.add(i + 1, input, undefined);
    assert.deepEqual(inputs(history.search('f(?)')), ['f(1)', 'f(1)']);
    assert.deepEqual(inputs(history.search('f*', undefined, true)), ['f(1)', 'f(22)']);
    assert.deepEqual(inputs(history.search('*', 1)), ['f(22)']);
  });

  it('gives two kernels that start at once different sessions', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lch-history-'));
    const sessions = [new History(folder), new History(folder), new History(folder)].map(
      ({ session }) => session,
    );
    assert.deepEqual(sessions, [1, 2, 3]);
  });

  it('reads earlier sessions and skips broken lines', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lch-history-'));
    writeFileSync(join(folder, '4.jsonl'), '{"session":4,"line":1,"input":"old"}\n{"session":4,"li');
    const history = new History(folder);
    history.add(1, 'new', undefined);
    assert.deepEqual(inputs(history.tail(5)), ['old', 'new']);
    assert.deepEqual(inputs(history.range(-1)), ['old']);
    assert.deepEqual(inputs(history.range(4)), ['old']);
  });

  it('lies where LCH_HISTORY says', () => {
    assert.equal(defaultHistoryFolder({ LCH_HISTORY: 'off' }), null);
    assert.equal(defaultHistoryFolder({ LCH_HISTORY: '/h' }), '/h');
    assert.equal(defaultHistoryFolder({ XDG_DATA_HOME: '/d' }), join('/d', 'live-cell-histology', 'history'));
  });
});
