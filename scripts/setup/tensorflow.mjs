// The TensorFlow runtime: the shared libraries and C headers of TensorFlow's own wheel from PyPI, unpacked once into a cache folder that
// several clones share. With an NVIDIA driver, the GPU wheel with its CUDA 12 libraries; else the CPU wheel.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  cache,
  mark,
  requirements,
  runChild,
  SetupError,
  say,
  sumOf,
  temporary,
  venvPython,
} from './context.mjs';

/** Which runtime this machine gets, or why it gets none. */
export function chooseRuntime() {
  const asked = process.env.LCH_TENSORFLOW; // cpu | gpu | none
  if (asked === 'none' || process.env.LCH_BACKEND === 'wasm')
    return { none: 'it was switched off by the environment' };
  if (process.platform !== 'linux')
    return { none: `its wheels are used on Linux only, and this is ${process.platform}` };
  const { arch } = process;
  if (arch !== 'x64' && arch !== 'arm64') return { none: `there is no wheel for ${arch}` };
  const kind = arch === 'x64' && (asked === 'gpu' || (asked !== 'cpu' && hasNvidiaDriver())) ? 'gpu' : 'cpu';
  const lock = join(requirements, `tensorflow-${kind}-${arch}.txt`);
  const version = /==([\d.]+)/.exec(readFileSync(lock, 'utf8'))[1];
  return { kind, lock, version, folder: join(cache, 'tensorflow', `${version}-${kind}-${arch}`) };
}

function hasNvidiaDriver() {
  return existsSync('/proc/driver/nvidia/version') || spawnSync('nvidia-smi', ['-L']).status === 0;
}

/** Folder with the libraries, laid out as the wheels have them (the CUDA wheels stand beside it). */
export const libraryFolder = (runtime) => join(runtime.folder, 'site', 'tensorflow');

export function isComplete(runtime) {
  return (
    existsSync(join(runtime.folder, 'complete')) &&
    existsSync(join(libraryFolder(runtime), 'libtensorflow_cc.so.2'))
  );
}

export const tensorflow = {
  name: 'TensorFlow runtime',
  isDone() {
    const runtime = chooseRuntime();
    return Boolean(runtime.none) || isComplete(runtime);
  },
  async run() {
    const runtime = chooseRuntime();
    const parent = join(cache, 'tensorflow');
    try {
      mkdirSync(parent, { recursive: true });
    } catch (error) {
      throw new SetupError(
        `the cache folder ${parent} cannot be made (${error.code}); set LCH_CACHE to a folder you may write to`,
      );
    }
    sweepStale(parent);
    const partial = `${runtime.folder}.partial-${process.pid}`;
    temporary.add(partial);
    mkdirSync(partial, { recursive: true });
    try {
      say(
        `  TensorFlow ${runtime.version} (${runtime.kind}${runtime.kind === 'gpu' ? ', about 3 GB with CUDA' : ', about 270 MB'})`,
      );
      await runChild(
        'pip download',
        venvPython,
        [
          ...['-m', 'pip', 'download', '--disable-pip-version-check', '--no-input', '--no-cache-dir'],
          ...['--no-deps', '--only-binary=:all:', '--python-version', '3.11', '--require-hashes'],
          ...['--dest', join(partial, 'wheels'), '-r', runtime.lock],
        ],
        { describe: (line) => /^(Downloading|Collecting) \S+/.exec(line)?.[0].slice(0, 70) },
      );
      await runChild('unpack', venvPython, [
        join(requirements, '..', 'unpack_wheels.py'),
        join(partial, 'wheels'),
        join(partial, 'site'),
      ]);
      rmSync(join(partial, 'wheels'), { recursive: true });
      mark(join(partial, 'complete'), sumOf(runtime.lock));
      if (!isComplete(runtime)) {
        rmSync(runtime.folder, { recursive: true, force: true });
        renameSync(partial, runtime.folder);
      }
    } catch (error) {
      throw new SetupError(
        `TensorFlow's libraries could not be fetched from PyPI: ${error.message}\n` +
          'Is the network up and the disk not full? Run the same command again, or set LCH_BACKEND=wasm to go on without (training about 20 times slower, encoding 4 times).',
      );
    } finally {
      rmSync(partial, { recursive: true, force: true });
      temporary.delete(partial);
    }
  },
};

/** Removes what a killed set-up left behind: partial folders whose process is gone. */
function sweepStale(parent) {
  for (const name of readdirSync(parent)) {
    const pid = /\.partial-(\d+)$/.exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(parent, name), { recursive: true, force: true });
  }
}
