/**
 * The autoencoder beside PyTorch: training steps, encoding, decoding and memory, two threads each, alternating, medians of five. Sizes are
 * the paper's unless a row says otherwise. `best precision` is bfloat16 for both.
 */
import { execFileSync } from 'node:child_process';
import { presets } from '../src/autoencoder/architecture';
import { loadBackend, type Precision, tf } from '../src/compute';
import { paperContests, Ring, rounds, say, Workload } from './autoencoder-contest';
import { type BenchRow, median } from './bench-row';

const threads = 2;
const { architecture } = presets.paper;

export async function bench(): Promise<BenchRow[]> {
  await loadBackend({ threads });
  const ring = new Ring(threads, 'cpu');
  try {
    const rows: BenchRow[] = [];
    for (const contest of paperContests(8, 32)) rows.push(await ring.run(contest));
    for (const precision of ['float32', 'bfloat16'] as const) rows.push(await memoryRow(ring, precision));
    rows.push(adversaryRow('float32'), adversaryRow('bfloat16'), steadyRow());
    rows.push(galleryRow('demo', 1), galleryRow('paper', 25));
    return rows;
  } finally {
    ring.close();
  }
}

async function memoryRow(ring: Ring, precision: Precision): Promise<BenchRow> {
  const args = [require.resolve('./autoencoder-memory'), '8', precision, String(threads)];
  const ours = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  const peer = await ring.peerMemory(architecture, 8, precision);
  return {
    name: `peak memory of training, batch 8, ${precision}`,
    unit: 'MB',
    ours,
    peer,
    peerName: await ring.peerName,
    ratio: ours / peer,
    better: 'lower',
    goal: 'at most 1.3×',
  };
}

/** What the adversary costs: full steps beside steps of the reconstruction alone. */
function adversaryRow(precision: Precision): BenchRow {
  const workload = new Workload(architecture, 8, precision);
  const full: number[] = [];
  const alone: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const pair = [workload.step(1), workload.step(0)];
    if (round < 0) continue; // warm-up
    full.push(pair[0]);
    alone.push(pair[1]);
  }
  workload.dispose();
  return ownRow(
    `full adversarial step, batch 8, ${precision}`,
    full,
    alone,
    'reconstruction alone',
    'at most 1.5×',
  );
}

/** 2,000 steps of a small network: no step slower than at the start, no tensor more. */
function steadyRow(): BenchRow {
  const small = {
    imageSize: 32,
    channels: [16, 32, 64, 64, 64],
    latentDims: 16,
    adversaryWidths: [64, 64, 32],
  } as const;
  const workload = new Workload(small, 16);
  const times: number[] = [];
  let tensors = 0;
  for (let step = 1; step <= 2000; step++) {
    times.push(workload.step());
    if (step === 10) tensors = tf.memory().numTensors;
  }
  const more = tf.memory().numTensors - tensors;
  workload.dispose();
  say(`tensors after step 2,000: ${more} more than after step 10`);
  if (more !== 0) throw new Error(`${more} tensors were left behind in 2,000 steps`);
  // a window's quickest tenth: other work on the machine only slows
  const quick = (from: number, to: number) =>
    times
      .slice(from, to)
      .sort((a, b) => a - b)
      .slice(0, (to - from) / 10);
  return ownRow(
    'a step around the 2,000th, small network',
    quick(1800, 2000),
    quick(10, 210),
    'around the 10th',
    'at most 1.05×, same tensors',
  );
}

/** The picture of all 56 features in 12 steps each: 672 decoded images. */
function galleryRow(preset: 'demo' | 'paper', goalSeconds: number): BenchRow {
  const workload = new Workload(presets[preset].architecture, 56 * 12);
  workload.decode();
  const times = Array.from({ length: preset === 'demo' ? rounds : 1 }, () => workload.decode());
  workload.dispose();
  return {
    ...ownRow(`gallery of 56 × 12 decoded images, ${preset}`, times, [goalSeconds], 'the time allowed', ''),
    goal: `at most ${goalSeconds} s`,
  };
}

function ownRow(name: string, ours: number[], peer: number[], peerName: string, goal: string): BenchRow {
  const figures = { ours: 1000 * median(ours), peer: 1000 * median(peer) };
  return {
    name,
    unit: 'ms',
    ...figures,
    peerName,
    ratio: figures.ours / figures.peer,
    better: 'lower',
    goal,
  };
}
