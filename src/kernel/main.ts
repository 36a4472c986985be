/**
 * Starts the kernel: `node main.js CONNECTION_FILE`. The channels open first and answer kernel_info; the compiler loads after.
 */
import { UserError } from '../util/errors';
import { Kernel } from './kernel';
import { kernelInfo } from './kernel-info';
import { Channels } from './protocol/channels';
import { readConnectionFile } from './protocol/connection-file';
import { CrashNote } from './run/crash-note';
import { refuseExit } from './run/refuse-exit';

export async function startKernel(connectionFile: string): Promise<void> {
  const connection = readConnectionFile(connectionFile);
  const crashNote = new CrashNote(connectionFile);
  const info = kernelInfo();
  const log = (text: string) => writeToLog(`lch kernel: ${text}\n`);

  const channels: Channels = new Channels(connection, info, {
    onShell: (message) => kernel.onShell(message),
    onInterrupt: () => kernel.onInterrupt(),
    onInput: (value) => kernel.onInput(value),
    onShutdown: () => kernel.shutdown(),
    onRejected: (reason, channel, total) =>
      log(`dropped a message on ${channel} (${reason}), ${total} in all`),
  });
  const exit = process.exit.bind(process);
  const kernel = new Kernel({
    channels,
    kernelInfo: info,
    crashNote,
    exit: () => {
      crashNote.remove();
      // sockets must close before the process ends: zeromq aborts otherwise
      void channels.close().then(() => exit(0));
    },
  });

  const writeToLog = kernel.output.captureProcessStreams();
  crashNote.watch();
  refuseExit();
  ignoreExperimentalWarnings();
  process.on('SIGINT', () => kernel.onInterrupt());
  process.on('SIGTERM', () => kernel.shutdown());
  process.on('uncaughtException', (error) => kernel.reportStray('Uncaught in a callback:', error));
  process.on('unhandledRejection', (reason) =>
    kernel.reportStray('A promise that nobody awaits was rejected:', reason),
  );

  await channels.open(Number(process.env.JPY_PARENT_PID ?? 0));
  channels.publish('status', { execution_state: 'starting' }, {});
  // requests that are waiting in the socket are read first
  setTimeout(() => void beginSession(kernel, channels), 10);
}

async function beginSession(kernel: Kernel, channels: Channels): Promise<void> {
  // these load TypeScript, so not before the kernel listens
  const { NotebookSession } = await import('./notebook-session.js');
  const { Tracebacks } = await import('./run/traceback.js');
  const tracebacks = new Tracebacks();
  const session = await NotebookSession.start({
    flags: channels.flags,
    output: kernel.output,
    tracebacks,
    comms: kernel.comms,
    history: kernel.history,
    input: (cell, prompt, password) => kernel.input(cell, prompt, password),
    prompt: (cell, message) => kernel.prompt(cell, message),
  });
  session.warmUp();
  kernel.begin(session, tracebacks);
}

/** `require` of an ES module works, but Node warns about it in the user's cell. */
function ignoreExperimentalWarnings(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    const type = typeof rest[0] === 'string' ? rest[0] : (rest[0] as { type?: string } | undefined)?.type;
    if (type !== 'ExperimentalWarning') emitWarning(warning, ...rest);
  }) as typeof process.emitWarning;
}

/** What the kernelspec's command runs. A kernel that cannot start says why, in one line on stderr. */
export function main(argv: readonly string[]): void {
  const exit = process.exit.bind(process);
  startKernel(argv[2] ?? '').catch((error) => {
    console.error(error instanceof UserError ? error.message : error);
    exit(1);
  });
}

if (require.main === module) main(process.argv);
