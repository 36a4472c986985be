// Runs tslab's own jest suites against the compiler that the kernel gives to tslab (docs/kernel.md holds the result).
//
//   git clone https://github.com/yunabe/tslab DIR && npm --prefix DIR install
//   node node_modules/typescript/bin/tsc -p tsconfig.test.json
//   node test/reference/tslab-suites.mjs DIR [--ignore-commit-characters]
//
// --ignore-commit-characters leaves out what TypeScript 5.7 and later add to every completion list. Last run: tslab at its release
// v1.0.22, jest 29, Node 20.20.
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder, flag] = process.argv.slice(2);
if (!folder || !existsSync(join(folder, 'src', 'converter.spec.ts'))) {
  console.error('tslab-suites needs the folder of a tslab checkout, with its packages installed');
  process.exit(2);
}
const checkout = resolve(folder);
const compiled = resolve(fileURLToPath(import.meta.url), '../../../build/src/kernel/typescript');

// tslab's own tsconfig.json would count as the notebook's
const options = join(checkout, 'tsconfig.jest.json');
if (!existsSync(options)) renameSync(join(checkout, 'tsconfig.json'), options);
writeFileSync(
  join(checkout, 'kernel-compiler.js'),
  `const { createHookedFacade } = require(${JSON.stringify(join(compiled, 'tslab.js'))});
const { cellCompilerOptions } = require(${JSON.stringify(join(compiled, 'compiler-options.js'))});
const library = { name: 'live-cell-histology', types: '/nowhere/index.d.ts' };
const { module: compiler } = createHookedFacade({
  compilerOptions: (defaults, folder) => cellCompilerOptions(defaults, folder, library),
  ambientDeclarations: () => '',
  transformers: () => ({}),
  onSourceMaps() {},
});
if (${flag === '--ignore-commit-characters'}) {
  const { Completions } = compiler;
  const complete = Completions.getCompletionsAtPositionForTslab;
  Completions.getCompletionsAtPositionForTslab = (...args) => {
    const found = complete(...args);
    delete found?.defaultCommitCharacters;
    return found && JSON.parse(JSON.stringify(found));
  };
}
module.exports = compiler;
`,
);
writeFileSync(
  join(checkout, 'jest.kernel.js'),
  `module.exports = {
  testEnvironment: 'node',
  rootDir: 'src',
  moduleNameMapper: { '^@tslab/typescript-for-tslab$': ${JSON.stringify(join(checkout, 'kernel-compiler.js'))} },
  transform: { '^.+\\\\.ts$': ['ts-jest', { diagnostics: false, isolatedModules: true, tsconfig: ${JSON.stringify(options)} }] },
};
`,
);
const jest = join(checkout, 'node_modules', 'jest', 'bin', 'jest.js');
const { status } = spawnSync(process.execPath, [jest, '-c', 'jest.kernel.js', '--runInBand', '--no-cache'], {
  cwd: checkout,
  stdio: 'inherit',
});
process.exit(status ?? 1);
