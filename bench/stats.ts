/** LDA of a million descriptors, and a clustered bootstrap of an AUC, beside scikit-learn in the same run. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusteredBootstrap } from '../src/stats/clustered-bootstrap';
import { fitLda, scoreLda } from '../src/stats/lda';
import { seededRandom } from '../src/util/random';
import { type BenchRow, median } from './bench-row';
import { latentLikeCells } from './cells';
import { StatisticsPeer } from './python-peer';

const N = 1_000_000;
const D = 56;
const CELLS = 100_000;
const DAYS = 60;
const PEER_RESAMPLES = 20; // of 1000, scaled up: all of them would take minutes

export async function bench(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lch-bench-'));
  const peer = new StatisticsPeer();
  try {
    return [...(await ldaRows(peer, folder)), await bootstrapRow(peer, folder)];
  } finally {
    peer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ldaRows(peer: StatisticsPeer, folder: string): Promise<BenchRow[]> {
  const block = latentLikeCells(100_000);
  const x = new Float32Array(N * D); // ten copies: only their number matters
  for (let at = 0; at < x.length; at += block.length) x.set(block, at);
  const labels = Uint8Array.from({ length: N }, (_, i) => (x[i * D] + x[i * D + 1] > 0 ? 1 : 0));
  const files = { cells: join(folder, 'cells.bin'), labels: join(folder, 'labels.bin') };
  writeFileSync(files.cells, new Uint8Array(x.buffer));
  writeFileSync(files.labels, labels);
  const rows: BenchRow[] = [];
  for (const solver of ['svd', 'lsqr'] as const) {
    const ours: number[] = [];
    const theirs: number[] = [];
    let peerName = '';
    for (let repeat = 0; repeat < 3; repeat++) {
      const begin = performance.now();
      scoreLda(fitLda(x, N, D, labels, { solver }), x, N);
      ours.push((performance.now() - begin) / 1000);
      const answer = await peer.ask({ task: 'lda', solver, ...files, n: N, d: D });
      theirs.push(answer.seconds);
      peerName = answer.version;
    }
    rows.push({
      name: `LDA (${solver}) fit and score of 1,000,000 × 56`,
      unit: 's',
      ours: median(ours),
      peer: median(theirs),
      peerName,
      ratio: median(ours) / median(theirs),
      better: 'lower',
      goal: '≤ 1',
    });
  }
  return rows;
}

async function bootstrapRow(peer: StatisticsPeer, folder: string): Promise<BenchRow> {
  const random = seededRandom(1);
  const groups = Int32Array.from({ length: CELLS }, (_, i) => i % DAYS);
  const labels = Uint8Array.from({ length: CELLS }, () => random.integer(2));
  const scores = Float64Array.from(labels, (label) => label + random.normal());
  const files = {
    scores: join(folder, 's.bin'),
    labels: join(folder, 'l.bin'),
    groups: join(folder, 'g.bin'),
  };
  writeFileSync(files.scores, new Uint8Array(scores.buffer));
  writeFileSync(files.labels, labels);
  writeFileSync(files.groups, new Uint8Array(groups.buffer));
  const begin = performance.now();
  await clusteredBootstrap(scores, labels, { clusters: [groups], resamples: 1000, random });
  const ours = (performance.now() - begin) / 1000;
  const answer = await peer.ask({ task: 'bootstrap', ...files, resamples: PEER_RESAMPLES });
  const theirs = (answer.seconds * 1000) / PEER_RESAMPLES;
  return {
    name: '1,000 clustered resamples of an AUC, 100,000 cells',
    unit: 's',
    ours,
    peer: theirs,
    peerName: `${answer.version} roc_auc_score in a loop (from ${PEER_RESAMPLES})`,
    ratio: ours / theirs,
    better: 'lower',
    goal: 'seconds',
  };
}
