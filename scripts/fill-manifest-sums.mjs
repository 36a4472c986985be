// Draws each synthetic data set and writes the sum and size of its table of cells into its manifest. Run it after the simulator has
// changed what it draws, and commit the manifests.
//
//   npm run build && node scripts/fill-manifest-sums.mjs [--check] [NAME …]
//
// --check only compares, and fails when a manifest says another sum. synthetic-full takes minutes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const require = createRequire(import.meta.url);
const { fetchDataset } = require(join(root, 'dist/data/fetch/fetch-dataset.js'));
const { listManifests } = require(join(root, 'dist/data/manifests/list-manifests.js'));
const { terminalProgress } = require(join(root, 'dist/util/progress.js'));

const check = process.argv.includes('--check');
const names = process.argv.slice(2).filter((word) => word !== '--check');
const cache = mkdtempSync(join(tmpdir(), 'lch-sums-'));
try {
  for (const manifest of listManifests({ cache })) {
    if (!manifest.generator || (names.length > 0 && !names.includes(manifest.name))) continue;
    const { folder, files } = await fetchDataset(manifest.name, { cache, progress: terminalProgress() });
    const descriptor = JSON.parse(readFileSync(manifest.path, 'utf8'));
    for (const resource of descriptor.resources) {
      const { bytes, sha256 } = files.find(({ file }) => file === resource.path);
      const same = resource.hash === `sha256:${sha256}`;
      console.log(
        `${manifest.name}/${resource.path}: ${same ? 'unchanged' : `${resource.hash ?? 'no sum'} →`} sha256:${sha256}`,
      );
      if (check && !same) process.exitCode = 1;
      Object.assign(resource, { bytes, hash: `sha256:${sha256}` });
    }
    rmSync(folder, { recursive: true });
    if (check) continue;
    writeFileSync(manifest.path, JSON.stringify(descriptor, null, 2) + '\n');
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    spawnSync(process.execPath, [biome, 'format', '--write', manifest.path], { cwd: root, stdio: 'ignore' });
  }
} finally {
  rmSync(cache, { recursive: true, force: true });
}
