/**
 * Tells Jupyter about the kernel: a folder with a kernelspec and logos, where JupyterLab, Notebook, VS Code, consoles, nbclient and
 * papermill look.
 *
 * Source: "Making kernels for Jupyter" (jupyter-client documentation), "Common Directories and File Locations" (Jupyter documentation).
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { DataError, messageOf, OptionError } from '../util/errors';
import { packageRoot, writeFileAtomic } from '../util/files';
import { LOGO_SVG, logoPng } from './logo';

export const KERNEL_NAME = 'lch';

/** Where to install; at most one. Without any: for the user. */
export interface InstallPlace {
  /** The user's own Jupyter folder. */
  user?: boolean;
  /** The active Python environment (venv or conda), or that of `python3`. */
  sysPrefix?: boolean;
  /** Any prefix: PREFIX/share/jupyter/kernels. */
  prefix?: string;
}

export interface InstalledKernel {
  /** Folder of the kernelspec. */
  folder: string;
  /** The Node that runs it. */
  node: string;
  /** The script it starts. */
  script: string;
  /** Why it cannot start, if so. */
  problem?: string;
}

/**
 * Writes the kernelspec, over an earlier one.
 *
 * @param options.nodePath the Node to run the kernel with; by default the one that runs now
 * @returns the kernelspec's folder
 * @throws OptionError for more than one place, DataError when the folder cannot be written
 */
export function installKernel(options: InstallPlace & { nodePath?: string } = {}): string {
  const folder = join(jupyterFolder(options), 'kernels', KERNEL_NAME);
  const spec = {
    argv: [options.nodePath ?? process.execPath, kernelScript(), '{connection_file}'],
    display_name: 'TypeScript (Live Cell Histology)',
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: { debugger: false },
  };
  writeFileAtomic(join(folder, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`);
  writeFileAtomic(join(folder, 'logo-svg.svg'), LOGO_SVG);
  for (const size of [32, 64]) writeFileAtomic(join(folder, `logo-${size}x${size}.png`), logoPng(size));
  return folder;
}

/** Kernelspecs named `lch` in all places where Jupyter looks from here. */
export function listKernels(): InstalledKernel[] {
  return searchFolders()
    .map((folder) => join(folder, 'kernels', KERNEL_NAME))
    .filter((folder) => existsSync(join(folder, 'kernel.json')))
    .map(describe);
}

/**
 * Removes the kernelspec from one place, or from everywhere if none is named. Other kernels that happen to be called `lch` stay.
 *
 * @returns the folders that were removed
 */
export function removeKernel(place: InstallPlace = {}): string[] {
  const isNamed = place.user || place.sysPrefix || place.prefix !== undefined;
  const folders = isNamed
    ? [join(jupyterFolder(place), 'kernels', KERNEL_NAME)]
    : listKernels().map(({ folder }) => folder);
  const ours = folders.filter(
    (folder) => existsSync(join(folder, 'kernel.json')) && /lch-kernel\.js$/.test(describe(folder).script),
  );
  for (const folder of ours) rmSync(folder, { recursive: true });
  return ours;
}

function kernelScript(): string {
  return join(packageRoot(), 'bin', 'lch-kernel.js');
}

function describe(folder: string): InstalledKernel {
  try {
    const { argv } = JSON.parse(readFileSync(join(folder, 'kernel.json'), 'utf8')) as { argv: string[] };
    const [node, script] = argv;
    const missing = [node, script].find((file) => !existsSync(file));
    return { folder, node, script, ...(missing ? { problem: `${missing} is gone; install again` } : {}) };
  } catch (error) {
    return { folder, node: '', script: '', problem: `kernel.json is broken: ${messageOf(error)}` };
  }
}

/** The `jupyter` folder of a place. */
function jupyterFolder({ user, sysPrefix, prefix }: InstallPlace): string {
  if ([user === true, sysPrefix === true, prefix !== undefined].filter(Boolean).length > 1) {
    throw new OptionError('kernel install: choose one of --user, --sys-prefix and --prefix');
  }
  if (prefix !== undefined) return join(resolve(prefix), 'share', 'jupyter');
  return sysPrefix ? join(pythonPrefix(), 'share', 'jupyter') : userFolder();
}

function userFolder(): string {
  const { JUPYTER_DATA_DIR: chosen, APPDATA: appData, XDG_DATA_HOME: dataHome } = process.env;
  if (chosen) return chosen;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Jupyter');
  if (process.platform === 'win32') return join(appData ?? homedir(), 'jupyter');
  return join(dataHome ?? join(homedir(), '.local', 'share'), 'jupyter');
}

/** Prefix of the active environment; else what `python3` says. */
function pythonPrefix(): string {
  const active = process.env.VIRTUAL_ENV ?? process.env.CONDA_PREFIX;
  if (active) return active;
  const python = process.platform === 'win32' ? 'python' : 'python3';
  const { status, stdout } = spawnSync(python, ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' });
  if (status !== 0) {
    throw new DataError(
      `kernel install: --sys-prefix needs an active Python environment or ${python} on the path; use --user or --prefix DIR`,
    );
  }
  return stdout.trim();
}

function searchFolders(): string[] {
  const {
    JUPYTER_PATH: paths = '',
    VIRTUAL_ENV: venv,
    CONDA_PREFIX: conda,
    PROGRAMDATA: programData,
  } = process.env;
  const prefixes = [venv, conda, join(packageRoot(), '.venv')].filter((prefix) => prefix !== undefined);
  const system =
    process.platform === 'win32'
      ? [join(programData ?? 'C:\\ProgramData', 'jupyter')]
      : ['/usr/local/share/jupyter', '/usr/share/jupyter'];
  const all = [
    ...paths.split(delimiter).filter((path) => path !== ''),
    userFolder(),
    ...prefixes.map((prefix) => join(prefix, 'share', 'jupyter')),
    ...system,
  ];
  return [...new Set(all)];
}
