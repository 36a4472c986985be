/** The exported files against the model itself, in the programs that are to read them. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type Autoencoder, buildAutoencoder } from '../../src/autoencoder/autoencoder';
import { exportModel } from '../../src/autoencoder/export/export-model';
import { importTorch7 } from '../../src/autoencoder/import-torch7';
import type { LoadedModel } from '../../src/autoencoder/model-files';
import { loadBackend } from '../../src/compute';
import { packageRoot } from '../../src/util/files';
import { seededRandom } from '../../src/util/random';
import { goldenBytes } from '../helpers/golden';

const chromiumPath = [process.env.LCH_CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== '' && existsSync(path),
);

/** A model whose running statistics and slopes are not those it starts with, so that leaving one out shows. */
function madeUpModel(imageSize: number, channels: number[]): LoadedModel {
  const random = seededRandom(imageSize);
  const architecture = { imageSize, channels, latentDims: 7, adversaryWidths: [8, 8, 8] as const };
  const model = buildAutoencoder(architecture, random);
  for (const network of model.networks) {
    for (const [name, { parameter }] of network.namedWeights()) {
      const spread = 1 / Math.sqrt(parameter.size / parameter.shape[parameter.shape.length - 1]);
      const values = new Float32Array(parameter.size);
      for (let i = 0; i < values.length; i++) {
        values[i] =
          name.endsWith('weight') && parameter.size === 1
            ? 0.1 + 0.4 * random.uniform()
            : spread * random.normal();
      }
      // batch-norm scales around 1
      if (parameter.shape.length === 1 && parameter.size > 1)
        for (let i = 0; i < values.length; i++) values[i] = 1 + 0.2 * random.normal();
      parameter.assign(values);
    }
    for (const [name, buffer] of network.namedBuffers()) {
      const variance = name.endsWith('running_var');
      buffer.assign(
        Float32Array.from({ length: buffer.value.size }, () =>
          variance ? 0.5 + random.uniform() : 0.3 * random.normal(),
        ),
      );
    }
  }
  return { model, description: null, step: null };
}

/** Largest difference, which must mean something: the values must differ among themselves by far more. */
function largestDifference(ours: Float32Array, theirs: ArrayLike<number>): number {
  assert.equal(theirs.length, ours.length);
  const spread = Math.max(...ours) - Math.min(...ours);
  assert.ok(spread > 0.01, `values hardly differ: ${spread}`);
  let largest = 0;
  for (let i = 0; i < ours.length; i++) largest = Math.max(largest, Math.abs(ours[i] - theirs[i]));
  return largest;
}

/** Sizes whose innermost maps are 1×1, 2×2 and 4×4: the order of flattening shows in all but the first. */
const sizes: [size: number, channels: number[]][] = [
  [32, [4, 6, 6, 8, 8]],
  [32, [4, 6, 8, 10]],
  [64, [4, 6, 8, 10]],
];

