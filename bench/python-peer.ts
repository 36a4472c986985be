import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { packageRoot } from '../src/util/files';

/** A running Python script that answers lines with lines, so that its imports and compilation are paid once. */
export class PythonPeer {
  private readonly process: ChildProcess;
  private readonly lines: Interface;

  /**
   * Python comes from LCH_BENCH_PYTHON, else from the project's environment.
   *
   * @param script its name in bench/
   * @param needs the packages it needs, as pip names them
   */
  constructor(
    script: string,
    private readonly needs: readonly string[],
    args: readonly string[] = [],
  ) {
    const own = join(packageRoot(), '.venv', 'bin', 'python');
    const python = process.env.LCH_BENCH_PYTHON ?? (existsSync(own) ? own : 'python3');
    this.process = spawn(python, ['-W', 'ignore', join(packageRoot(), 'bench', script), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.lines = createInterface({ input: this.process.stdout! });
  }

  /** Sends a line and waits for its answer. */
  ask(line: string): Promise<string> {
    const answer = this.line();
    this.process.stdin!.write(`${line}\n`);
    return answer;
  }

  /** Waits for a line that comes unasked. */
  line(): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = () =>
        reject(
          new Error(
            `the Python peer ended; it needs ${this.needs.join(', ')}: .venv/bin/pip install ${this.needs.join(' ')}, or set LCH_BENCH_PYTHON`,
          ),
        );
      this.process.once('exit', fail);
      this.lines.once('line', (text) => {
        this.process.off('exit', fail);
        resolve(text);
      });
    });
  }

  close(): void {
    this.process.stdin!.end();
  }
}

/** bench/python_peer.py: a task as JSON in, its seconds and the version that took them out. */
export class StatisticsPeer {
  private readonly peer = new PythonPeer('python_peer.py', ['umap-learn', 'scikit-learn']);

  async ask(task: Record<string, unknown>): Promise<{ seconds: number; version: string }> {
    return JSON.parse(await this.peer.ask(JSON.stringify(task)));
  }

  close(): void {
    this.peer.close();
  }
}
