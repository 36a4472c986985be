/**
 * The table of bench/autoencoder.ts on an NVIDIA GPU, beside PyTorch on the same one. It needs a driver of CUDA 12, the GPU runtime that
 * set-up fetches where it finds one (LCH_TENSORFLOW=gpu insists), and a Python with a CUDA build of torch (LCH_BENCH_PYTHON). Without a
 * GPU it says so and measures nothing.
 */
import { loadBackend } from '../src/compute';
import { paperContests, Ring, say } from './autoencoder-contest';
import type { BenchRow } from './bench-row';

export async function bench(): Promise<BenchRow[]> {
  const { name, devices } = await loadBackend();
  if (!devices.includes('GPU')) {
    say(
      `bench gpu: nothing to measure: ${name} computes on ${devices.join(', ')}. It needs an NVIDIA GPU with a CUDA 12 driver; then LCH_TENSORFLOW=gpu npm run setup fetches the GPU runtime.`,
    );
    return [];
  }
  const ring = new Ring(2, 'cuda');
  try {
    if (!(await ring.peerSeesGpu)) {
      say('bench gpu: PyTorch sees no GPU; name a Python whose torch is built for CUDA in LCH_BENCH_PYTHON');
      return [];
    }
    const rows: BenchRow[] = [];
    for (const contest of [...paperContests(8, 32), ...paperContests(50, 256)]) {
      rows.push(await ring.run(contest));
    }
    return rows;
  } finally {
    ring.close();
  }
}
