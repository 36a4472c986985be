/** `!command`, `%%bash`, `%%sh`: commands of the system, with their output as it comes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { KernelServices } from '../kernel/services';
import { DataError, InterruptedError, messageOf } from '../util/errors';
import { defineMagic } from './magic';

export const bashMagic = shellMagic('bash');
export const shMagic = shellMagic('sh');

function shellMagic(shell: 'bash' | 'sh') {
  return defineMagic({
    name: shell,
    kind: 'cell',
    summary: `Runs the cell in ${shell}.`,
    details:
      'Output is shown as it comes. A command that ends with another code than 0 is an error of the cell; an interrupt ends it and all ' +
      'that it started. Variables of the shell end with the cell.',
    options: {},
    examples: [`%%${shell}\nls *.png | wc -l`],
    run: ({ rest }, { kernel }) =>
      runScript(`%%${shell}`, shell, String(rest[0] ?? ''), kernel, (text) => kernel.write('stdout', text)),
  });
}

/** `!command`. @param parts texts of the command and, between them, values of `{expression}` */
export function runShell(parts: readonly unknown[], kernel: KernelServices): Promise<void> {
  return runScript('!', defaultShell, commandOf(parts), kernel, (text) => kernel.write('stdout', text));
}

/** `const lines = !command`: what it writes to standard output, line by line. */
export async function shellLines(parts: readonly unknown[], kernel: KernelServices): Promise<string[]> {
  let output = '';
  await runScript('!', defaultShell, commandOf(parts), kernel, (text) => {
    output += text;
  });
  const lines = output.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

const defaultShell = process.env.SHELL?.endsWith('/bash') ? 'bash' : 'sh';

/** Values become one word of the shell each, lists one word per item; inside quotes they stand as they are. */
export function commandOf(parts: readonly unknown[]): string {
  let command = '';
  parts.forEach((part, i) => {
    if (i % 2 === 0) {
      command += part;
      return;
    }
    const values = Array.isArray(part) ? part.map(String) : [String(part)];
    command += isInsideQuotes(command) ? values.join(' ') : values.map(quoteWord).join(' ');
  });
  return command;
}

function quoteWord(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function isInsideQuotes(command: string): boolean {
  let quote = '';
  for (let i = 0; i < command.length; i++) {
    const char = command[i];
    if (char === '\\' && quote !== "'") i++;
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
  }
  return quote !== '';
}

/**
 * @throws DataError when the shell is missing or the script ends with another code than 0; InterruptedError
 */
async function runScript(
  who: string,
  shell: string,
  script: string,
  { signal, write }: KernelServices,
  onOutput: (text: string) => void,
): Promise<void> {
  if (signal.aborted) throw new InterruptedError(`${who}: interrupted`);
  // a process group of its own, so that an interrupt reaches all that the script has started
  const child = spawn(shell, ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => endGroup(child);
  signal.addEventListener('abort', stop);
  try {
    decode(child.stdout, onOutput);
    decode(child.stderr, (text) => write('stderr', text));
    const { code, endedBy } = await new Promise<{ code: number | null; endedBy: string | null }>(
      (resolve, reject) => {
        child.on('error', reject);
        child.on('close', (code, endedBy) => resolve({ code, endedBy }));
      },
    ).catch((error) => {
      throw new DataError(`${who}: ${shell} cannot be run: ${messageOf(error)}`, { cause: error });
    });
    if (signal.aborted) throw new InterruptedError(`${who}: interrupted`);
    if (endedBy) throw new DataError(`${who}: the command was ended by ${endedBy}`);
    if (code !== 0) {
      throw new DataError(
        `${who}: the command ended with code ${code} (write "|| true" behind it where that is fine)`,
      );
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Asks all processes of the group to end; those that will not are killed. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(-pid, signal);
    } catch {
      // all have ended
    }
  };
  send('SIGTERM');
  setTimeout(() => send('SIGKILL'), 500).unref();
}

/** Bytes to text, with signs that are cut between two pieces put together. */
function decode(stream: NodeJS.ReadableStream, onText: (text: string) => void): void {
  const decoder = new StringDecoder('utf8');
  stream.on('data', (bytes: Buffer) => onText(decoder.write(bytes)));
  stream.on('end', () => onText(decoder.end()));
}
