import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { parseCropName } from '../../src/data/crop-name';
import { decodeCrop } from '../../src/data/decode-crop';
import { loadCrops } from '../../src/data/load-crops';
import { resizeBilinear } from '../../src/data/resize-bilinear';
import { golden } from '../helpers/golden';
import { assertClose } from '../helpers/tensors';

/** A picture of 40×30 pixels whose grey values are known: value(x, y) = 5x + y, up to 224. */
const ramp = Buffer.from(Array.from({ length: 40 * 30 }, (_, i) => 5 * (i % 40) + Math.floor(i / 40)));
const rampImage = () => sharp(ramp, { raw: { width: 40, height: 30, channels: 1 } });

describe('parseCropName', () => {
  it('reads date, cell type, series, position, track and frame', () => {
    assert.deepEqual(parseCropName('some/folder/140606_a375_s07_t60_x963_y1276_t184_t7Ready_f00106.png'), {
      date: '140606',
      cellType: 'a375',
      series: 's07',
      x: 963,
      y: 1276,
      start: 60,
      end: 184,
      frame: 106,
    });
  });

  it('gives null for other names', () => {
    for (const name of [
      'cell.png',
      '140606_a375.png',
      '14060_a375_s07_t60_x963_y1276_t184_t7Ready_f00106.png',
    ]) {
      assert.equal(parseCropName(name), null);
    }
  });
});

describe('resizeBilinear', () => {
  // Torch7's own image.scale (image 5aa1881), by the golden notes
  it('enlarges as Torch7 does', () => {
    const { values } = golden('pre.input64');
    assertClose(resizeBilinear(values, 64, 64, 96, 96), golden('pre.scale64to96').values, 2e-6);
  });

  const shared = resolve(__dirname, '../../../../shared/data/openlch-sample');
  const source = join(shared, '160105_m405_s02_t13_x63_y556_t351_t7Ready_f00039.png');
  it('shrinks as Torch7 does', {
    skip: existsSync(source) ? false : `the crop it was made from is not at hand`,
  }, async () => {
    assertClose(await decodeCrop(source, 64), golden('pre.scale256to64').values, 2e-6);
    assertClose(await decodeCrop(source, 100), golden('pre.scale256to100').values, 2e-6);
  });

  it('shrinking keeps the mean and averages the area: 4 pixels to 3', () => {
    const result = resizeBilinear(Float32Array.of(0, 3, 6, 9), 1, 4, 1, 3);
    assertClose(
      result,
      [(0 + 3 / 3) / (4 / 3), (3 * (2 / 3) + 6 * (2 / 3)) / (4 / 3), (6 / 3 + 9) / (4 / 3)],
      1e-6,
    );
  });
});

describe('loadCrops', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-crops-'));
  const good = join(folder, 'good');
  const mixed = join(folder, 'mixed');

  before(async () => {
    for (const name of [good, mixed, join(folder, 'empty')]) mkdirSync(name);
    await rampImage().png().toFile(join(good, 'grey8.png'));
    await rampImage().tiff({ compression: 'lzw' }).toFile(join(good, 'grey8.tif'));
    await rampImage().jpeg({ quality: 100 }).toFile(join(good, 'grey8.jpg'));
    const deep = Uint16Array.from(ramp, (value) => value * 257);
    await sharp(deep, { raw: { width: 40, height: 30, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toFile(join(good, 'grey16.png'));
    await sharp(Buffer.from(Array.from(ramp).flatMap((value) => [value, value, value, 255])), {
      raw: { width: 40, height: 30, channels: 4 },
    })
      .png()
      .toFile(join(good, 'colour.png'));
    const png = readFileSync(join(good, 'grey8.png'));
    writeFileSync(join(mixed, '140606_a375_s07_t60_x963_y1276_t184_t7Ready_f00106.png'), png);
    writeFileSync(join(mixed, 'cut.png'), png.subarray(0, Math.floor(png.length * 0.6)));
    writeFileSync(join(mixed, 'empty.png'), '');
    writeFileSync(join(mixed, 'text.png'), 'no picture at all');
    writeFileSync(join(mixed, 'notes.txt'), 'not an image, not looked at');
  });
  after(() => rmSync(folder, { recursive: true }));

  it('8-bit PNG and TIFF, 16-bit PNG and colour with transparency give the same numbers, JPEG nearly', async () => {
    const crops = await loadCrops(good, { size: 20 });
    assert.deepEqual(Array.from(crops.table.array('path')), [
      'colour.png',
      'grey16.png',
      'grey8.jpg',
      'grey8.png',
      'grey8.tif',
    ]);
    const crop = (i: number) => crops.images.subarray(i * 400, (i + 1) * 400);
    const reference = resizeBilinear(
      Float32Array.from(ramp, (value) => value / 255),
      30,
      40,
      20,
      20,
    );
    for (const i of [0, 1, 3, 4]) assertClose(crop(i), reference, 1e-6, String(crops.table.get('path', i)));
    assertClose(crop(2), reference, 0.02, 'JPEG');
  });

  it('names broken, empty and foreign files with the reason and goes on with the rest', async () => {
    const lines: string[] = [];
    const progress = { start() {}, update() {}, finish() {}, log: (line: string) => lines.push(line) };
    const crops = await loadCrops(mixed, { size: 16, progress });
    assert.equal(crops.table.numRows(), 1);
    assert.deepEqual(crops.skipped, [
      { path: 'cut.png', reason: 'is damaged or cut short' },
      { path: 'empty.png', reason: 'is empty' },
      { path: 'text.png', reason: 'is no PNG, TIFF or JPEG image' },
    ]);
    assert.equal(lines.length, 3);
    assert.deepEqual(
      { ...crops.table.object(0) },
      {
        path: '140606_a375_s07_t60_x963_y1276_t184_t7Ready_f00106.png',
        date: '140606',
        cell_type: 'a375',
        series: 's07',
        x: 963,
        y: 1276,
        start: 60,
        end: 184,
        frame: 106,
      },
    );
  });

  it('refuses a missing folder, an empty one, and one where nothing can be read, in one line', async () => {
    await assert.rejects(
      loadCrops(join(folder, 'nowhere'), { size: 8 }),
      /^DataError: the data .*nowhere does not exist; give a folder/,
    );
    await assert.rejects(
      loadCrops(join(folder, 'empty'), { size: 8 }),
      /^DataError: .*empty holds no crops; put PNG/,
    );
    const broken = join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'a.png'), 'x');
    await assert.rejects(
      loadCrops(broken, { size: 8 }),
      /^DataError: none of the 1 files of .*broken can be read \(a.png is no PNG/,
    );
  });

  it('reads a list of files and a table, relative to where they stand', async () => {
    writeFileSync(join(folder, 'list.txt'), '# two of them\ngood/grey8.png\ngood/grey8.tif\n');
    assert.equal((await loadCrops(join(folder, 'list.txt'), { size: 8 })).table.numRows(), 2);
    writeFileSync(join(folder, 'cells.csv'), 'path,tumor,area\ngood/grey8.png,m481,12.5\n');
    const { table } = await loadCrops(folder, { size: 8 });
    assert.deepEqual({ ...table.object(0) }, { path: 'good/grey8.png', tumor: 'm481', area: 12.5 });
  });
});
