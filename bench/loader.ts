/**
 * Crops per second, decoded and preprocessed to 256×256, against Pillow and numpy in a PyTorch DataLoader with two workers, on the same PNGs:
 * the published crops when they are beside the repository (../shared/data/openlch-sample, or LCH_BENCH_CROPS), else simulated ones.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type CropReader, openCropFiles, openPackedCrops } from '../src/data/stream/crop-reader';
import { packCrops } from '../src/data/stream/pack-crops';
import { writeSimulation } from '../src/simulate/write-simulation';
import { packageRoot } from '../src/util/files';
import { type BenchRow, median } from './bench-row';
import { PythonPeer } from './python-peer';

const size = 256;
const batchSize = 50;
/** Crops per pass; the files are read over and over. */
const perPass = 3600;
const rounds = 5;

export async function bench(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lch-bench-loader-'));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(folder: string): Promise<BenchRow[]> {
  const images = await findImages(folder);
  const files = Array.from({ length: perPass }, (_, i) => images[i % images.length]);
  const list = join(folder, 'crops.txt');
  writeFileSync(list, images.join('\n'));
  const passList = join(folder, 'pass.txt');
  writeFileSync(passList, files.join('\n'));
  await packCrops(passList, join(folder, 'packed'), { size });

  const peer = new LoaderPeer(list);
  const fromFiles = openCropFiles(files, { size, threads: 2 });
  const packed = openPackedCrops(join(folder, 'packed'), { threads: 2 });
  const rates = { peer: [] as number[], first: [] as number[], packed: [] as number[] };
  try {
    const peerName = await peer.name;
    await cropsPerSecond(fromFiles); // compiled, and files in the system's cache, for all alike
    await cropsPerSecond(packed);
    await peer.cropsPerSecond();
    for (let round = 0; round < rounds; round++) {
      rates.peer.push(await peer.cropsPerSecond());
      rates.first.push(await cropsPerSecond(fromFiles));
      rates.packed.push(await cropsPerSecond(packed));
    }
    const theirs = median(rates.peer);
    const row = (name: string, ours: number, goal: string): BenchRow => ({
      name,
      unit: 'crops/s',
      ours,
      peer: theirs,
      peerName,
      ratio: ours / theirs,
      better: 'higher',
      goal,
    });
    const few = peakMemory(list, 1000);
    const many = peakMemory(list, 100_000);
    return [
      row('first pass, from PNG files', median(rates.first), 'at least 1.2×'),
      row('later passes, packed', median(rates.packed), 'at least 10×'),
      {
        name: 'peak memory of 100,000 crops',
        unit: 'MB',
        ours: many,
        peer: few,
        peerName: 'ours, 1,000 crops',
        ratio: many / few,
        better: 'lower',
        goal: 'does not grow',
      },
    ];
  } finally {
    peer.close();
    await fromFiles.close();
    await packed.close();
  }
}

async function cropsPerSecond(reader: CropReader): Promise<number> {
  const start = performance.now();
  let seen = 0;
  for await (const { indices } of reader.batches({ batchSize })) seen += indices.length;
  return seen / ((performance.now() - start) / 1000);
}

function peakMemory(list: string, count: number): number {
  const args = [require.resolve('./loader-memory'), list, String(count), String(size), String(batchSize)];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

/** Absolute paths of PNGs of 256×256 pixels. */
async function findImages(folder: string): Promise<string[]> {
  const real = process.env.LCH_BENCH_CROPS ?? join(packageRoot(), '..', 'shared', 'data', 'openlch-sample');
  let from = real;
  if (!existsSync(real)) {
    from = join(folder, 'simulated', 'images');
    await writeSimulation({ cells: 72, size, seed: 1 }, join(folder, 'simulated'));
  }
  return readdirSync(from)
    .filter((name) => name.endsWith('.png'))
    .map((name) => resolve(from, name));
}

/** bench/loader_peer.py: names what it runs on, then times one pass per line. */
class LoaderPeer {
  private readonly peer: PythonPeer;
  /** Names and versions of what it runs on. */
  readonly name: Promise<string>;

  constructor(list: string) {
    this.peer = new PythonPeer(
      'loader_peer.py',
      ['torch', 'pillow', 'numpy'],
      [list, String(size), String(batchSize)],
    );
    this.name = this.peer.line();
  }

  async cropsPerSecond(): Promise<number> {
    const [seconds, seen] = (await this.peer.ask(String(perPass))).split(' ').map(Number);
    return seen / seconds;
  }

  close(): void {
    this.peer.close();
  }
}
