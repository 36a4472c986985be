// Where things are, how a step runs its child processes, and how it tells what it does. Node built-ins only.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(fileURLToPath(import.meta.url), '../../..');
export const requirements = join(root, 'scripts', 'setup', 'requirements');
export const venv = join(root, '.venv');
export const cache =
  process.env.LCH_CACHE ||
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'live-cell-histology');

/** The Python of the project's own environment. */
export const venvPython =
  process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');

/** A failure whose message is all that the user needs. */
export class SetupError extends Error {}

/** Sum of some files' contents (what is no file counts as text), to see whether a step's inputs changed. */
export function sumOf(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(isFile(part) ? readFileSync(part) : String(part)).update('\0');
  return hash.digest('hex');
}

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** A small file that says for which inputs a step ended; written last, so an interrupted step has none. */
export function isMarked(path, sum) {
  return existsSync(path) && readFileSync(path, 'utf8').trim() === sum;
}

export function mark(path, sum) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.partial`, `${sum}\n`);
  renameSync(`${path}.partial`, path);
}

const children = new Set();
let ending = false;
/** Folders and files that must not outlive an interrupted run. */
export const temporary = new Set();

/**
 * Ends all child processes and waits until they are gone: npm tidies up behind itself, and a next run must not meet it at that.
 * What has not ended after ten seconds is killed.
 */
export async function endChildren(signal) {
  ending = true;
  const ends = [...children].map((child) => {
    const gone = new Promise((done) => child.once('close', done));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    return gone.then(() => clearTimeout(timer));
  });
  await Promise.all(ends);
}

const live = Boolean(process.stderr.isTTY);

/**
 * Runs a child process and shows its last line while it works. Its whole output is kept and thrown as part of a SetupError's
 * cause when it fails.
 */
export function runChild(label, command, args, { env, cwd = root, describe } = {}) {
  return new Promise((resolvePromise, reject) => {
    if (ending) return; // the step that asks has been stopped: it gets no answer
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    const started = Date.now();
    let output = '';
    let lastLine = '';
    const show = () => {
      if (!live) return;
      const seconds = Math.round((Date.now() - started) / 1000);
      const text = `  ${label} · ${seconds} s${lastLine ? ` · ${lastLine}` : ''}`;
      process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    };
    const timer = setInterval(show, 500);
    const take = (chunk) => {
      output += chunk;
      for (const line of String(chunk).split(/[\r\n]+/)) {
        const shown = describe ? describe(line.trim()) : line.trim();
        if (shown) lastLine = shown;
      }
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const end = () => {
      clearInterval(timer);
      children.delete(child);
      if (live) process.stderr.write('\r\x1b[K');
    };
    child.on('error', (error) => {
      end();
      reject(error);
    });
    child.on('close', (code) => {
      end();
      if (ending) return;
      if (code === 0) return resolvePromise(output);
      const lines = output.trim().split('\n');
      const shown = lines.length > 20 ? [...lines.slice(0, 8), '…', ...lines.slice(-10)] : lines;
      reject(new Error(`${label} ended with ${code}\n${shown.join('\n')}`));
    });
  });
}

/** One line that stays. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}
