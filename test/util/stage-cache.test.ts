import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { findStage, openStage, sumOf } from '../../src/util/stage-cache';

const cache = mkdtempSync(join(tmpdir(), 'lch-stages-'));
after(() => rmSync(cache, { recursive: true }));

describe('a stage', () => {
  it('is done only once it was finished, and for the same inputs', () => {
    const first = openStage(cache, 'model', [new Float32Array([1, 2]), { seed: 1 }], ['util']);
    assert.equal(first.done, false);
    assert.equal(openStage(cache, 'model', [new Float32Array([1, 2]), { seed: 1 }], ['util']).done, false);
    first.finish();
    assert.equal(openStage(cache, 'model', [new Float32Array([1, 2]), { seed: 1 }], ['util']).done, true);
    for (const inputs of [
      [new Float32Array([1, 3]), { seed: 1 }],
      [new Float32Array([1, 2]), { seed: 2 }],
      [new Float32Array([1, 2])],
    ]) {
      assert.equal(openStage(cache, 'model', inputs, ['util']).done, false);
    }
    assert.notEqual(
      openStage(cache, 'codes', [new Float32Array([1, 2]), { seed: 1 }], ['util']).folder,
      first.folder,
    );
  });

  it('is found only when it is done, and looking for it makes nothing', () => {
    const stage = openStage(cache, 'found', [1], ['util']);
    assert.equal(findStage(cache, 'found', [1], ['util']), null);
    stage.finish();
    assert.equal(findStage(cache, 'found', [1], ['util'])?.folder, stage.folder);
    assert.equal(findStage(join(cache, 'new'), 'found', [1], ['util']), null);
    assert.equal(existsSync(join(cache, 'new')), false);
  });

  it('depends on the code it names', () => {
    const a = openStage(cache, 'x', [1], ['util']);
    const b = openStage(cache, 'x', [1], ['stats', 'util']);
    const c = openStage(cache, 'x', [1], ['util', 'stats']);
    assert.notEqual(a.key, b.key);
    assert.equal(b.key, c.key);
  });

  it('tells values apart that stand side by side', () => {
    assert.notEqual(sumOf(['ab', 'c']), sumOf(['a', 'bc']));
    assert.notEqual(sumOf([undefined]), sumOf([null]));
  });
});
