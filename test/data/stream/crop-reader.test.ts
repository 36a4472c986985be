import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { decodeCrop } from '../../../src/data/decode-crop';
import { loadCrops } from '../../../src/data/load-crops';
import { type CropReader, openCropFiles, openPackedCrops } from '../../../src/data/stream/crop-reader';
import { packCrops } from '../../../src/data/stream/pack-crops';
import { packedPixels, packedTable } from '../../../src/data/stream/packed-format';
import { readTable } from '../../../src/data/table-io';
import { seededRandom } from '../../../src/util/random';
import { drawCrops } from '../helpers/draw-crops';

const shared = process.env.LCH_SHARED ?? resolve(__dirname, '../../../../../shared');
const realCrops = join(shared, 'data', 'openlch-sample');

describe('reading crops by threads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-stream-'));
  const source = join(folder, 'crops');
  let files: string[] = [];
  const count = 37;
  const open: CropReader[] = [];
  const kept = (reader: CropReader) => {
    open.push(reader);
    return reader;
  };

  before(async () => {
    files = (await drawCrops(source, count, 32)).map((name) => join(source, name));
  });
  after(async () => {
    for (const reader of open) await reader.close();
    rmSync(folder, { recursive: true });
  });

  /** One whole pass. */
  async function pass(reader: CropReader, epoch: number, seed: number) {
    const order: number[] = [];
    const images: number[] = [];
    const random = seededRandom(seed).fork(`order/${epoch}`);
    for await (const batch of reader.batches({ batchSize: 8, random, epoch })) {
      order.push(...batch.indices);
      images.push(...batch.images);
    }
    return { order, images };
  }

  it('gives what decodeCrop gives, in the order asked for, repeats among it', async () => {
    const reader = kept(openCropFiles(files, { size: 20, threads: 2 }));
    assert.deepEqual([reader.count, reader.size], [count, 20]);
    const wanted = [5, 0, 36, 5];
    const images = await reader.read(Int32Array.from(wanted));
    for (const [i, index] of wanted.entries()) {
      assert.deepEqual(images.subarray(i * 400, (i + 1) * 400), await decodeCrop(files[index], 20));
    }
  });

  it('gives the same crops in the same order for a seed, with 1, 2 and 5 threads, turned anew each epoch', async () => {
    const options = { size: 32, preprocessing: { turnShare: 0.5 }, seed: 3 };
    const passes = [];
    for (const threads of [1, 2, 5]) {
      const reader = kept(openCropFiles(files, { ...options, threads }));
      passes.push([await pass(reader, 0, 7), await pass(reader, 1, 7)]);
    }
    assert.deepEqual(passes[1], passes[0]);
    assert.deepEqual(passes[2], passes[0]);
    const [first, second] = passes[0];
    assert.deepEqual(
      [...first.order].sort((a, b) => a - b),
      Array.from({ length: count }, (_, i) => i),
    );
    assert.notDeepEqual(first.order, second.order);
    const crop = (from: typeof first, index: number) => {
      const at = from.order.indexOf(index) * 1024;
      return from.images.slice(at, at + 1024);
    };
    const changed = first.order.filter((index) => String(crop(first, index)) !== String(crop(second, index)));
    assert.ok(changed.length > count / 3 && changed.length < count, `${changed.length} changed`);
  });

  it('holds no more batches than it reads ahead', async () => {
    const reader = kept(openCropFiles(files, { size: 16, threads: 2 }));
    const memory = new Set<unknown>();
    for (let epoch = 0; epoch < 5; epoch++) {
      for await (const { images } of reader.batches({ batchSize: 4, ahead: 2 })) memory.add(images.buffer);
    }
    assert.ok(memory.size <= 3, `${memory.size} buffers for 50 batches`);
  });

  it('goes on after a loop was left early', async () => {
    const reader = kept(openCropFiles(files, { size: 16, threads: 2 }));
    for await (const _ of reader.batches({ batchSize: 4 })) break;
    const all = [];
    for await (const { indices } of reader.batches({ batchSize: 10 })) all.push(...indices);
    assert.equal(all.length, count);
  });

  it('names a file that cannot be read, and a crop that is not there', async () => {
    const broken = join(folder, 'broken.png');
    writeFileSync(broken, 'no picture');
    const reader = kept(openCropFiles([files[0], broken], { size: 16 }));
    await assert.rejects(
      reader.read(Int32Array.of(0, 1)),
      /^DataError: cannot read .*broken.png: is no PNG, TIFF or JPEG image; leave it out/,
    );
    await assert.rejects(
      reader.read(Int32Array.of(2)),
      /^OptionError: read: there is no crop 2; the 2 crops are/,
    );
    assert.equal((await reader.read(Int32Array.of(0))).length, 256);
  });

  it('stops when interrupted, and refuses reads once closed', async () => {
    const reader = openCropFiles(files, { size: 16 });
    const controller = new AbortController();
    await assert.rejects(async () => {
      for await (const _ of reader.batches({ batchSize: 4, signal: controller.signal })) controller.abort();
    }, /^InterruptedError/);
    await reader.close();
    await assert.rejects(reader.read(Int32Array.of(0)), /^DataError: the reader of crops is closed/);
  });

  it('packs crops so that 8-bit ones of the packed size come back to the last bit', async () => {
    const packed = join(folder, 'packed');
    const described = await packCrops(source, packed, { size: 32 });
    assert.deepEqual([described.count, described.size, described.skipped], [count, 32, []]);
    const reader = kept(openPackedCrops(packed, { threads: 2 }));
    const { images } = await loadCrops(source, { size: 32 });
    const all = await reader.read(Int32Array.from({ length: count }, (_, i) => i));
    assert.deepEqual(all, images);
    const paths = (await readTable(packedTable(packed))).array('path');
    assert.deepEqual(
      Array.from(paths as ArrayLike<string>),
      files.map((file) => file.slice(source.length + 1)),
    );
    const shuffled = await reader.read(Int32Array.of(30, 2));
    assert.deepEqual(shuffled.subarray(1024), images.subarray(2 * 1024, 3 * 1024));
  });

  it('packs what was resized and masked within half a grey level, and leaves broken files out by name', async () => {
    const mixed = join(folder, 'mixed');
    await drawCrops(mixed, 5, 32);
    writeFileSync(join(mixed, 'crop002a.png'), '');
    const lines: string[] = [];
    const progress = { start() {}, update() {}, finish() {}, log: (line: string) => lines.push(line) };
    const preprocessing = { maskSigma: 0.25 };
    const described = await packCrops(mixed, join(folder, 'mixed-packed'), {
      size: 20,
      preprocessing,
      progress,
    });
    assert.deepEqual(described.skipped, [{ path: 'crop002a.png', reason: 'is empty' }]);
    assert.deepEqual(lines, ['skipped crop002a.png: is empty']);
    const packed = await kept(openPackedCrops(join(folder, 'mixed-packed'))).read(Int32Array.of(3));
    const exact = await kept(openCropFiles([join(mixed, 'crop003.png')], { size: 20, preprocessing })).read(
      Int32Array.of(0),
    );
    for (let i = 0; i < exact.length; i++)
      assert.ok(Math.abs(packed[i] - exact[i]) <= 0.5 / 255 + 1e-6, `${i}`);
  });

  it('says what is wrong with a folder of packed crops', async () => {
    const packed = join(folder, 'damaged');
    assert.throws(() => openPackedCrops(packed), /^DataError: .*damaged holds no packed crops/);
    await packCrops(source, packed, { size: 8 });
    await assert.rejects(packCrops(source, packed, { size: 8 }), /damaged is not empty/);
    truncateSync(packedPixels(packed), 100);
    assert.throws(
      () => openPackedCrops(packed),
      /crops.u8 has 100 bytes instead of 2368; pack the crops again/,
    );
  });

  it('reads the published crops, from files and packed alike', {
    skip: existsSync(realCrops) ? false : 'the published crops are not at hand',
  }, async () => {
    const names = readdirSync(realCrops)
      .filter((name) => name.endsWith('.png'))
      .slice(0, 20);
    writeFileSync(join(folder, 'real.txt'), names.map((name) => join(realCrops, name)).join('\n'));
    await packCrops(join(folder, 'real.txt'), join(folder, 'real-packed'), { size: 256 });
    const indices = Int32Array.from(names.keys());
    const files = names.map((name) => join(realCrops, name));
    const decoded = await kept(openCropFiles(files, { size: 256 })).read(indices);
    const packed = await kept(openPackedCrops(join(folder, 'real-packed'))).read(indices);
    assert.deepEqual(packed, decoded);
    const mean = decoded.reduce((sum, value) => sum + value, 0) / decoded.length;
    assert.ok(mean > 0.05 && mean < 0.6, `mean grey ${mean}`);
  });
});

describe('loading many crops', () => {
  it('gives the same with threads as without', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lch-many-'));
    try {
      const names = await drawCrops(folder, 4, 16);
      writeFileSync(join(folder, 'broken.png'), 'x');
      const list = (repeats: number) => {
        const lines = Array.from({ length: repeats }, () => [...names, 'broken.png']).flat();
        writeFileSync(join(folder, 'list.txt'), lines.join('\n'));
        return loadCrops(join(folder, 'list.txt'), { size: 8 });
      };
      const few = await list(1);
      const many = await list(150);
      assert.equal(many.table.numRows(), 600);
      assert.equal(many.skipped.length, 150);
      assert.deepEqual(many.images.subarray(150 * 256 - 256), few.images);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
