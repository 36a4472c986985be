import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { cacheFolder, localFolders } from '../../../src/data/manifests/places';

const { LCH_CACHE, XDG_CACHE_HOME } = process.env;

describe('cacheFolder', () => {
  afterEach(() => {
    for (const [name, value] of Object.entries({ LCH_CACHE, XDG_CACHE_HOME })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('is LCH_CACHE, else below XDG_CACHE_HOME, else below ~/.cache', () => {
    process.env.LCH_CACHE = 'here';
    process.env.XDG_CACHE_HOME = resolve('xdg');
    assert.equal(cacheFolder(), resolve('here'));
    delete process.env.LCH_CACHE;
    assert.equal(cacheFolder(), join(resolve('xdg'), 'live-cell-histology'));
    delete process.env.XDG_CACHE_HOME;
    assert.equal(cacheFolder(), join(homedir(), '.cache', 'live-cell-histology'));
  });
});

describe('localFolders', () => {
  it('splits LCH_DATA_PATH as PATH is split', () => {
    assert.deepEqual(localFolders(['../shared/data', '', '/data'].join(delimiter)), [
      resolve('../shared/data'),
      resolve('/data'),
    ]);
    assert.deepEqual(localFolders(''), []);
  });
});
