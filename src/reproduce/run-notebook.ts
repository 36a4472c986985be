/** Runs a notebook in a kernel of its own, without a browser. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { DataError, InterruptedError } from '../util/errors';
import { packageRoot, writeFileAtomic } from '../util/files';
import { defaultProgress, type Progress } from '../util/progress';
import { readNotebook } from './notebook-json';
import type { RunRecord } from './share/study-record';

export interface RunNotebookOptions {
  /** Where the executed notebook goes. */
  out: string;
  /** Names and values of the cell behind the one tagged `parameters`. */
  parameters: Record<string, string | number | boolean | null>;
  /** Further environment of the kernel. */
  environment?: Record<string, string>;
  /** Kept in the notebook's metadata as `lch.run`. */
  record?: RunRecord;
  progress?: Progress;
  signal?: AbortSignal;
}

/** How a run ended. */
export interface NotebookRun {
  /** What the cell that failed said, in one line; null when all went well. */
  error: string | null;
}

/**
 * Executes a notebook from its first cell to its last, with nbclient, and writes it with its outputs, also when a cell fails.
 *
 * @throws DataError when the Python environment is missing or the run broke off; InterruptedError
 */
export async function runNotebook(notebook: string, options: RunNotebookOptions): Promise<NotebookRun> {
  const { out, parameters, record, progress = defaultProgress, signal } = options;
  const python = environmentPython();
  mkdirSync(dirname(out), { recursive: true });
  const parameterFile = `${out}.parameters.ts`;
  const lines = Object.entries(parameters).map(
    ([name, value]) => `const ${name} = ${value === null ? 'undefined' : JSON.stringify(value)};`,
  );
  writeFileAtomic(parameterFile, lines.join('\n'));
  const child = spawn(
    python,
    [join(packageRoot(), 'scripts', 'execute_notebook.py'), notebook, out, parameterFile],
    {
      env: { ...process.env, ...options.environment, PYDEVD_DISABLE_FILE_VALIDATION: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const stop = () => child.kill('SIGINT');
  signal?.addEventListener('abort', stop, { once: true });
  let error: string | null = null;
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr = (stderr + text).slice(-4000);
  });
  let cell = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return;
    const told = JSON.parse(line) as { cell?: number; doing?: string; error?: string };
    if (told.error) error = told.error;
    if (told.cell) cell = told.cell;
    progress.update(cell, told.doing);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  signal?.removeEventListener('abort', stop);
  if (record && existsSync(out)) keepRecord(out, record);
  if (signal?.aborted) {
    throw new InterruptedError(
      `interrupted in ${basename(notebook)}; what was computed is kept: run the same command again and it goes on`,
    );
  }
  if (code !== 0 && error === null) {
    throw new DataError(
      `lch start: ${notebook} broke off: ${stderr.trim().split('\n').at(-1) ?? `exit code ${code}`}`,
    );
  }
  return { error };
}

function keepRecord(path: string, run: RunRecord): void {
  const notebook = readNotebook(path);
  const lch = { ...(notebook.metadata?.lch as object | undefined), run };
  writeFileAtomic(
    path,
    `${JSON.stringify({ ...notebook, metadata: { ...notebook.metadata, lch } }, null, 1)}\n`,
  );
}

/** The Python of the project's environment, which set-up makes. */
function environmentPython(): string {
  const venv = join(packageRoot(), '.venv');
  const python =
    process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
  if (!existsSync(python)) {
    throw new DataError(`lch start needs the Python environment of set-up to run notebooks; run npm start`);
  }
  return python;
}
