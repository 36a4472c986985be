import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkTslab, sideOutputPath } from '../../../src/kernel/typescript/tslab';
import { packageRoot } from '../../../src/util/files';

const tslabExports = Object.fromEntries(
  ['createConverter', 'isCompleteCode', 'esModuleToCommonJSModule', 'getCodeMetadata', 'printQuickInfo'].map(
    (name) => [name, () => {}],
  ),
);

describe('the hold on tslab', () => {
  it('accepts the version that the hooks were written for', () => {
    assert.doesNotThrow(() => checkTslab('1.0.22', tslabExports));
  });

  it('explains another version', () => {
    assert.throws(() => checkTslab('1.1.0', tslabExports), {
      message: 'the kernel is built on tslab 1.0.22, found 1.1.0; run npm install tslab@1.0.22 --save-exact',
    });
  });

  it('names what a changed tslab lacks', () => {
    assert.throws(
      () => checkTslab('1.0.22', { ...tslabExports, isCompleteCode: undefined }),
      /without isCompleteCode/,
    );
  });

  it('is pinned exactly in package.json', () => {
    const { dependencies } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
    assert.equal(dependencies.tslab, '1.0.22');
  });

  it('gives modules above the notebook their true path', () => {
    assert.equal(sideOutputPath('/home/me/notebooks', '/home/me/notebooks/a.js'), '/home/me/notebooks/a.js');
    assert.equal(
      sideOutputPath('/home/me/notebooks', '/home/me/notebooks/__outside__/home/me/b.js'),
      '/home/me/b.js',
    );
  });
});
