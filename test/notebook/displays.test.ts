import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MimeBundle } from '../../src/kernel/services';
import { formatRichly } from '../../src/notebook/displays';
import { loadArquero } from '../../src/util/arquero';

async function shown(value: unknown): Promise<MimeBundle> {
  const bundle = await formatRichly(value);
  assert.ok(bundle, 'has a display');
  assert.equal(typeof bundle['text/plain'], 'string');
  return bundle;
}

const attack = '<img src=x onerror=alert(1)>';

describe('displays', () => {
  it('leave short values to their text', async () => {
    for (const value of [1, 'text', null, undefined, { a: 1 }, [1, 2, 3], true, 3n]) {
      assert.equal(await formatRichly(value), null);
    }
  });

  it('show an Arquero table with its types, both ends and the count, and escape what it holds', async () => {
    const { table } = await loadArquero();
    const bundle = await shown(
      table({
        path: Array.from({ length: 50 }, (_, i) => (i === 0 ? attack : `c${i}`)),
        z1: Float64Array.from({ length: 50 }, (_, i) => i / 3),
      }),
    );
    const html = String(bundle['text/html']);
    assert.ok(!html.includes('<img'), 'escaped');
    assert.match(html, /path \(text\).*z1 \(number\)/s);
    assert.match(html, /c9<.*…<.*c40</s);
    assert.ok(!html.includes('>c20<'));
    assert.match(html, /50 rows × 2 columns/);
    assert.match(String(bundle['text/plain']), /^path \(text\)\s+z1 \(number\)/);
  });

  it('show an array of records as a table', async () => {
    const bundle = await shown([
      { tumor: 'm405', auc: 0.81234567 },
      { tumor: attack, auc: Number.NaN },
    ]);
    assert.match(String(bundle['text/plain']), /m405\s+0\.812346/);
    assert.ok(!String(bundle['text/html']).includes('<img'));
    assert.equal(await formatRichly([{ a: 1 }, { b: 1 }]), null);
  });

  it('show the bytes of a picture, and SVG text', async () => {
    const png = Uint8Array.from(Buffer.from('89504e470d0a1a0a0000000d49484452000000050000000708', 'hex'));
    assert.deepEqual(await shown(png), { 'image/png': png, 'text/plain': 'PNG picture, 5 × 7 pixels' });
    assert.equal((await shown('<svg xmlns="http://www.w3.org/2000/svg"/>'))['text/plain'], 'SVG picture');
  });

  it('show a Vega-Lite chart interactive and as pictures', async () => {
    const spec = {
      $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
      title: 'Two dots',
      data: { values: [{ x: 1 }, { x: 2 }] },
      mark: 'point',
      encoding: { x: { field: 'x', type: 'quantitative' } },
    };
    const bundle = await shown(spec);
    assert.equal(bundle['application/vnd.vegalite.v5+json'], spec);
    assert.match(String(bundle['image/svg+xml']), /^<svg/);
    assert.equal(
      Buffer.from(bundle['image/png'] as Uint8Array)
        .subarray(1, 4)
        .toString(),
      'PNG',
    );
    assert.equal(bundle['text/plain'], 'Vega-Lite chart: Two dots');
  });

  it('leave a chart that cannot be drawn to the front end', async () => {
    const bundle = await shown({ $schema: 'https://vega.github.io/schema/vega-lite/v5.json', mark: 7 });
    assert.ok('application/vnd.vegalite.v5+json' in bundle);
  });

  it('sum typed arrays up', async () => {
    const bundle = await shown(Float32Array.from({ length: 2000 }, (_, i) => (i === 5 ? Number.NaN : i % 2)));
    assert.match(
      String(bundle['text/plain']),
      /^Float32Array\(2,000\): 0, 1, 0, 1, 0, NaN, .*\nfrom 0 to 1, mean 0\.49975.*1 not finite$/s,
    );
  });

  it('show a tensor with a picture of what is one, and say when it is gone', async () => {
    const values = Float32Array.from({ length: 256 }, (_, i) => i / 255);
    const tensor = {
      shape: [16, 16],
      rank: 2,
      dtype: 'float32',
      dataId: {},
      isDisposed: false,
      dataSync: () => values,
    };
    const bundle = await shown(tensor);
    assert.match(String(bundle['text/plain']), /^Tensor \[16, 16\] float32: 0, 0\.0039/);
    assert.ok(bundle['image/png'] instanceof Uint8Array);
    assert.equal(
      (await shown({ ...tensor, isDisposed: true }))['text/plain'],
      'Tensor [16, 16] float32, disposed',
    );
  });

  it('show maps, sets, promises and errors', async () => {
    assert.match(
      String((await shown(new Map([['a', 1]])))['text/plain']),
      /^Map of 1\nkey {2}value\na {4}1$/,
    );
    assert.match(String((await shown(new Set([attack])))['text/html']), /&lt;img/);
    assert.match(String((await shown(new Promise(() => {})))['text/plain']), /pending; write await/);
    const failed = Promise.reject(new Error('x'));
    failed.catch(() => {});
    assert.match(String((await shown(failed))['text/plain']), /rejected/);
    const error = await shown(new Error(attack, { cause: 'why' }));
    assert.ok(!String(error['text/html']).includes('<img'));
    assert.match(String(error['text/html']), /<details>/);
  });

  it('fold long objects', async () => {
    const long = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key number ${i}`, attack]));
    const html = String((await shown(long))['text/html']);
    assert.match(html, /^<details><summary>Object with key number 0/);
    assert.ok(!html.includes('<img'));
  });
});