for (const [size, channels] of sizes) {
  describe(`export of a model with innermost maps of ${size / 2 ** channels.length} pixels`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lch-export-'));
    const n = 3;
    let loaded: LoadedModel;
    let model: Autoencoder;
    let images: Float32Array;
    let codes: Float32Array;
    let decoded: Float32Array;

    before(async () => {
      await loadBackend();
      loaded = madeUpModel(size, channels);
      ({ model } = loaded);
      const random = seededRandom(1);
      images = Float32Array.from({ length: n * size * size }, () => random.uniform());
      codes = model.encode(images);
      decoded = model.decode(codes);
    });
    after(() => {
      model.dispose();
      rmSync(folder, { recursive: true });
    });

    it('gives the same descriptors and images in ONNX Runtime (1e-5)', async () => {
      exportModel(loaded, folder, 'onnx');
      const encoder = await InferenceSession.create(join(folder, 'encoder.onnx'));
      assert.deepEqual([encoder.inputNames, encoder.outputNames], [['images'], ['descriptors']]);
      const { descriptors } = await encoder.run({
        images: new Tensor('float32', images, [n, 1, size, size]),
      });
      assert.deepEqual(descriptors.dims, [n, 7]);
      assert.ok(largestDifference(codes, descriptors.data as Float32Array) <= 1e-5);
      const decoder = await InferenceSession.create(join(folder, 'decoder.onnx'));
      const drawn = (await decoder.run({ descriptors: new Tensor('float32', codes, [n, 7]) })).images;
      assert.deepEqual(drawn.dims, [n, 1, size, size]);
      assert.ok(largestDifference(decoded, drawn.data as Float32Array) <= 1e-5);
    });

    it('gives the same in TensorFlow.js, loaded as a layers model (1e-5)', async () => {
      exportModel(loaded, folder, 'tfjs');
      const load = (name: string): Promise<LayersModel> => {
        const json = JSON.parse(readFileSync(join(folder, name, 'model.json'), 'utf8'));
        const bytes = readFileSync(join(folder, name, 'weights.bin'));
        return loadLayersModel({
          load: async () => ({
            modelTopology: json.modelTopology,
            format: json.format,
            weightSpecs: json.weightsManifest[0].weights,
            weightData: bytes.buffer.slice(
              bytes.byteOffset,
              bytes.byteOffset + bytes.byteLength,
            ) as ArrayBuffer,
          }),
        });
      };
      const encoder = await load('encoder');
      const descriptors = encoder.predict(tf.tensor4d(images, [n, size, size, 1])) as tf.Tensor;
      assert.deepEqual(descriptors.shape, [n, 7]);
      assert.ok(largestDifference(codes, descriptors.dataSync()) <= 1e-5);
      const decoder = await load('decoder');
      const drawn = decoder.predict(tf.tensor2d(codes, [n, 7])) as tf.Tensor;
      assert.deepEqual(drawn.shape, [n, size, size, 1]);
      assert.ok(largestDifference(decoded, drawn.dataSync()) <= 1e-5);
      tf.dispose([descriptors, drawn]);
      encoder.dispose();
      decoder.dispose();
    });

    it('loads in a web page', {
      skip: chromiumPath ? false : 'no Chromium: apt install chromium',
    }, async () => {
      exportModel(loaded, folder, 'tfjs');
      const script = join(packageRoot(), 'node_modules', '@tensorflow', 'tfjs', 'dist', 'tf.min.js');
      const server = createServer((request, response) => {
        const path = normalize(request.url ?? '/');
        if (path === '/')
          response.setHeader('content-type', 'text/html').end('<script src="/tf.js"></script>');
        else if (path === '/tf.js') response.end(readFileSync(script));
        else if (existsSync(join(folder, path))) response.end(readFileSync(join(folder, path)));
        else response.writeHead(404).end();
      });
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
      const { chromium } = await import('playwright-core');
      const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] });
      try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
        const program = `(async () => {
          await tf.setBackend('cpu');
          const encoder = await tf.loadLayersModel('/encoder/model.json');
          const decoder = await tf.loadLayersModel('/decoder/model.json');
          const images = tf.tensor4d(${JSON.stringify(Array.from(images))}, [${n}, ${size}, ${size}, 1]);
          const codes = encoder.predict(images);
          return [Array.from(await codes.data()), Array.from(await decoder.predict(codes).data())];
        })()`;
        const [theirCodes, theirImages] = (await page.evaluate(program)) as [number[], number[]];
        assert.ok(largestDifference(codes, theirCodes) <= 1e-5);
        assert.ok(largestDifference(decoded, theirImages) <= 1e-5);
      } finally {
        await browser.close();
        server.close();
      }
    });
  });
}

describe('export of a model that Torch7 trained and saved', () => {
  it('gives the same descriptors and images in ONNX Runtime (1e-5)', async () => {
    await loadBackend();
    const folder = mkdtempSync(join(tmpdir(), 'lch-export-'));
    const model = importTorch7(goldenBytes('aae_small_warm_eval.t7'), 'warm');
    const { imageSize: side, latentDims } = model.architecture;
    exportModel({ model, description: null, step: null }, folder, 'onnx');
    const random = seededRandom(2);
    const images = Float32Array.from({ length: 2 * side * side }, () => random.uniform());
    const codes = model.encode(images);
    const encoder = await InferenceSession.create(join(folder, 'encoder.onnx'));
    const decoder = await InferenceSession.create(join(folder, 'decoder.onnx'));
    const { descriptors } = await encoder.run({ images: new Tensor('float32', images, [2, 1, side, side]) });
    const drawn = (await decoder.run({ descriptors: new Tensor('float32', codes, [2, latentDims]) })).images;
    assert.ok(largestDifference(codes, descriptors.data as Float32Array) <= 1e-5);
    assert.ok(largestDifference(model.decode(codes), drawn.data as Float32Array) <= 1e-5);
    model.dispose();
    rmSync(folder, { recursive: true });
  });
});

describe('export.json', () => {
  it('says what goes in, what comes out, and how crops were prepared in training', async () => {
    await loadBackend();
    const folder = mkdtempSync(join(tmpdir(), 'lch-export-'));
    const made = madeUpModel(32, [4, 4, 4]);
    const description = { preprocessing: { align: true } } as unknown as LoadedModel['description'];
    const report = exportModel({ ...made, description }, folder, 'onnx');
    made.model.dispose();
    assert.deepEqual(report.files, ['encoder.onnx', 'decoder.onnx']);
    assert.match(report.preprocessing, /grey value \/ 255, resized to 32×32.*align/);
    assert.match(report.encoder.input, /\[n, 1, 32, 32\], 0\.\.1/);
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'export.json'), 'utf8')), report);
    assert.ok(readFileSync(join(folder, 'encoder.onnx')).includes('align'));
    rmSync(folder, { recursive: true });
  });
});
