import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkDescriptor } from '../../../src/data/manifests/check-descriptor';
import { shippedManifests } from '../../../src/data/manifests/places';
import { sha256 } from '../helpers/folders';

describe('checkDescriptor', () => {
  it('passes every datapackage.json that comes with this package', () => {
    const names = readdirSync(shippedManifests(), { recursive: true, encoding: 'utf8' });
    const descriptors = names.filter((name) => name.endsWith('datapackage.json'));
    assert.ok(descriptors.length >= 7);
    for (const name of descriptors) {
      checkDescriptor(JSON.parse(readFileSync(join(shippedManifests(), name), 'utf8')), name);
    }
  });

  it("asks the standard's own profile, byte for byte as its README names it", () => {
    const profiles = join(shippedManifests(), 'profiles');
    const sum = sha256(readFileSync(join(profiles, 'datapackage-2.0.json')));
    assert.ok(readFileSync(join(profiles, 'README.md'), 'utf8').includes(sum));
  });

  it('names a type of column that the standard does not have', () => {
    const descriptor = {
      name: 'set',
      title: 'A set',
      lch: { kind: 'crops' },
      resources: [{ name: 'cells', path: 'cells.csv', schema: { fields: [{ name: 'area', type: 'real' }] } }],
    };
    assert.throws(() => checkDescriptor(descriptor, 'set'), {
      name: 'ManifestError',
      message: /set at \/resources\/0\/schema\/fields\/0\/type must be equal to one of the allowed values/,
    });
  });

  it('needs resources', () => {
    assert.throws(
      () => checkDescriptor({ name: 'set', title: 'A set', lch: { kind: 'crops' } }, 'set'),
      /set at the top must have required property 'resources'/,
    );
  });
});
