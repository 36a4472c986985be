/** How fast synthetic crops are drawn and written, beside the rates that were aimed at, and beside sharp's PNG encoder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { encodePng } from '../src/simulate/encode-png';
import { simulateCells } from '../src/simulate/simulate-cells';
import { writeSimulation } from '../src/simulate/write-simulation';
import { type BenchRow, median } from './bench-row';

export async function bench(): Promise<BenchRow[]> {
  return [
    await writing(64, 2000, 400),
    await writing(256, 200, 60),
    await encoding(64, 500),
    await encoding(256, 60),
  ];
}

/** Crops drawn, encoded and written to files in a second, by two threads. The peer is the rate aimed at. */
async function writing(size: number, cells: number, aim: number): Promise<BenchRow> {
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) {
    const folder = mkdtempSync(join(tmpdir(), 'lch-bench-'));
    const started = performance.now();
    await writeSimulation({ cells, size, seed: round }, folder, { workers: 2 });
    rates.push((1000 * cells) / (performance.now() - started));
    rmSync(folder, { recursive: true });
  }
  const ours = median(rates);
  return {
    name: `simulate to files, ${size}×${size}, two threads`,
    unit: 'crops/s',
    ours,
    peer: aim,
    peerName: 'rate aimed at',
    ratio: ours / aim,
    better: 'higher',
    goal: `at least ${aim} crops/s`,
  };
}

/** PNGs of drawn crops encoded in a second. */
async function encoding(size: number, count: number): Promise<BenchRow> {
  const simulation = simulateCells({ cells: count, size, seed: 1 });
  const crops = simulation.cells.map((_, i) => simulation.renderCrop(i));
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    for (const crop of crops) encodePng(crop, size, size);
    const between = performance.now();
    for (const crop of crops) {
      await sharp(crop, { raw: { width: size, height: size, channels: 1 } })
        .png()
        .toBuffer();
    }
    ours.push((1000 * count) / (between - started));
    theirs.push((1000 * count) / (performance.now() - between));
  }
  return {
    name: `encode PNG, ${size}×${size}`,
    unit: 'crops/s',
    ours: median(ours),
    peer: median(theirs),
    peerName: 'sharp, default settings',
    ratio: median(ours) / median(theirs),
    better: 'higher',
    goal: 'the same bytes everywhere, no slower than sharp',
  };
}
