import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { animationOf } from '../../src/plots/animation';
import { cropPng } from '../../src/plots/montage';

describe('animationOf', () => {
  const greys = [0, 0.4, 1];

  for (const format of ['gif', 'webp'] as const) {
    it(`plays ${format} to the last picture and back, for ever`, async () => {
      const pictures = await Promise.all(greys.map((grey) => cropPng(new Float32Array(64).fill(grey), 8)));
      const film = await animationOf(pictures, { format, delayMilliseconds: 120 });
      const { pages, loop, delay, pageHeight } = await sharp(film, { animated: true }).metadata();
      assert.deepEqual([pages, loop, pageHeight], [4, 0, 8]);
      assert.deepEqual(delay, [120, 120, 120, 120]);
      const { data, info } = await sharp(film, { animated: true })
        .raw()
        .toBuffer({ resolveWithObject: true });
      const shown = [0, 1, 2, 3].map((page) => data[page * 64 * info.channels]);
      assert.deepEqual(shown, [0, 102, 255, 102]);
    });
  }

  it('of nothing, or of pictures that differ in size, is refused', async () => {
    const pictures = [await cropPng(new Float32Array(64), 8), await cropPng(new Float32Array(16), 4)];
    await assert.rejects(animationOf(pictures, { format: 'gif' }), /pictures of one size/);
    await assert.rejects(animationOf([], { format: 'gif' }), /at least one picture/);
  });
});
