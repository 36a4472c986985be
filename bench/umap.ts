/**
 * UMAP of 20,000 and of 200,000 descriptors beside umap-learn, both seeded and warmed up, on the same cells in the same run.
 * LCH_BENCH_LARGE=0 leaves the 200,000 out (they take minutes).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trustworthiness } from '../src/latent/trustworthiness';
import { embedUmap } from '../src/latent/umap';
import { type BenchRow, median } from './bench-row';
import { latentLikeCells } from './cells';
import { StatisticsPeer } from './python-peer';

const D = 56;

export async function bench(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lch-bench-'));
  const peer = new StatisticsPeer();
  try {
    await embedUmap(latentLikeCells(2500), 2500, D, { engine: 'own', epochs: 10 }); // warm-up: backend and loop
    const rows = await compare(peer, folder, 20_000, 3, 0.6);
    if (process.env.LCH_BENCH_LARGE !== '0') rows.push(...(await compare(peer, folder, 200_000, 1, 1)));
    return rows;
  } finally {
    peer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(
  peer: StatisticsPeer,
  folder: string,
  n: number,
  repeats: number,
  goal: number,
): Promise<BenchRow[]> {
  const x = latentLikeCells(n);
  const cells = join(folder, 'cells.bin');
  const points = join(folder, 'points.bin');
  writeFileSync(cells, new Uint8Array(x.buffer));
  const ours: number[] = [];
  const theirs: number[] = [];
  let peerName = '';
  let drawn = new Float64Array(0);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const begin = performance.now();
    drawn = Float64Array.from(await embedUmap(x, n, D, { seed: 1 }));
    ours.push((performance.now() - begin) / 1000);
    const answer = await peer.ask({ task: 'umap', cells, n, d: D, points, warmUp: repeat === 0 });
    theirs.push(answer.seconds);
    peerName = answer.version;
  }
  const bytes = readFileSync(points);
  const peerPoints = new Float64Array(bytes.buffer, bytes.byteOffset, 2 * n);
  const quality = (map: Float64Array) => trustworthiness(x, map, n, D, { sample: 1000 });
  const [own, other] = [await quality(drawn), await quality(peerPoints)];
  const size = `${n.toLocaleString('en')} × ${D}`;
  return [
    {
      name: `UMAP of ${size}`,
      unit: 's',
      ours: median(ours),
      peer: median(theirs),
      peerName,
      ratio: median(ours) / median(theirs),
      better: 'lower',
      goal: `≤ ${goal}`,
    },
    {
      name: `its trustworthiness, 15 neighbours`,
      unit: '0…1',
      ours: own,
      peer: other,
      peerName,
      ratio: own / other,
      better: 'higher',
      goal: 'at most 0.003 below',
    },
  ];
}
