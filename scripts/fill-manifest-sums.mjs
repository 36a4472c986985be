// Writes the sum and size of each synthetic data set's table of cells into its manifest. Run it after the simulator has changed whom
// it draws, and commit the manifests. The table is planned without drawing a crop, so this takes a second.
//
//   npm run build && node scripts/fill-manifest-sums.mjs [--check]
//
// --check only compares, and fails when a manifest says another sum.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const require = createRequire(import.meta.url);
const { listManifests } = require(join(root, 'dist/data/manifests/list-manifests.js'));
const { simulateCells } = require(join(root, 'dist/simulate/simulate-cells.js'));
const { cellsTable } = require(join(root, 'dist/simulate/write-simulation.js'));
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
const check = process.argv.includes('--check');

for (const { name, path, generator } of listManifests()) {
  if (!generator || !path.startsWith(root)) continue;
  const table = Buffer.from(cellsTable(simulateCells(generator.options).cells));
  const hash = `sha256:${createHash('sha256').update(table).digest('hex')}`;
  const descriptor = JSON.parse(readFileSync(path, 'utf8'));
  const [cells] = descriptor.resources;
  const same = cells.hash === hash;
  console.log(`${name}: ${same ? 'unchanged' : `${cells.hash ?? 'no sum'} →`} ${hash}`);
  if (check && !same) process.exitCode = 1;
  if (check || same) continue;
  Object.assign(cells, { bytes: table.length, hash });
  writeFileSync(path, JSON.stringify(descriptor, null, 2) + '\n');
  spawnSync(process.execPath, [biome, 'format', '--write', path], { cwd: root, stdio: 'ignore' });
}
