import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { decodePicture } from '../../src/data/decode-crop';
import { findCrops } from '../../src/data/find-crops';
import { verifyCrops } from '../../src/data/verify-crops';
import { drawCrops } from './helpers/draw-crops';

describe('verifyCrops', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lch-verify-'));
  after(() => rmSync(folder, { recursive: true }));

  it('counts sizes, names broken files with the reason, and blank ones', async () => {
    const source = join(folder, 'mixed');
    await drawCrops(source, 3, 16);
    await sharp({ create: { width: 8, height: 8, channels: 3, background: 'grey' } })
      .png()
      .toFile(join(source, 'blank.png'));
    writeFileSync(join(source, 'empty.tif'), '');
    assert.deepEqual(await verifyCrops(source), {
      readable: 4,
      broken: [{ path: 'empty.tif', reason: 'is empty' }],
      blank: ['blank.png'],
      sizes: { '8×8': 1, '16×16': 3 },
    });
  });

  it('catches PNG, JPEG and TIFF files that end early, colour and grey, wherever they end', async () => {
    const noise = sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: 'black',
        noise: { type: 'gaussian', mean: 100, sigma: 30 },
      },
    });
    const kinds = {
      'grey.png': noise.clone().greyscale().png(),
      'colour.png': noise.clone().png(),
      'grey.jpg': noise.clone().greyscale().jpeg(),
      'grey.tif': noise.clone().greyscale().tiff({ compression: 'lzw' }),
    };
    for (const [name, image] of Object.entries(kinds)) {
      const whole = await image.toBuffer();
      for (const share of [0.3, 0.6, 0.9]) {
        const path = join(folder, name);
        writeFileSync(path, whole.subarray(0, Math.floor(whole.length * share)));
        await assert.rejects(decodePicture(path), /^DataError: (is|cannot)/, `${name} at ${share}`);
      }
    }
  });

  it('follows links to images, and refuses a source that is no list', async () => {
    const [name] = await drawCrops(join(folder, 'target'), 1, 8);
    const linked = mkdtempSync(join(folder, 'linked-'));
    symlinkSync(join(folder, 'target', name), join(linked, 'link.png'));
    symlinkSync(join(folder, 'nowhere.png'), join(linked, 'lost.png'));
    const check = await verifyCrops(linked);
    assert.equal(check.readable, 1);
    assert.deepEqual(check.broken, [{ path: 'lost.png', reason: 'does not exist' }]);
    const binary = join(folder, 'model.t7');
    writeFileSync(binary, readFileSync(join(folder, 'target', name)));
    await assert.rejects(findCrops(binary), /^DataError: .*model.t7 is no list of crops; give a folder/);
  });
});
