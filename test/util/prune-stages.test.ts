import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pruneStages } from '../../src/util/prune-stages';
import { openStage } from '../../src/util/stage-cache';

const root = mkdtempSync(join(tmpdir(), 'lch-prune-'));
after(() => rmSync(root, { recursive: true }));

const now = new Date('2030-06-30T12:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 3600_000);

/** A cache with stages of one kilobyte, by the days since their last use. */
function cacheOf(name: string, ...ages: number[]): { cache: string; stage: (age: number) => string } {
  const cache = join(root, name);
  const stage = (age: number) => join(cache, `model-${String(age).padStart(16, '0')}`);
  for (const age of ages) {
    mkdirSync(join(stage(age), 'run'), { recursive: true });
    writeFileSync(join(stage(age), 'run', 'weights'), Buffer.alloc(1000));
    writeFileSync(join(stage(age), 'done.json'), '{}');
    utimesSync(stage(age), daysAgo(age), daysAgo(age));
  }
  return { cache, stage };
}

describe('pruning kept results', () => {
  it('removes what nothing used for thirty days', () => {
    const { cache, stage } = cacheOf('old', 2, 29, 31, 400);
    assert.deepEqual(pruneStages(cache, { keepSince: now, now }), { stages: 2, bytes: 2004 });
    assert.deepEqual(
      [2, 29, 31, 400].map((age) => existsSync(stage(age))),
      [true, true, false, false],
    );
  });

  it('removes what was used longest ago, until the rest is small enough', () => {
    const { cache, stage } = cacheOf('large', 2, 3, 5, 8);
    assert.equal(pruneStages(cache, { keepSince: now, now, bytes: 2500 }).stages, 2);
    assert.deepEqual(
      [2, 3, 5, 8].map((age) => existsSync(stage(age))),
      [true, true, false, false],
    );
  });

  it('never removes what this run used, nor anything of the last day, however large', () => {
    const { cache, stage } = cacheOf('current', 0.5, 40, 50);
    assert.equal(pruneStages(cache, { keepSince: daysAgo(45), now, bytes: 0 }).stages, 1);
    assert.deepEqual(
      [0.5, 40, 50].map((age) => existsSync(stage(age))),
      [true, true, false],
    );
    assert.equal(pruneStages(cache, { keepSince: now, now, bytes: 0 }).stages, 1);
    assert.ok(existsSync(stage(0.5)));
  });

  it('counts opening a stage as use', () => {
    const cache = join(root, 'used');
    const { folder } = openStage(cache, 'model', [1], ['util']);
    utimesSync(folder, daysAgo(40), daysAgo(40));
    assert.equal(openStage(cache, 'model', [1], ['util']).folder, folder);
    assert.equal(pruneStages(cache, { keepSince: new Date() }).stages, 0);
    assert.ok(existsSync(folder));
  });

  it('leaves everything else in the folder alone, and clears what an interrupted removal left', () => {
    const { cache } = cacheOf('mixed', 40);
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'data'), 'x');
    symlinkSync(elsewhere, join(cache, 'model-00000000000000aa'));
    symlinkSync(elsewhere, join(cache, `model-${'0'.repeat(14)}40`, 'linked'));
    utimesSync(join(cache, `model-${'0'.repeat(14)}40`), daysAgo(40), daysAgo(40));
    for (const name of ['my-notes', 'model-00000000000000bb.removed']) mkdirSync(join(cache, name));
    writeFileSync(join(cache, 'README'), '');
    utimesSync(join(cache, 'my-notes'), daysAgo(400), daysAgo(400));
    assert.equal(pruneStages(cache, { keepSince: now, now }).stages, 1);
    assert.deepEqual(readdirSync(cache).sort(), ['README', 'model-00000000000000aa', 'my-notes']);
    assert.ok(existsSync(join(elsewhere, 'data')));
  });

  it('finds nothing to do where there is no cache', () => {
    assert.deepEqual(pruneStages(join(root, 'none'), { keepSince: now }), { stages: 0, bytes: 0 });
  });
});
