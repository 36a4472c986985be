import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { presets } from '../../src/autoencoder/architecture';
import { buildAutoencoder } from '../../src/autoencoder/autoencoder';
import { loadBackend } from '../../src/compute';
import type { MimeBundle } from '../../src/kernel/services';
import { richDisplay } from '../../src/notebook/displays';
import { loadArquero } from '../../src/util/arquero';
import { seededRandom } from '../../src/util/random';

const formatRichly = richDisplay({ translateStack: (text) => text.replaceAll('Cell[3].js', 'Cell[3]') });

async function shown(value: unknown): Promise<MimeBundle> {
  const bundle = await formatRichly(value);
  assert.ok(bundle, 'has a display');
  assert.equal(typeof bundle['text/plain'], 'string');
  return bundle;
}

const attack = '<img src=x onerror=alert(1)>';

/** A tensor as far as displays look at it. */
function tensor(shape: number[], value: (index: number) => number) {
  const length = shape.reduce((product, side) => product * side, 1);
  const data = Float32Array.from({ length }, (_, i) => value(i));
  return { shape, dtype: 'float32', dataId: {}, isDisposed: false, data: async () => data };
}

async function pngSize(bundle: MimeBundle) {
  const picture = Buffer.from(bundle['image/png'] as string, 'base64');
  const { width, height, channels } = await sharp(picture).metadata();
  return { width, height, channels };
}

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
    assert.match(String(bundle['text/plain']), /m405\s+0\.8123/);
    assert.ok(!String(bundle['text/html']).includes('<img'));
    assert.equal(await formatRichly([{ a: 1 }, { b: 1 }]), null);
  });

  it('write the numbers of a column with the same decimals, whole ones in full, tiny ones with two digits', async () => {
    const bundle = await shown([
      { cells: 1200, error: 0.0011764, rank: 1 },
      { cells: 7, error: 0.00000848, rank: null },
      { cells: 0, error: 0, rank: 2 },
    ]);
    assert.deepEqual(String(bundle['text/plain']).split('\n').slice(0, 4), [
      'cells (number)  error (number)  rank (number)',
      '          1200        0.001176              1',
      '             7       0.0000085',
      '             0        0.000000              2',
    ]);
    assert.match(String(bundle['text/html']), /<th style="text-align:right">cells/);
  });

  it('show text of several lines as it is read', async () => {
    assert.deepEqual(await shown('one\ntwo'), { 'text/plain': 'one\ntwo' });
    assert.match(String((await shown('\n'.repeat(20_000)))['text/plain']), /… 10,000 more characters$/);
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
    const bundle = await shown(tensor([16, 16], (i) => i / 255));
    assert.match(String(bundle['text/plain']), /^Tensor \[16, 16\] float32: 0, 0\.0039/);
    assert.deepEqual(await pngSize(bundle), { width: 192, height: 192, channels: 1 });
    assert.match(String(bundle['text/html']), /black 0, white 1/);
    const gone = await shown({ ...tensor([16, 16], () => 0), isDisposed: true });
    assert.deepEqual(gone, { 'text/plain': 'Tensor [16, 16] float32, disposed' });
  });

  it('show batches of crops side by side, coloured tensors in colour, and count what is not finite', async () => {
    const batch = await shown(tensor([20, 24, 24, 1], (i) => (i === 7 ? Number.NaN : i % 5)));
    assert.deepEqual(await pngSize(batch), {
      width: 4 * (8 * 28 - 4),
      height: 4 * (2 * 28 - 4),
      channels: 1,
    });
    assert.match(String(batch['text/plain']), /not finite: 1/);
    assert.match(String(batch['text/html']), /the first 16; black 0, white 4/);
    const colour = await shown(tensor([10, 20, 3], (i) => i % 256));
    assert.deepEqual(await pngSize(colour), { width: 200, height: 100, channels: 3 });
    for (const shape of [[400, 56], [56], [0, 16, 16, 1], [3, 3], [2, 3, 16, 16, 1]]) {
      assert.equal((await shown(tensor(shape, () => 1)))['image/png'], undefined, `[${shape}]`);
    }
    assert.equal((await shown(tensor([16, 16], () => Number.NaN)))['image/png'], undefined);
  });

  it('show crops as a montage of the first ones, with the names of their columns', async () => {
    const { table } = await loadArquero();
    const crops = {
      images: new Float32Array(40 * 64),
      size: 8,
      table: table({ path: Array.from({ length: 40 }, () => attack) }),
      skipped: [{ path: 'broken.png', reason: 'cut short' }],
    };
    const bundle = await shown(crops);
    assert.equal(
      bundle['text/plain'],
      '40 crops of 8 × 8 pixels, the first 32 shown, left out, unreadable: 1; columns path',
    );
    assert.ok(bundle['image/png'] instanceof Uint8Array);
  });

  it('show an autoencoder layer by layer, also inside what loadModel gives', async () => {
    await loadBackend();
    const { architecture } = presets.demo;
    const model = buildAutoencoder(architecture, seededRandom(1));
    const bundle = await shown(model);
    assert.match(
      String(bundle['text/plain']),
      /^Autoencoder: 64 × 64 pixels to 56 features, [\d,]+ weights\n/,
    );
    assert.match(String(bundle['text/html']), /encoder\.1<.*>Convolution<.*\[4, 4, 1, 32\]<.*>512</s);
    assert.deepEqual(await shown({ model, description: null, step: 3 }), bundle);
    model.dispose();
  });

  it('show a classifier by its strongest features, numbered from 1', async () => {
    const classifier = {
      format: 'lch-classifier',
      method: 'lda',
      features: 3,
      classes: [attack, 'high'],
      cells: [1200, 34],
      weights: [0.5, -2, 1],
    };
    const bundle = await shown(classifier);
    assert.match(
      String(bundle['text/plain']),
      /high \(34 cells\).*\n +2 +-2\.000\n +3 +1\.000\n +1 +0\.500$/s,
    );
    assert.ok(!String(bundle['text/html']).includes('<img'));
  });

  it('show maps, sets, promises and errors', async () => {
    assert.match(
      String((await shown(new Map([['a', 1]])))['text/plain']),
      /^Map of 1\nkey {2}value\na {8}1$/,
    );
    assert.match(String((await shown(new Set([attack])))['text/html']), /&lt;img/);
    assert.match(String((await shown(new Promise(() => {})))['text/plain']), /pending; write await/);
    const failed = Promise.reject(new Error('x'));
    failed.catch(() => {});
    assert.match(String((await shown(failed))['text/plain']), /rejected/);
  });

  it('show errors with their places in cells, and no path of this machine', async () => {
    const error = new Error(attack, { cause: new Error('why') });
    error.stack = `Error: ${attack}\n    at boom (Cell[3].js:2:9)\n    at run (/home/me/run.js:1:1)`;
    const bundle = await shown(error);
    const html = String(bundle['text/html']);
    assert.ok(!html.includes('<img'));
    assert.match(html, /<details><summary>where<\/summary><pre> {4}at boom \(Cell\[3\]:2:9\)<\/pre>/);
    assert.equal(bundle['text/plain'], `Error: ${attack}\n    at boom (Cell[3]:2:9)\ncaused by why`);
    assert.ok(!JSON.stringify(bundle).includes('/home'));
  });

  it('leave a value to its text whose look fails', async () => {
    const broken = {
      get $schema(): string {
        throw new Error('no');
      },
    };
    assert.equal(await formatRichly(broken), null);
  });

  it('fold long objects', async () => {
    const long = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key number ${i}`, attack]));
    const html = String((await shown(long))['text/html']);
    assert.match(html, /^<details><summary>Object with key number 0/);
    assert.ok(!html.includes('<img'));
  });
});
