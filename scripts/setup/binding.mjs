// The native binding of @tensorflow/tfjs-node-gpu, compiled from the package's own source against the fetched TensorFlow. Node-API is
// stable, so one file serves Node 20, 22 and 24, and the CPU and the GPU libraries alike.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  cache,
  isMarked,
  mark,
  requirements,
  root,
  runChild,
  SetupError,
  say,
  sumOf,
  venvPython,
} from './context.mjs';
import { chooseRuntime, isComplete, libraryFolder } from './tensorflow.mjs';

const packageFolder = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
const installed = join(packageFolder, 'lib', 'napi-v8');
const listsHeader = join(root, 'scripts', 'setup', 'attribute_lists.h');
const gateSource = join(root, 'scripts', 'setup', 'stderr_gate.cc');
const memorySource = join(root, 'scripts', 'setup', 'keep_memory.cc');
/** The add-ons: file name → sources, a header read before them, and whether TensorFlow is linked. */
const addons = {
  'tfjs_binding.node': {
    sources: ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'],
    header: listsHeader,
    links: true,
  },
  'stderr_gate.node': { sources: [gateSource], links: false },
  'keep_memory.node': { sources: [memorySource], links: false },
};
const marker = join(installed, '.lch-binding');

/** What the installed binding was made for; another runtime folder or another package version asks for a new one. */
function inputs(runtime) {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const ours = [listsHeader, gateSource, memorySource];
  return sumOf(version, libraryFolder(runtime), join(runtime.folder, 'complete'), ...ours);
}

export const binding = {
  name: 'TensorFlow binding',
  isDone() {
    const runtime = chooseRuntime();
    if (runtime.none) return true;
    if (
      !existsSync(join(packageFolder, 'package.json')) ||
      !isComplete(runtime) ||
      !isMarked(marker, inputs(runtime))
    )
      return false;
    return Object.keys(addons).every((file) => existsSync(join(installed, file)));
  },
  async run() {
    const runtime = chooseRuntime();
    const sum = inputs(runtime);
    const compiled = join(runtime.folder, `binding-${sum.slice(0, 16)}`); // shared by clones, as the libraries are
    rmSync(marker, { force: true });
    for (const [file, addon] of Object.entries(addons)) {
      if (!existsSync(join(compiled, file))) await compile(runtime, addon, join(compiled, file));
      const target = join(installed, file);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(compiled, file), `${target}.partial`);
      renameSync(`${target}.partial`, target);
    }
    mark(marker, sum);
  },
};

async function compile(runtime, { sources, header, links }, output) {
  const libraries = libraryFolder(runtime);
  const partial = `${output}.partial-${process.pid}`;
  mkdirSync(dirname(output), { recursive: true });
  const args = [
    ...['-O2', '-std=c++17', '-shared', '-fPIC', '-DNAPI_VERSION=8', '-w'],
    ...[
      `-I${join(root, 'node_modules', 'node-api-headers', 'include')}`,
      '-I.',
      `-I${join(libraries, 'include')}`,
    ],
    ...(header ? ['-include', header] : []),
    ...[...sources, '-o', partial],
    // the libraries stay in the wheel's folder: they find the CUDA wheels beside it by a path relative to themselves
    ...(links
      ? [
          join(libraries, 'libtensorflow_cc.so.2'),
          join(libraries, 'libtensorflow_framework.so.2'),
          `-Wl,-rpath,${libraries}`,
        ]
      : []),
  ];
  const compilers = ['g++', 'c++', 'clang++'].filter((name) => spawnSync(name, ['--version']).status === 0);
  const failures = [];
  try {
    for (const compiler of compilers) {
      try {
        await runChild(compiler, compiler, args, { cwd: packageFolder });
        return renameSync(partial, output);
      } catch (error) {
        failures.push(error.message);
      }
    }
    const why = compilers.length > 0 ? `${compilers.join(', ')} failed` : 'no C++ compiler here';
    say(`  ${why}: taking the one of the PyPI package ziglang`);
    await compileWithZig(args);
    renameSync(partial, output);
  } catch (error) {
    failures.push(error.message);
    throw new SetupError(
      `The TensorFlow binding could not be compiled:\n${failures.join('\n')}\n` +
        'On Debian or Ubuntu:\n  sudo apt-get install g++\nthen run the same command again.',
    );
  } finally {
    rmSync(partial, { force: true });
  }
}

async function compileWithZig(args) {
  const folder = join(cache, 'ziglang');
  const lock = join(requirements, 'ziglang.txt');
  if (!isMarked(join(folder, 'complete'), sumOf(lock))) {
    await runChild('pip install ziglang', venvPython, [
      ...[
        '-m',
        'pip',
        'install',
        '--disable-pip-version-check',
        '--no-cache-dir',
        '--require-hashes',
        '--upgrade',
      ],
      ...['--target', folder, '-r', lock],
    ]);
    mark(join(folder, 'complete'), sumOf(lock));
  }
  const triple = process.arch === 'arm64' ? 'aarch64-linux-gnu.2.17' : 'x86_64-linux-gnu.2.17';
  await runChild('zig c++', venvPython, ['-m', 'ziglang', 'c++', '-target', triple, ...args], {
    cwd: packageFolder,
    env: {
      PYTHONPATH: folder,
      ZIG_GLOBAL_CACHE_DIR: join(folder, 'cache'),
      ZIG_LOCAL_CACHE_DIR: join(folder, 'cache'),
    },
  });
}
