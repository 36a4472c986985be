/** Alternating measurements of our network and PyTorch's, for bench/autoencoder.ts and bench/gpu.ts. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Architecture, type PresetName, presets } from '../src/autoencoder/architecture';
import { type Autoencoder, buildAutoencoder } from '../src/autoencoder/autoencoder';
import { trainStep } from '../src/autoencoder/train-step';
import { measureSpeed, type Precision } from '../src/compute';
import { type Random, seededRandom } from '../src/util/random';
import { AutoencoderPeer, type PeerTask } from './autoencoder-peer';
import { type BenchRow, median } from './bench-row';
import { countOperations } from './network-operations';

/** A shorter look: LCH_BENCH_ROUNDS=2. */
export const rounds = Number(process.env.LCH_BENCH_ROUNDS ?? 5);
const adam = { learningRate: 0.0002, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
/** Waiting threads of the other side (OpenMP's spin for a while) come to rest. */
const restMilliseconds = 300;

/** One side's ways to do the same work; the fastest counts. */
type Ways = Pick<PeerTask, 'precision' | 'channelsLast'>[];

export const peerWays: Record<Precision, Ways> = {
  float32: [
    { precision: 'float32', channelsLast: false },
    { precision: 'float32', channelsLast: true },
  ],
  bfloat16: [{ precision: 'bfloat16', channelsLast: true }],
};

export interface Contest {
  name: string;
  task: 'step' | 'encode' | 'decode';
  preset: PresetName;
  batch: number;
  precision: Precision;
  goal: string;
}

/** The table of the paper's sizes. */
export function paperContests(stepBatch: number, useBatch: number): Contest[] {
  const contest = (task: Contest['task'], precision: Precision, goal: string): Contest => {
    const batch = task === 'step' ? stepBatch : useBatch;
    const words = { step: 'training step', encode: 'encode', decode: 'decode' }[task];
    const best = precision === 'bfloat16' ? 'best precision' : 'float32';
    return { name: `${words}, batch ${batch}, ${best}`, task, preset: 'paper', batch, precision, goal };
  };
  return [
    contest('step', 'float32', 'at least 1.5×'),
    contest('step', 'bfloat16', 'at least 1.5×'),
    contest('encode', 'bfloat16', 'at least 1.3×'),
    contest('encode', 'float32', 'no less'),
    contest('decode', 'bfloat16', 'no less'),
  ];
}

/** A network with crops and samples to run it on. */
export class Workload {
  readonly model: Autoencoder;
  private readonly images: Float32Array;
  private readonly noise: Float32Array;
  private steps = 0;

  constructor(architecture: Architecture, batch: number, precision: Precision = 'float32') {
    const random = seededRandom(1);
    this.model = buildAutoencoder(architecture, random.fork('weights'));
    this.model.precision = precision;
    this.images = numbers(batch * architecture.imageSize ** 2, random, (source) => source.uniform());
    this.noise = numbers(batch * architecture.latentDims, random, (source) => source.normal());
  }

  /** Seconds of one training step; weight 0 leaves the adversary out. */
  step(adversaryWeight = 1): number {
    return seconds(() =>
      trainStep(this.model, this.images, this.noise, { adam, adversaryWeight, step: ++this.steps }),
    );
  }

  encode(): number {
    return seconds(() => this.model.encode(this.images));
  }

  decode(): number {
    return seconds(() => this.model.decode(this.noise));
  }

  dispose(): void {
    this.model.dispose();
  }
}

/** Runs contests one after another, and prints what each means in GFLOP/s. */
export class Ring {
  private readonly peer: AutoencoderPeer;
  private readonly peak: Record<Precision, number>;

  constructor(
    private readonly threads: number,
    private readonly device: 'cpu' | 'cuda',
  ) {
    const speed = measureSpeed();
    this.peak = { float32: speed.matmul, bfloat16: speed.matmulBfloat16 ?? speed.matmul };
    this.peer = new AutoencoderPeer(threads);
    say(
      `matrix product of 1024²: ${speed.matmul.toFixed(0)} GFLOP/s in float32, ${this.peak.bfloat16.toFixed(0)} in bfloat16`,
    );
  }

  /** Images per second of both. */
  async run({ name, task, preset, batch, precision, goal }: Contest): Promise<BenchRow> {
    const { architecture } = presets[preset];
    const workload = new Workload(architecture, batch, precision);
    const ways = peerWays[precision];
    const ask = (way: Ways[number]) => this.ask({ ...way, task, architecture, batch });
    const ours: number[] = [];
    const theirs: number[][] = ways.map(() => []);
    for (let warmUp = 0; warmUp < 2; warmUp++) workload[task]();
    for (const way of ways) await ask(way);
    for (let round = 0; round < rounds; round++) {
      await pause(restMilliseconds);
      ours.push(workload[task]());
      await pause(restMilliseconds);
      for (const [i, way] of ways.entries()) theirs[i].push(await ask(way));
    }
    workload.dispose();
    const medians = theirs.map(median);
    const fastest = medians.indexOf(Math.min(...medians));
    const rate = { ours: batch / median(ours), theirs: batch / medians[fastest] };
    const { precision: peerPrecision, channelsLast } = ways[fastest];
    const operations = countOperations(architecture) * (task === 'step' ? 6 : 1);
    for (const side of ['ours', 'theirs'] as const) {
      const gigaflops = (rate[side] * operations) / 1e9;
      const share = (100 * gigaflops) / this.peak[precision];
      say(`${name}, ${side}: ${gigaflops.toFixed(0)} GFLOP/s, ${share.toFixed(0)} % of the matrix product`);
    }
    return {
      name,
      unit: 'images/s',
      ours: rate.ours,
      peer: rate.theirs,
      peerName: `${(await this.peer.about).version}, ${peerPrecision}${channelsLast ? ', channels_last' : ''}`,
      ratio: rate.ours / rate.theirs,
      better: 'higher',
      goal,
    };
  }

  /** Peak megabytes of a fresh process after five training steps. */
  async peerMemory(architecture: Architecture, batch: number, precision: Precision): Promise<number> {
    const fresh = new AutoencoderPeer(this.threads);
    const { device } = this;
    try {
      return await fresh.ask({ ...peerWays[precision][0], task: 'memory', architecture, batch, device });
    } finally {
      fresh.close();
    }
  }

  get peerName(): Promise<string> {
    return this.peer.about.then(({ version }) => version);
  }

  get peerSeesGpu(): Promise<boolean> {
    return this.peer.about.then(({ cuda }) => cuda);
  }

  close(): void {
    this.peer.close();
  }

  private ask(task: Omit<PeerTask, 'device'>): Promise<number> {
    return this.peer.ask({ ...task, device: this.device });
  }
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function numbers(count: number, random: Random, draw: (random: Random) => number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = draw(random);
  return values;
}

function seconds(work: () => void): number {
  const begin = performance.now();
  work();
  return (performance.now() - begin) / 1000;
}
