/**
 * The worker thread that owns the heartbeat, control, stdin and iopub sockets, so that they work while the main thread sits in a loop:
 * output flows, the heart beats, and interrupt and shutdown are heard.
 *
 * Started by {@link Channels}; talks with it through messages and {@link SharedFlags}.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { type Publisher, Reply, Router, XPublisher } from 'zeromq';
import { addressOf, type Connection } from './connection-file';
import { type Content, type Message, MessageReader, newMessage, RejectedMessage, toFrames } from './message';
import { SendQueue } from './send-queue';
import { Activity, Flag, SharedFlags } from './shared-flags';

/** What the thread is started with. */
export interface ChannelThreadData {
  connection: Connection;
  memory: SharedArrayBuffer;
  session: string;
  /** Content of kernel_info_reply, for requests on the control channel. */
  kernelInfo: Content;
  /** Process whose end ends the kernel (0: none). */
  parentProcess: number;
}

/** Main thread → channel thread. */
export type ToChannelThread =
  | { type: 'send'; channel: 'iopub' | 'stdin'; frames: (string | Uint8Array)[] }
  | { type: 'close' };

/** Channel thread → main thread. */
export type FromChannelThread =
  | { type: 'ready' }
  | { type: 'failed'; message: string }
  | { type: 'interrupt' }
  | { type: 'input'; value: string }
  | { type: 'shutdown'; restart: boolean }
  | { type: 'rejected'; reason: RejectedMessage['reason']; channel: string };

// An interrupted main thread gets this long before the next stronger means.
const MILLISECONDS_TO_LOOP_GUARD = 40;
const MILLISECONDS_TO_SIGNAL = 150;
// A kernel that does not leave by itself after a shutdown request, or after its parent has gone, is killed: soon if a cell holds it up,
// later if it is the kernel's own start that does.
const MILLISECONDS_TO_KILL = { inCell: 1500, outsideCells: 4000 };
const PARENT_CHECK_MILLISECONDS = 1000;

