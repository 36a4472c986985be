import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTorch7, type Torch7Value, tensorValues } from '../../src/autoencoder/torch7';
import { goldenBytes } from '../helpers/golden';

interface Expected {
  type: string;
  value?: unknown;
  shape?: number[];
  values?: number[];
}

describe('readTorch7', () => {
  const expected: Record<string, Expected> = JSON.parse(goldenBytes('misc_types.expected.json').toString());

  for (const file of ['misc_types.t7', 'misc_types_ascii.t7']) {
    it(`reads every kind of value of ${file}`, () => {
      const table = readTorch7(goldenBytes(file), file) as Map<Torch7Value, Torch7Value>;
      for (const [key, { type, value, shape, values }] of Object.entries(expected)) {
        const found = table.get(key) ?? table.get(Number(key));
        assert.notEqual(found, undefined, key);
        if (value !== undefined) assert.equal(found, value, key);
        else if (type === 'table') assert.ok(found instanceof Map, key);
        else {
          const object = found as Exclude<Torch7Value, null | number | string | boolean | Map<never, never>>;
          assert.ok('kind' in object && object.type === type, key);
          if (object.kind === 'tensor') {
            assert.deepEqual(object.shape, shape, key);
            assert.deepEqual([...tensorValues(object)], values, key);
          }
          if (object.kind === 'storage') assert.deepEqual([...object.values], values, key);
        }
      }
      assert.equal(table.get('list'), table.get('same_list'), 'a table met twice is one object');
      assert.equal(table.get('self'), table, 'a cycle is closed');
    });
  }

  it('names what is wrong with a truncated file and with one of another kind', () => {
    const bytes = goldenBytes('misc_types.t7');
    assert.throws(() => readTorch7(bytes.subarray(0, 500), 'model.t7'), /^ModelError: model\.t7 ends early/);
    assert.throws(
      () => readTorch7(Buffer.from('PNG and so on, no model'), 'model.t7'),
      /model\.t7 is no Torch7 file|model\.t7: is no Torch7 file/,
    );
  });
});
