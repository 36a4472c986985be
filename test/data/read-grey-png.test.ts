import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import sharp from 'sharp';
import { readGreyPng } from '../../src/data/read-grey-png';

const greyPng = (values: Uint8Array | Uint16Array, width: number, adaptiveFiltering: boolean) =>
  sharp(values, { raw: { width, height: values.length / width, channels: 1 } })
    .toColourspace(values instanceof Uint16Array ? 'grey16' : 'b-w')
    .png({ adaptiveFiltering })
    .toBuffer();

describe('readGreyPng', () => {
  it('gives every pixel back, of 8 and 16 bits, whatever filters the writer chose', async () => {
    const picture = fc
      .record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) })
      .chain(({ width, height }) => {
        const length = { minLength: width * height, maxLength: width * height };
        return fc.record({
          width: fc.constant(width),
          values: fc.oneof(fc.uint8Array(length), fc.uint16Array(length)),
          adaptive: fc.boolean(),
        });
      });
    await fc.assert(
      fc.asyncProperty(picture, async ({ width, values, adaptive }) => {
        const read = readGreyPng(await greyPng(values, width, adaptive));
        assert.ok(read);
        assert.equal(read.width, width);
        assert.deepEqual(Array.from(read.pixels), Array.from(values));
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('refuses a file cut anywhere, and any changed bit of the pixel data', async () => {
    const png = await greyPng(
      Uint8Array.from({ length: 900 }, (_, i) => i * 7),
      30,
      true,
    );
    for (let length = 33; length < png.length; length += 11) {
      assert.throws(() => readGreyPng(png.subarray(0, length)), /^DataError: is damaged or cut short/);
    }
    const start = png.indexOf('IDAT') + 4;
    for (let at = start; at < png.length - 16; at += 13) {
      const flipped = Buffer.from(png);
      flipped[at] ^= 4;
      assert.throws(() => readGreyPng(flipped), /^DataError: is damaged or cut short/);
    }
  });

  it('leaves colour, palettes, interlacing and other files to others', async () => {
    const colour = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
    assert.equal(readGreyPng(await colour.clone().png().toBuffer()), null);
    assert.equal(readGreyPng(await colour.clone().png({ palette: true }).toBuffer()), null);
    assert.equal(readGreyPng(await colour.clone().greyscale().png({ progressive: true }).toBuffer()), null);
    assert.equal(readGreyPng(await colour.clone().jpeg().toBuffer()), null);
    assert.equal(readGreyPng(Buffer.from('no picture')), null);
  });

  it('refuses a picture above the limit before it unpacks it', async () => {
    const png = await greyPng(new Uint8Array(2000), 50, false);
    assert.throws(() => readGreyPng(png, 1000), /is larger than 0.001 million pixels/);
  });
});
