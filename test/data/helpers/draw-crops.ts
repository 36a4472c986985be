import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { seededRandom } from '../../../src/util/random';

/** Writes `count` greyscale PNGs of random blots, crop000.png …, and returns their names. */
export async function drawCrops(folder: string, count: number, size: number): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const random = seededRandom(count);
  const names = Array.from({ length: count }, (_, i) => `crop${String(i).padStart(3, '0')}.png`);
  for (const name of names) {
    const x = random.uniform() * size;
    const y = random.uniform() * size;
    const pixels = Uint8Array.from({ length: size * size }, (_, i) => {
      const r2 = ((i % size) - x) ** 2 + (Math.floor(i / size) - y) ** 2;
      return 30 + 200 * Math.exp(-r2 / size) + random.integer(20);
    });
    await sharp(pixels, { raw: { width: size, height: size, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(join(folder, name));
  }
  return names;
}
