import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listManifests } from '../../../src/data/manifests/list-manifests';
import { temporaryFolder, writeFiles } from '../helpers/folders';

describe('listManifests', () => {
  it('lists the data sets of this package, not the template', () => {
    const names = listManifests({ cache: temporaryFolder() }).map(({ name }) => name);
    assert.deepEqual(names, [
      'openlch-pretrained-56',
      'openlch-sample',
      'openlch-sample-2000',
      'synthetic-full',
      'synthetic-quick',
    ]);
  });

  it('goes on after a broken manifest, and tells of it', () => {
    const cache = writeFiles(temporaryFolder(), { 'manifests/broken/datapackage.json': '{}' });
    const broken: string[] = [];
    assert.equal(listManifests({ cache, broken: (message) => broken.push(message) }).length, 5);
    assert.match(broken.join(), /broken\/datapackage\.json at the top must have required property/);
  });
});
