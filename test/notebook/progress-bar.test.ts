import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelServices, MimeBundle } from '../../src/kernel/services';
import { notebookProgress } from '../../src/notebook/progress-bar';

function stage() {
  const shown = new Map<string, MimeBundle[]>();
  let time = 0;
  const kernel = {
    signal: new AbortController().signal,
    display(bundle: MimeBundle) {
      const id = String(shown.size);
      shown.set(id, [bundle]);
      return id;
    },
    updateDisplay: (id: string, bundle: MimeBundle) => void shown.get(id)?.push(bundle),
    write: () => {},
  };
  const progress = notebookProgress(kernel as unknown as KernelServices, () => time);
  const texts = (id: string) => (shown.get(id) ?? []).map((bundle) => String(bundle['text/plain']));
  return { kernel, progress, shown, texts, wait: (ms: number) => (time += ms) };
}

describe('progress in a notebook', () => {
  it('is one bar that moves in place, tells rate and remaining time, and ends in a line without times', () => {
    const { progress, shown, texts, wait } = stage();
    progress.start('encode', 1000, 'cells');
    wait(2000);
    progress.update(250, 'half asleep');
    progress.finish('1000 cells');
    assert.equal(shown.size, 1);
    assert.deepEqual(texts('0'), [
      'encode ░░░░░░░░░░░░░░░░░░░░ 0 of 1,000',
      'encode █████░░░░░░░░░░░░░░░ 250 of 1,000 · 125 cells/s · half asleep · 6.0 s left',
      'encode: done · 1000 cells',
    ]);
  });

  it('changes ten times a second at most', () => {
    const { progress, texts, wait } = stage();
    progress.start('work', 100);
    for (let i = 1; i <= 100; i++) {
      wait(10);
      progress.update(i);
    }
    assert.ok(texts('0').length <= 11, `${texts('0').length}`);
  });

  it('nests, and forgets the bars of an interrupted cell', () => {
    const { kernel, progress, shown, texts } = stage();
    progress.start('outer', 2);
    progress.start('inner', 5);
    progress.finish();
    progress.finish('both');
    assert.deepEqual([texts('0').at(-1), texts('1').at(-1)], ['outer: done · both', '  inner: done']);
    progress.start('broken', 2);
    kernel.signal = new AbortController().signal;
    progress.start('next', 2);
    assert.match(String(shown.get('3')?.[0]['text/plain']), /^next/);
  });

  it('escapes labels', () => {
    const { progress, shown } = stage();
    progress.start('<b>', 1);
    progress.finish('<i>');
    assert.ok(shown.get('0')?.every((bundle) => !/<[bi]>/.test(String(bundle['text/html']))));
  });
});
