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

/** 2,000 steps of a small network: no tensor more than after 10, and no slower than a fresh one, in turns with it. */
function steadyRow(): BenchRow {
  const small = {
    imageSize: 32,
    channels: [16, 32, 64, 64, 64],
    latentDims: 16,
    adversaryWidths: [64, 64, 32],
  } as const;
  const old = new Workload(small, 16);
  let tensors = 0;
  for (let step = 1; step <= 2000; step++) {
    old.step();
    if (step === 10) tensors = tf.memory().numTensors;
  }
  const more = tf.memory().numTensors - tensors;
  say(`tensors after step 2,000: ${more} more than after step 10`);
  if (more !== 0) throw new Error(`${more} tensors were left behind in 2,000 steps`);
  const fresh = new Workload(small, 16);
  for (let step = 1; step < 10; step++) fresh.step();
  const times = { old: [] as number[], fresh: [] as number[] };
  for (let pair = 0; pair < 100; pair++) {
    times.fresh.push(fresh.step());
    times.old.push(old.step());
  }
  fresh.dispose();
  old.dispose();
  return ownRow(
    'a step after 2,000, small network',
    times.old,
    times.fresh,
    'after 10',
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
