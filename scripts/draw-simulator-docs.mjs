// Draws the pictures of docs/simulator.md, and prints how far simulated crops are from real ones.
//
//   npm run build && node scripts/draw-simulator-docs.mjs [--build-dir dist] [--beside FILE.png]
//
// The real crops are read from ../shared/data/openlch-sample where that is; without them only the montage is drawn. Their pixels have no licence
// and never come into the repository: --beside writes real and simulated crops side by side to a file of yours, for your eyes.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const option = (name, standard) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? standard : process.argv[at + 1];
};
const build = resolve(root, option('--build-dir', 'dist'));
const require = createRequire(import.meta.url);
const { simulateCells } = require(join(build, 'simulate/simulate-cells.js'));
const { planFourier } = require(join(build, 'simulate/fourier.js'));

const size = 256;
const images = join(root, 'docs/images');
mkdirSync(images, { recursive: true });
const simulation = simulateCells({ cells: 960, size, seed: 7 });
const drawn = (count, step) => Array.from({ length: count }, (_, i) => simulation.renderCrop(i * step));

/** Rows of crops as one PNG, a title line above. */
async function montage(crops, columns, side, title) {
  const top = 28;
  const tiles = await Promise.all(
    crops.map(async (crop, i) => ({
      input: await sharp(crop, { raw: { width: size, height: size, channels: 1 } })
        .resize(side, side)
        .png()
        .toBuffer(),
      left: (i % columns) * side,
      top: top + Math.floor(i / columns) * side,
    })),
  );
  const [width, height] = [columns * side, top + Math.ceil(crops.length / columns) * side];
  const text = `<svg width="${width}" height="${top}"><text x="8" y="20" fill="#ddd" font-family="sans-serif" font-size="15">${title}</text></svg>`;
  return sharp({ create: { width, height, channels: 3, background: '#000' } })
    .composite([...tiles, { input: Buffer.from(text), left: 0, top: 0 }])
    .toColourspace('b-w')
    .png({ compressionLevel: 9 })
    .toBuffer();
}

const planted = await montage(
  drawn(48, 4),
  8,
  112,
  '48 synthetic cells (lch simulate, seed 7): no real cell is shown',
);
writeFileSync(join(images, 'simulated-crops.png'), planted);

const folder = resolve(root, '../shared/data/openlch-sample');
if (!existsSync(folder)) {
  console.log('no real crops at hand; the comparison stays as it is');
  process.exit(0);
}
const real = [];
for (const name of readdirSync(folder, { recursive: true })
  .filter((file) => file.endsWith('.png'))
  .sort()) {
  real.push(new Uint8Array(await sharp(join(folder, name)).toColourspace('b-w').raw().toBuffer()));
}

/** Mean grey by distance from the centre, and log10 of the mean power by spatial frequency (Hann window, mean removed). */
function curves(crops) {
  const plan = planFourier(size);
  const half = size / 2;
  const profile = new Float64Array(half);
  const power = new Float64Array(half);
  const [inRing, inBand] = [new Float64Array(half), new Float64Array(half)];
  const hann = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
  for (const crop of crops) {
    const mean = crop.reduce((sum, value) => sum + value, 0) / crop.length;
    const field = { re: new Float64Array(size * size), im: new Float64Array(size * size) };
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const value = crop[y * size + x];
        const ring = Math.floor(Math.hypot(x - half + 0.5, y - half + 0.5));
        if (ring < half) {
          profile[ring] += value;
          inRing[ring]++;
        }
        field.re[y * size + x] = (value - mean) * hann[x] * hann[y];
      }
    }
    plan.forward(field);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const band = Math.round(Math.hypot(Math.min(x, size - x), Math.min(y, size - y)));
        if (band < half) {
          power[band] += field.re[y * size + x] ** 2 + field.im[y * size + x] ** 2;
          inBand[band]++;
        }
      }
    }
  }
  return {
    profile: [...profile].map((sum, i) => sum / inRing[i]),
    power: [...power].map((sum, i) => Math.log10(sum / inBand[i] / crops.length)).slice(1),
  };
}

const [ofReal, ofDrawn] = [curves(real), curves(drawn(real.length, 13))];
const rms = (a, b) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b?.[i] ?? 0)) ** 2, 0) / a.length);
const distances = {
  profile: rms(ofReal.profile, ofDrawn.profile) / rms(ofReal.profile),
  power: rms(ofReal.power, ofDrawn.power),
};
console.log(`radial profile: relative rms distance ${distances.profile.toFixed(3)}`);
console.log(`power spectrum: rms distance ${distances.power.toFixed(3)} in log10, over all frequencies`);

/** Two curves in one panel. */
function panel(left, title, xLabel, yLabel, pair, low, high) {
  const [width, height] = [380, 230];
  const path = (values) =>
    values
      .map(
        (value, i) =>
          `${(left + (i / (values.length - 1)) * width).toFixed(1)},${(40 + height * (1 - (value - low) / (high - low))).toFixed(1)}`,
      )
      .join(' ');
  const line = (values, colour) =>
    `<polyline points="${path(values)}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  const ticks = [low, (low + high) / 2, high]
    .map(
      (tick) =>
        `<text x="${left - 6}" y="${44 + height * (1 - (tick - low) / (high - low))}" text-anchor="end">${tick}</text>`,
    )
    .join('');
  return `<rect x="${left}" y="40" width="${width}" height="${height}" fill="none" stroke="#999"/>
    <text x="${left}" y="26" font-weight="bold">${title}</text>${ticks}
    <text x="${left}" y="${height + 58}">0</text><text x="${left + width}" y="${height + 58}" text-anchor="end">${pair[0].length}</text>
    <text x="${left + width / 2}" y="${height + 58}" text-anchor="middle">${xLabel}</text>
    <text x="${left - 42}" y="${40 + height / 2}" text-anchor="middle" transform="rotate(-90 ${left - 42} ${40 + height / 2})">${yLabel}</text>
    ${line(pair[0], '#333333')}${line(pair[1], '#d55e00')}`;
}
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="940" height="330" font-family="sans-serif" font-size="13">
  <rect width="940" height="330" fill="white"/>
  ${panel(70, `Radial intensity profile, distance ${distances.profile.toFixed(2)}`, 'pixels from the centre', 'mean grey', [ofReal.profile, ofDrawn.profile], 0, 120)}
  ${panel(530, `Power spectrum, distance ${distances.power.toFixed(2)}`, 'cycles per crop', 'log10 power', [ofReal.power, ofDrawn.power], 2, 10)}
  <text x="70" y="320"><tspan fill="#333333">■ ${real.length} real crops</tspan><tspan dx="24" fill="#d55e00">■ ${real.length} simulated crops (synthetic)</tspan></text>
</svg>\n`;
writeFileSync(join(images, 'simulated-and-real-curves.svg'), svg);

const beside = option('--beside');
if (beside) {
  const step = real.length / 48;
  const real48 = Array.from({ length: 48 }, (_, i) => real[Math.floor(i * step)]);
  const [left, right] = [
    await montage(real48, 6, 128, '48 real crops'),
    await montage(drawn(48, 4), 6, 128, '48 synthetic crops'),
  ];
  const { width, height } = await sharp(left).metadata();
  await sharp({ create: { width: 2 * width + 16, height, channels: 3, background: '#fff' } })
    .composite([
      { input: left, left: 0, top: 0 },
      { input: right, left: width + 16, top: 0 },
    ])
    .png()
    .toFile(resolve(beside));
}
