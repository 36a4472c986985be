/**
 * The five Jupyter channels as the main thread sees them: the shell socket of its own, and the thread that serves the rest.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Router } from 'zeromq';
import { BackendError } from '../../util/errors';
import type { ChannelThreadData, FromChannelThread, ToChannelThread } from './channel-thread';
import { addressOf, type Connection } from './connection-file';
import { type Content, type Message, MessageReader, newMessage, RejectedMessage, toFrames } from './message';
import { SendQueue } from './send-queue';
import { Flag, SharedFlags } from './shared-flags';

/** What the kernel does with what comes in. */
export interface ChannelEvents {
  onShell(message: Message): void;
  /** The user wants the running code to stop. */
  onInterrupt(): void;
  onInput(value: string): void;
  onShutdown(restart: boolean): void;
  /** A message was dropped; `total` counts them since the start. */
  onRejected(reason: string, channel: string, total: number): void;
}

export interface OutgoingOptions {
  metadata?: Content;
  buffers?: readonly Uint8Array[];
}

export class Channels {
  readonly session = randomUUID();
  readonly flags = new SharedFlags();
  private readonly shell = new Router();
  private readonly shellQueue = new SendQueue(this.shell);
  private thread: Worker | null = null;
  private rejected = 0;

  constructor(
    private readonly connection: Connection,
    private readonly kernelInfo: Content,
    private readonly events: ChannelEvents,
  ) {}

  /** Binds all sockets and starts to listen. @throws BackendError when a port is taken */
  async open(parentProcess: number): Promise<void> {
    const workerData: ChannelThreadData = {
      connection: this.connection,
      memory: this.flags.memory,
      session: this.session,
      kernelInfo: this.kernelInfo,
      parentProcess,
    };
    this.thread = new Worker(join(__dirname, 'channel-thread.js'), { workerData });
    const ready = new Promise<void>((resolve, reject) => {
      this.thread?.once('error', reject);
      this.thread?.on('message', (message: FromChannelThread) => {
        if (message.type === 'ready') resolve();
        else if (message.type === 'failed')
          reject(new BackendError(`lch kernel cannot listen: ${message.message}`));
        else this.receive(message);
      });
    });
    await Promise.all([this.shell.bind(addressOf(this.connection, 'shell')), ready]);
    void this.listenOnShell();
  }

  publish(type: string, content: Content, parent: Message['parent'], options: OutgoingOptions = {}): void {
    const message = newMessage(this.session, type, content, parent, {
      ...options,
      identities: [Buffer.from(type)],
    });
    this.send('iopub', message);
  }

  /** Answers a request on the shell channel; the reply's type follows from the request's. */
  reply(request: Message, content: Content, metadata: Content = {}): void {
    const type = request.header.msg_type.replace('_request', '_reply');
    const message = newMessage(this.session, type, content, request.header, {
      identities: request.identities,
      metadata,
    });
    this.shellQueue.push(toFrames(this.connection.signing, message));
  }

  /** Asks the front end that sent `request` for a line of text. The answer comes to `onInput`, or to a waiting prompt. */
  askForInput(request: Message, prompt: string, password: boolean): void {
    const message = newMessage(this.session, 'input_request', { prompt, password }, request.header, {
      identities: request.identities,
    });
    this.send('stdin', message);
  }

  /** Hands everything to ZeroMQ, closes the sockets and ends the thread. */
  async close(): Promise<void> {
    await this.shellQueue.flushed();
    this.shell.close();
    const { thread } = this;
    if (!thread) return;
    const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    thread.postMessage({ type: 'close' } satisfies ToChannelThread);
    await gone;
  }

  private send(channel: 'iopub' | 'stdin', message: Message): void {
    // small Buffers are slices of a shared 8 KiB pool, which structured cloning would copy whole
    const frames = toFrames(this.connection.signing, message).map((frame) =>
      typeof frame === 'string' ? frame : Uint8Array.from(frame),
    );
    this.thread?.postMessage({ type: 'send', channel, frames } satisfies ToChannelThread);
  }

  private async listenOnShell(): Promise<void> {
    const reader = new MessageReader(this.connection.signing);
    for await (const frames of this.shell) {
      try {
        this.events.onShell(reader.read(frames));
      } catch (error) {
        if (!(error instanceof RejectedMessage)) throw error;
        this.countRejected(error.reason, 'shell');
      }
    }
  }

  private receive(message: FromChannelThread): void {
    switch (message.type) {
      case 'interrupt':
        // the event loop turns, so loops need not be stopped
        this.flags.set(Flag.INTERRUPT, 0);
        this.events.onInterrupt();
        break;
      case 'input':
        this.events.onInput(message.value);
        break;
      case 'shutdown':
        this.events.onShutdown(message.restart);
        break;
      case 'rejected':
        this.countRejected(message.reason, message.channel);
        break;
    }
  }

  private countRejected(reason: string, channel: string): void {
    this.rejected++;
    this.events.onRejected(reason, channel, this.rejected);
  }
}
