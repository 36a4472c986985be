// npm run bench -- NAME: compiles, runs bench/NAME.ts, prints its ratios and writes bench/results/NAME.json.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { root } from './setup/context.mjs';

const [name] = process.argv.slice(2);
process.chdir(root);
const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.test.json'], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
const file = join(root, 'build', 'bench', `${name}.js`);
if (!name || !existsSync(file)) {
  const known = readdirSync(join(root, 'bench'))
    .filter(
      (entry) =>
        entry.endsWith('.ts') && readFileSync(join(root, 'bench', entry), 'utf8').includes('function bench('),
    )
    .map((entry) => entry.slice(0, -3));
  console.error(
    `bench: ${name ? `there is no ${name}` : 'a name is missing'}; there are ${known.join(', ')}`,
  );
  process.exit(2);
}
const { bench } = createRequire(import.meta.url)(file);
const rows = await bench();
const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}`;
mkdirSync(join('bench', 'results'), { recursive: true });
const result = { machine, date: new Date().toISOString(), rows };
writeFileSync(join('bench', 'results', `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
console.table(
  rows.map(({ name: what, unit, ours, peer, peerName, ratio, better, goal }) => ({
    what,
    unit,
    ours: Number(ours.toPrecision(4)),
    peer: Number(peer.toPrecision(4)),
    peerName,
    'ours ÷ peer': Number(ratio.toFixed(3)),
    better,
    goal,
  })),
);
process.exit(0);
