// Compiles sources and tests, runs the tests with Node's own runner, and closes with "N passed, N failed, N skipped".
//
//   node scripts/test.mjs [--build-dir DIR] [WORD …]      only test files whose path contains one of the words
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const words = process.argv.slice(2);
let buildDir = 'build';
const at = words.indexOf('--build-dir');
if (at >= 0) [, buildDir] = words.splice(at, 2);

process.chdir(root);
mkdirSync(buildDir, { recursive: true });

const steps = [
  [
    'compile',
    [
      'node_modules/typescript/bin/tsc',
      '-p',
      'tsconfig.test.json',
      '--outDir',
      buildDir,
      '--tsBuildInfoFile',
      join(buildDir, '.tsbuildinfo'),
    ],
  ],
];
if (words.length === 0)
  steps.push(['format and lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '.']]);
for (const [name, args] of steps) {
  process.stderr.write(`test: ${name}\n`);
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`test: ${name} failed; mend the lines above and run it again`);
    if (words.length === 0) process.exit(1);
  }
}

const folder = join(buildDir, 'test');
const files = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => existsSync(join('test', name.replace(/js$/, 'ts')))) // not what an older source left
  .map((name) => resolve(folder, name))
  .filter((file) => words.length === 0 || words.some((word) => relative(folder, file).includes(word)))
  .sort();
if (files.length === 0) {
  console.error(`test: no test file matches ${words.join(' ')}`);
  process.exit(1);
}

const count = { passed: 0, failed: 0, skipped: 0 };
const skipped = [];
const failed = [];
const fileNames = new Set(files);
const stream = run({ files, concurrency: 2 });
stream.on('test:pass', (event) => {
  if (event.details?.type === 'suite' || fileNames.has(event.name)) return;
  if (event.skip !== undefined || event.todo !== undefined) {
    count.skipped++;
    skipped.push(`${event.name}${typeof event.skip === 'string' ? `: ${event.skip}` : ''}`);
  } else count.passed++;
});
stream.on('test:fail', (event) => {
  // a suite that fails only because a test inside it failed is not counted twice
  if (event.details?.type === 'suite' && event.details.error?.failureType === 'subtestsFailed') return;
  if (event.details?.error?.failureType === 'subtestsFailed') return;
  count.failed++;
  failed.push(`${event.name} (${relative(folder, event.file ?? '')})`);
});
stream.compose(spec).pipe(process.stdout);
process.on('exit', () => {
  if (skipped.length > 0)
    console.log(`\nskipped, and why:\n${skipped.map((line) => `  ${line}`).join('\n')}`);
  if (failed.length > 0) console.log(`\nfailed:\n${failed.map((line) => `  ${line}`).join('\n')}`);
  console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0;
});
