/**
 * Crops per second, decoded and preprocessed to 256×256, against Pillow and numpy in a PyTorch DataLoader with two workers, on the same PNGs:
 * the published crops when they are beside the repository (../shared/data/openlch-sample, or LCH_BENCH_CROPS), else simulated ones.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { type CropReader, openCropFiles, openPackedCrops } from '../src/data/stream/crop-reader';
import { packCrops } from '../src/data/stream/pack-crops';
import { writeSimulation } from '../src/simulate/write-simulation';
import { packageRoot } from '../src/util/files';
import { type BenchRow, median } from './bench-row';

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

/** A running bench/loader_peer.py. Python comes from LCH_BENCH_PYTHON, else from the project's environment. */
class LoaderPeer {
  /** Names and versions of what it runs on. */
  readonly name: Promise<string>;
  private readonly process: ChildProcess;
  private readonly lines: Interface;

  constructor(list: string) {
    const own = join(packageRoot(), '.venv', 'bin', 'python');
    const python = process.env.LCH_BENCH_PYTHON ?? (existsSync(own) ? own : 'python3');
    const script = join(packageRoot(), 'bench', 'loader_peer.py');
    const args = ['-W', 'ignore', script, list, String(size), String(batchSize)];
    this.process = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.process.stdout! });
    this.name = this.line();
  }

  async cropsPerSecond(): Promise<number> {
    const answer = this.line();
    this.process.stdin!.write(`${perPass}\n`);
    const [seconds, seen] = (await answer).split(' ').map(Number);
    return seen / seconds;
  }

  close(): void {
    this.process.stdin!.end();
  }

  private line(): Promise<string> {
    return new Promise((resolveLine, reject) => {
      const fail = () =>
        reject(
          new Error(
            'the Python peer ended; it needs torch, Pillow and numpy: .venv/bin/pip install torch pillow numpy, or set LCH_BENCH_PYTHON',
          ),
        );
      this.process.once('exit', fail);
      this.lines.once('line', (text) => {
        this.process.off('exit', fail);
        resolveLine(text);
      });
    });
  }
}
