import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leavesFolder } from '../../../src/data/manifests/leaves-folder';

describe('leavesFolder', () => {
  it('lets names inside the folder pass', () => {
    for (const path of [
      'a.png',
      'images/a b.png',
      './a.png',
      'a..b/c...png',
      'auxiliary/console.png',
      'ä/細胞.png',
    ]) {
      assert.equal(leavesFolder(path), undefined, path);
    }
  });

  it('stops names that leave it, on any system', () => {
    for (const path of [
      '',
      '../a',
      'a/../../b',
      'a/..',
      '/etc/passwd',
      'C:/a',
      'C:a',
      'a\\b',
      'a\0b',
      'a\nb',
      'NUL',
      'x/com1.png',
    ]) {
      assert.equal(typeof leavesFolder(path), 'string', JSON.stringify(path));
    }
  });
});
