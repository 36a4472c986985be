import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { packageRoot } from '../src/util/files';

/** A running bench/python_peer.py, so that imports and compilation are paid once. */
export class PythonPeer {
  private readonly process: ChildProcess;
  private readonly lines: Interface;

  /** Python comes from LCH_BENCH_PYTHON, else from the project's environment; it needs umap-learn and scikit-learn. */
  constructor() {
    const own = join(packageRoot(), '.venv', 'bin', 'python');
    const python = process.env.LCH_BENCH_PYTHON ?? (existsSync(own) ? own : 'python3');
    this.process = spawn(python, ['-W', 'ignore', join(packageRoot(), 'bench', 'python_peer.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.process.stdout! });
  }

  /** Sends a task and waits for its answer. */
  ask(task: Record<string, unknown>): Promise<{ seconds: number; version: string }> {
    return new Promise((resolve, reject) => {
      const fail = () =>
        reject(
          new Error(
            'the Python peer ended; it needs umap-learn and scikit-learn: .venv/bin/pip install umap-learn scikit-learn, or set LCH_BENCH_PYTHON',
          ),
        );
      this.process.once('exit', fail);
      this.lines.once('line', (line) => {
        this.process.off('exit', fail);
        resolve(JSON.parse(line));
      });
      this.process.stdin!.write(`${JSON.stringify(task)}\n`);
    });
  }

  close(): void {
    this.process.stdin!.end();
  }
}
