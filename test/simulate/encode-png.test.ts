import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { encodePng } from '../../src/simulate/encode-png';
import { ShapeError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';

describe('encodePng', () => {
  it('is read back pixel for pixel: noise, one grey, one pixel, and counts so uneven that codes must be limited', async () => {
    const random = seededRandom(5);
    const uneven = new Uint8Array(400 * 400);
    let at = 0;
    for (let value = 0; value < 22 && at < uneven.length; value++) {
      for (let k = Math.min(2 ** value, uneven.length - at); k > 0; k--) uneven[at++] = 7 * value;
    }
    const images: [Uint8Array, number, number][] = [
      [Uint8Array.from({ length: 63 * 41 }, () => random.integer(256)), 63, 41],
      [new Uint8Array(64 * 64).fill(9), 64, 64],
      [Uint8Array.of(200), 1, 1],
      [uneven, 400, 400],
    ];
    for (const [pixels, width, height] of images) {
      const read = sharp(encodePng(pixels, width, height));
      const { data, info } = await read.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height, info.channels], [width, height, 1]);
      assert.deepEqual(new Uint8Array(data), pixels);
    }
  });

  it('says how many pixels it needed', () => {
    assert.throws(() => encodePng(new Uint8Array(5), 2, 3), ShapeError);
  });
});
