import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { cropPng, differencePng, montagePng } from '../../src/plots/montage';
import { OptionError, ShapeError } from '../../src/util/errors';

async function pixels(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * info.channels).subarray(0, 3),
  ];
  return { at, width: info.width, height: info.height };
}

describe('montagePng', () => {
  it('of plain crops is their grid with a margin of 10 and gaps of 4 pixels', async () => {
    const { width, height } = await pixels(
      await montagePng(new Float32Array(6 * 25), { count: 6, size: 5, columns: 3, scale: 2 }),
    );
    assert.deepEqual([width, height], [20 + 3 * 10 + 2 * 4, 20 + 2 * 10 + 4]);
  });

  it('shows 0 as black, 1 as white, clamps what lies outside and takes NaN as black', async () => {
    const images = Float32Array.of(0, 1, 0.5, -3, 7, Number.NaN);
    const { at } = await pixels(
      await montagePng(images, { count: 6, size: 1, columns: 6, scale: 4, gap: 0 }),
    );
    const greys = Array.from({ length: 6 }, (_, i) => at(10 + 4 * i + 2, 12)[0]);
    assert.deepEqual(greys, [0, 255, 128, 0, 255, 0]);
  });

  it('takes bytes as they are', async () => {
    const { at } = await pixels(
      await montagePng(Uint8Array.of(7, 200), { count: 2, size: 1, columns: 2, scale: 4, gap: 0 }),
    );
    assert.deepEqual([at(11, 11)[0], at(15, 11)[0]], [7, 200]);
  });

  it('puts every label outside the crops: the pictures are the same with and without', async () => {
    const images = Float32Array.from({ length: 4 * 1024 }, (_, i) => (i % 97) / 96);
    const plain = await pixels(await montagePng(images, { count: 4, size: 32, columns: 2, scale: 2 }));
    const labelled = await pixels(
      await montagePng(images, {
        count: 4,
        size: 32,
        columns: 2,
        scale: 2,
        labels: ['a', 'a label that needs several lines & <escapes>', '', 'd'],
        rowLabels: ['first row', 'a second row whose name is much longer than the room left of it'],
        columnLabels: ['left', 'unbreakablewordlongerthanthetile'],
        title: 'A title that is wider than the whole grid of crops below it, so it wraps',
        note: 'Synthetic cells',
      }),
    );
    const wanted = plain.at(10, 10).join() + plain.at(73, 73).join();
    // the first crop is found again where all of its pixels agree
    let found = 0;
    for (let y = 0; y + 64 <= labelled.height; y++) {
      for (let x = 0; x + 64 <= labelled.width; x++) {
        if (labelled.at(x, y).join() + labelled.at(x + 63, y + 63).join() !== wanted) continue;
        let same = true;
        for (let v = 0; v < 64 && same; v++) {
          for (let u = 0; u < 64 && same; u++)
            same = labelled.at(x + u, y + v)[0] === plain.at(10 + u, 10 + v)[0];
        }
        if (same) found++;
      }
    }
    assert.equal(found, 1);
  });

  it('leaves the outermost pixels white, however long the labels: none is clipped', async () => {
    const word = 'unbreakablewordlongerthanthetile'.repeat(3);
    const { at, width, height } = await pixels(
      await montagePng(new Float32Array(4 * 256), {
        count: 4,
        size: 16,
        columns: 2,
        scale: 3,
        labels: [word, 'b', 'c', word],
        rowLabels: [word, word],
        columnLabels: ['x', word],
        title: word,
        note: word,
      }),
    );
    for (let x = 0; x < width; x++)
      assert.deepEqual([...at(x, 0), ...at(x, height - 1)], new Array(6).fill(255));
    for (let y = 0; y < height; y++)
      assert.deepEqual([...at(0, y), ...at(width - 1, y)], new Array(6).fill(255));
  });

  it('of no crops is an empty picture', async () => {
    const { width, height } = await pixels(
      await montagePng(new Float32Array(0), { count: 0, size: 8, columns: 1 }),
    );
    assert.ok(width > 0 && height > 0);
  });

  it('says how many values are missing, and which labels do not match the grid', async () => {
    await assert.rejects(montagePng(new Float32Array(3), { count: 1, size: 2 }), ShapeError);
    await assert.rejects(
      montagePng(new Float32Array(8), { count: 2, size: 2, labels: ['one'] }),
      new OptionError('montagePng: labels has 1 entries for 2 crops; give one each'),
    );
    await assert.rejects(montagePng(new Float32Array(4), { count: 1, size: 2, scale: 0.5 }), OptionError);
  });
});

describe('differencePng', () => {
  it('is blue where darker, vermillion where brighter, near white where equal', async () => {
    const { at, height } = await pixels(
      await differencePng(Float32Array.of(-0.4, 0, 0.4), { count: 3, size: 1, columns: 3, scale: 4, gap: 0 }),
    );
    const colors = [0, 1, 2].map((i) => at(10 + 4 * i + 2, height - 12));
    assert.deepEqual(colors, [
      [0x00, 0x72, 0xb2],
      [0xf7, 0xf7, 0xf7],
      [0xd5, 0x5e, 0x00],
    ]);
  });
});

describe('cropPng', () => {
  it('is one grey channel of the crop itself', async () => {
    const png = await cropPng(Float32Array.of(0, 0.2, 0.4, 1), 2);
    const { width, height, channels } = await sharp(png).metadata();
    assert.deepEqual([width, height, channels], [2, 2, 1]);
    const { at } = await pixels(png);
    assert.deepEqual([at(0, 0)[0], at(1, 0)[0], at(0, 1)[0], at(1, 1)[0]], [0, 51, 102, 255]);
  });

  it('needs exactly one crop', async () => {
    await assert.rejects(cropPng(new Float32Array(5), 2), ShapeError);
  });
});
