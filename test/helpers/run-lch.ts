import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** How a call of `lch` ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const main = resolve(__dirname, '../../src/cli/main.js');
const program = `require(${JSON.stringify(main)}).main(process.argv.slice(1)).then((code) => { process.exitCode = code; })`;

/**
 * Runs `lch` as a process of its own, on what the tests were compiled to.
 *
 * @param interrupt called once, as soon as the file or folder `seen` exists
 */
export function runLch(
  words: readonly string[],
  interrupt?: (child: ChildProcess) => void,
  seen = '',
): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ['-e', program, '--', ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const watch = setInterval(() => {
      if (!interrupt || !existsSync(seen)) return;
      clearInterval(watch);
      interrupt(child);
    }, 5);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', fail);
    child.on('close', (code) => {
      clearInterval(watch);
      done({ code, stdout, stderr });
    });
  });
}
