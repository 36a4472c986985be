import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelServices, MimeBundle } from '../../src/kernel/services';
import { notebookProgress } from '../../src/notebook/progress-bar';

function stage() {
  const shown = new Map<string, MimeBundle[]>();
  let time = 0;
  let endings: ((result: unknown) => unknown)[] = [];
  const kernel = {
    signal: new AbortController().signal,
    executionCount: 1,
    onCellEnd: (finish: (result: unknown) => unknown) => void endings.push(finish),
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
  /** The next bar belongs to a new cell. */
  const endCell = (result: unknown) => {
    const shownResult = endings.reduce((value, finish) => finish(value), result);
    endings = [];
    kernel.signal = new AbortController().signal;
    return shownResult;
  };
  return { progress, shown, texts, endCell, wait: (ms: number) => (time += ms) };
}

describe('progress in a notebook', () => {
  it('is one bar that moves in place, tells rate and remaining time, and ends in a line without times', () => {
    const { progress, shown, texts, wait } = stage();
    progress.start('encode', 1000, 'cells');
    wait(2000);
    progress.update(250, 'half asleep');
    progress.update(1000); // too soon to be shown
    progress.finish('a note');
    assert.equal(shown.size, 1);
    assert.deepEqual(texts('0'), [
      'encode: ░░░░░░░░░░░░░░░░░░░░ 0 of 1,000 cells',
      'encode: █████░░░░░░░░░░░░░░░ 250 of 1,000 cells · 125 cells/s · half asleep · 6.0 s left',
      'encode: done: 1,000 of 1,000 cells · a note',
    ]);
  });

  it('ends in the count of the note, where that counts the same', () => {
    const { progress, texts } = stage();
    progress.start('load crops', 1000, 'crops');
    progress.finish('1000 crops of 64×64 pixels');
    assert.equal(texts('0').at(-1), 'load crops: done: 1,000 crops of 64×64 pixels');
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

  it('a picture of the work is replaced in place, once a second at most, and the last one is drawn for files too', async () => {
    const { progress, shown, wait } = stage();
    let made = 0;
    const make = () => {
      made++;
      return {
        $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
        data: { values: [{ x: made }] },
        mark: 'point',
        encoding: { x: { field: 'x', type: 'quantitative' } },
      };
    };
    await progress.figure?.(make);
    assert.equal(made, 0, 'nothing is under way');
    progress.start('train', 10);
    for (let i = 1; i <= 10; i++) {
      wait(300);
      await progress.figure?.(make);
    }
    await progress.figure?.(make, true);
    progress.finish();
    assert.equal(shown.size, 2);
    const pictures = shown.get('1') ?? [];
    assert.equal(pictures.length, made);
    assert.ok(made <= 5, `${made}`);
    assert.ok('application/vnd.vegalite.v5+json' in pictures[0] && !('image/png' in pictures[0]));
    assert.ok('image/png' in (pictures.at(-1) as MimeBundle));
  });

  it('nests: inner work stands below its own, and a step that comes again takes its line again', () => {
    const { progress, shown, texts } = stage();
    progress.start('outer', 2);
    for (let i = 1; i <= 2; i++) {
      progress.start('inner', 5);
      progress.update(4);
      progress.finish();
      progress.update(i);
    }
    progress.finish('both');
    assert.equal(shown.size, 1);
    assert.equal(texts('0').at(-1), 'outer: done: 2 of 2 · both\n  inner: done: 4 of 5');
  });

  it('says where work stood whose cell ended before it', () => {
    const { progress, texts, endCell } = stage();
    progress.start('train', 200, 'steps');
    progress.update(70);
    assert.equal(endCell('result'), 'result');
    assert.equal(texts('0').at(-1), 'train: stopped at 70 of 200 steps');
    progress.start('next', 2);
    progress.finish();
    assert.deepEqual(texts('1').at(-1), 'next: done: 2 of 2');
  });

  it('goes over anything that can be gone through', () => {
    const { progress, texts } = stage();
    assert.deepEqual([...progress.over(['a', 'b'], 'letters')], ['a', 'b']);
    assert.equal(texts('0').at(-1), 'letters: done: 2 of 2');
    assert.deepEqual([...progress.over(new Set([1, 2, 3]))], [1, 2, 3]);
    assert.equal(texts('1').at(-1), 'items: done: 3 of 3');
    const counted = function* () {
      yield* [1, 2];
    };
    assert.deepEqual([...progress.over(counted())], [1, 2]);
    assert.deepEqual(texts('2'), ['items: ░░░░░░░░░░░░░░░░░░░░ 0', 'items: done: 2']);
  });

  it('escapes labels and notes', () => {
    const { progress, shown } = stage();
    progress.start('<b>', 1);
    progress.finish('<i>');
    assert.ok(shown.get('0')?.every((bundle) => !/<[bi]>/.test(String(bundle['text/html']))));
  });
});
