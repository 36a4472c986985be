/**
 * How long a person waits for pictures: the gallery of one cell (56 features in 12 steps), and a slider's answer (one shifted cell, decoded and drawn). Weights
 * are untrained, which costs the same. With LCH_BENCH_PYTHON naming a Python with torch, its decoder stands beside ours in the same run; the time allowed
 * does in any case.
 */
import { presets } from '../src/autoencoder/architecture';
import { type Autoencoder, buildAutoencoder } from '../src/autoencoder/autoencoder';
import { loadBackend } from '../src/compute';
import { decodeShift } from '../src/interpret/decode-shift';
import { exploreCell } from '../src/latent/latent-tour';
import { montagePng } from '../src/plots/montage';
import { silentProgress } from '../src/util/progress';
import { seededRandom } from '../src/util/random';
import { rounds } from './autoencoder-contest';
import { AutoencoderPeer, type PeerTask } from './autoencoder-peer';
import { type BenchRow, median } from './bench-row';

const threads = 2;
const steps = 12;
/** Images of one pass, ours and the peer's. */
const batch = 32;
/** Sliders move often. */
const answers = 30;

export async function bench(): Promise<BenchRow[]> {
  await loadBackend({ threads });
  const peer = process.env.LCH_BENCH_PYTHON ? new AutoencoderPeer(threads) : null;
  try {
    const rows: BenchRow[] = [];
    for (const [preset, seconds] of [
      ['demo', 1],
      ['paper', 25],
    ] as const) {
      rows.push(...(await galleryRows(preset, seconds, peer)));
    }
    rows.push(...(await sliderRows()));
    return rows;
  } finally {
    peer?.close();
  }
}

/** 672 decoded images of one cell. */
async function galleryRows(
  preset: 'demo' | 'paper',
  seconds: number,
  peer: AutoencoderPeer | null,
): Promise<BenchRow[]> {
  const { architecture } = presets[preset];
  const d = architecture.latentDims;
  const model = build(preset);
  const code = codeOf(d);
  const sd = new Float64Array(d).fill(1);
  const gallery = () =>
    milliseconds(() => exploreCell(model, code, sd, { range: 3, steps, progress: silentProgress }));
  const passes = (d * steps) / batch;
  const task: PeerTask = {
    task: 'decode',
    architecture,
    batch,
    precision: 'float32',
    channelsLast: true,
    device: 'cpu',
  };
  const theirs: number[] = [];
  const ours: number[] = [];
  model.decode(codeOf(batch * d)); // warm-up
  await peer?.ask(task);
  for (let round = 0; round < (preset === 'demo' ? rounds : 1); round++) {
    ours.push(await gallery());
    if (!peer) continue;
    let sum = 0;
    for (let pass = 0; pass < passes; pass++) sum += await peer.ask(task);
    theirs.push(1000 * sum);
  }
  model.dispose();
  const name = `gallery of one cell, ${d} × ${steps} images, ${preset}`;
  const rows = [allowed(name, median(ours), 1000 * seconds, `at most ${seconds} s`)];
  if (peer) {
    const { version } = await peer.about;
    rows.push(
      row(
        name,
        median(ours),
        median(theirs),
        `${version}, the same decoder in passes of ${batch}`,
        'no more',
      ),
    );
  }
  return rows;
}

/** One shifted cell: decoded to a PNG of the model's size, and four times enlarged with its note, as the notebook's slider shows it. */
async function sliderRows(): Promise<BenchRow[]> {
  const model = build('demo');
  const { latentDims: d, imageSize: size } = model.architecture;
  const [code, direction] = [codeOf(d), codeOf(d)];
  const ways: [string, (shift: number) => Promise<unknown>][] = [
    ['slider answer, one cell decoded to PNG, demo', (shift) => decodeShift(model, code, direction, shift)],
    [
      'slider answer, enlarged with its note, demo',
      (shift) =>
        montagePng(model.decode(code.map((value, j) => value + shift * direction[j])), {
          ...{ count: 1, size, scale: 4, note: 'Synthetic cells' },
        }),
    ],
  ];
  const rows: BenchRow[] = [];
  for (const [name, answer] of ways) {
    await answer(0); // warm-up
    const times: number[] = [];
    for (let k = 0; k < answers; k++) times.push(await milliseconds(() => answer(k / answers)));
    rows.push(allowed(name, median(times), 100, 'at most 100 ms'));
  }
  model.dispose();
  return rows;
}

function build(preset: 'demo' | 'paper'): Autoencoder {
  return buildAutoencoder(presets[preset].architecture, seededRandom(1));
}

function codeOf(length: number): Float32Array {
  const random = seededRandom(2);
  return Float32Array.from({ length }, () => random.normal());
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

const allowed = (name: string, ours: number, limit: number, goal: string) =>
  row(name, ours, limit, 'the time allowed', goal);

function row(name: string, ours: number, peer: number, peerName: string, goal: string): BenchRow {
  return { name, unit: 'ms', ours, peer, peerName, ratio: ours / peer, better: 'lower', goal };
}