async function runChannelThread(
  data: ChannelThreadData,
  port: NonNullable<typeof parentPort>,
): Promise<void> {
  const { connection, session } = data;
  const flags = new SharedFlags(data.memory);
  const tell = (message: FromChannelThread) => port.postMessage(message);

  const heartbeat = new Reply();
  const control = new Router();
  const stdin = new Router();
  const iopub = new XPublisher();
  // the default limit of 1000 waiting messages would silently drop output
  iopub.sendHighWaterMark = 0;
  const queues = {
    control: new SendQueue(control),
    stdin: new SendQueue(stdin),
    iopub: new SendQueue(iopub as unknown as Publisher),
  };

  await Promise.all([
    heartbeat.bind(addressOf(connection, 'hb')),
    control.bind(addressOf(connection, 'control')),
    stdin.bind(addressOf(connection, 'stdin')),
    iopub.bind(addressOf(connection, 'iopub')),
  ]);

  port.on('message', async (message: ToChannelThread) => {
    if (message.type === 'send') {
      queues[message.channel].push(message.frames);
      return;
    }
    await Promise.all(Object.values(queues).map((queue) => queue.flushed()));
    for (const socket of [heartbeat, control, stdin, iopub]) socket.close();
    clearInterval(parentCheck);
    port.close();
  });

  const parentCheck = setInterval(() => {
    if (data.parentProcess > 1 && !isRunning(data.parentProcess)) {
      tell({ type: 'shutdown', restart: false });
      killLater();
    }
  }, PARENT_CHECK_MILLISECONDS);

  /** Reads messages until the socket closes; rejected ones are reported and forgotten. */
  const listen = async (
    channel: 'control' | 'stdin',
    socket: AsyncIterable<Buffer[]>,
    handle: (message: Message) => void,
  ) => {
    const reader = new MessageReader(connection.signing);
    for await (const frames of socket) {
      try {
        handle(reader.read(frames));
      } catch (error) {
        if (!(error instanceof RejectedMessage)) throw error;
        tell({ type: 'rejected', reason: error.reason, channel });
      }
    }
  };

  const publish = (type: string, content: Content, parent: Message['parent']) =>
    queues.iopub.push(
      toFrames(
        connection.signing,
        newMessage(session, type, content, parent, { identities: [Buffer.from(type)] }),
      ),
    );

  const handleControl = (message: Message) => {
    const type = message.header.msg_type;
    const reply = (content: Content) =>
      queues.control.push(
        toFrames(
          connection.signing,
          newMessage(session, type.replace('_request', '_reply'), content, message.header, {
            identities: message.identities,
          }),
        ),
      );
    const handlers: Record<string, () => void> = {
      interrupt_request: () => {
        interrupt();
        reply({ status: 'ok' });
      },
      shutdown_request: () => {
        const restart = message.content.restart === true;
        reply({ status: 'ok', restart });
        tell({ type: 'shutdown', restart });
        killLater();
      },
      kernel_info_request: () => reply(data.kernelInfo),
    };
    const handler = handlers[type];
    if (!handler) return; // a newer client's request; the protocol asks to ignore it
    publish('status', { execution_state: 'busy' }, message.header);
    handler();
    publish('status', { execution_state: 'idle' }, message.header);
  };

  const killLater = () => {
    const isInCell = flags.get(Flag.ACTIVITY) !== Activity.IDLE;
    const wait = isInCell ? MILLISECONDS_TO_KILL.inCell : MILLISECONDS_TO_KILL.outsideCells;
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), wait).unref();
  };

  /** Rising force: event loop, loop guards, SIGINT into `vm`. Never SIGINT while no user code runs: it would hit the kernel. */
  const interrupt = () => {
    flags.set(Flag.INTERRUPT, 1);
    flags.interruptPrompt();
    tell({ type: 'interrupt' });
    const stillWaiting = () => flags.get(Flag.INTERRUPT) === 1 && flags.get(Flag.ACTIVITY) !== Activity.IDLE;
    setTimeout(() => {
      if (stillWaiting()) flags.set(Flag.STOP_LOOPS, 1);
    }, MILLISECONDS_TO_LOOP_GUARD);
    setTimeout(() => {
      // on Windows a signal to oneself ends the process
      const canSignal = process.platform !== 'win32' && flags.get(Flag.ACTIVITY) === Activity.SYNCHRONOUS;
      if (stillWaiting() && canSignal) process.kill(process.pid, 'SIGINT');
    }, MILLISECONDS_TO_SIGNAL);
  };

  const handleStdin = (message: Message) => {
    if (message.header.msg_type !== 'input_reply') return;
    const value = String(message.content.value ?? '');
    if (!flags.giveAnswer(value)) tell({ type: 'input', value });
  };

  /** Tells each new subscriber that it hears everything from now on (JEP 65). */
  const welcomeSubscribers = async () => {
    const subscribed = 1;
    for await (const [frame] of iopub as AsyncIterable<Buffer[]>) {
      if (frame[0] !== subscribed) continue;
      const subscription = frame.subarray(1).toString();
      queues.iopub.push(
        toFrames(
          connection.signing,
          newMessage(session, 'iopub_welcome', { subscription }, {}, { identities: [frame.subarray(1)] }),
        ),
      );
    }
  };

  const beat = async () => {
    for await (const frames of heartbeat) await heartbeat.send(frames);
  };

  tell({ type: 'ready' });
  await Promise.all([
    beat(),
    welcomeSubscribers(),
    listen('control', control, handleControl),
    listen('stdin', stdin, handleStdin),
  ]);
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const port = parentPort;
if (port) {
  runChannelThread(workerData as ChannelThreadData, port).catch((error) =>
    port.postMessage({
      type: 'failed',
      message: String(error?.message ?? error),
    } satisfies FromChannelThread),
  );
}
