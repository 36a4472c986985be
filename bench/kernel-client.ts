/** A small Jupyter client in Node, so that all kernels are timed with the same code. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dealer, Subscriber } from 'zeromq';
import { type Message, MessageReader, newMessage, toFrames } from '../src/kernel/protocol/message';

const SIGNING = { key: 'benchmark', scheme: 'hmac-sha256' };

export class KernelClient {
  private readonly shell = new Dealer({ reconnectInterval: 5 });
  private readonly iopub = new Subscriber({ reconnectInterval: 5, receiveHighWaterMark: 0 });
  private readonly process: ChildProcess;
  private readonly folder = mkdtempSync(join(tmpdir(), 'lch-bench-'));
  private readonly listeners = new Map<string, (message: Message) => void>();
  private startedAt = 0;

  private constructor(command: (connectionFile: string) => string[], ports: number[]) {
    const [shell, iopub, stdin, control, hb] = ports;
    const file = join(this.folder, 'connection.json');
    const connection = {
      transport: 'tcp',
      ip: '127.0.0.1',
      key: SIGNING.key,
      signature_scheme: SIGNING.scheme,
      shell_port: shell,
      iopub_port: iopub,
      stdin_port: stdin,
      control_port: control,
      hb_port: hb,
    };
    writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
    this.shell.connect(`tcp://127.0.0.1:${shell}`);
    this.iopub.connect(`tcp://127.0.0.1:${iopub}`);
    this.iopub.subscribe();
    const [program, ...args] = command(file);
    this.startedAt = performance.now();
    this.process = spawn(program, args, {
      cwd: this.folder,
      stdio: 'ignore',
      env: { ...process.env, LCH_HISTORY: 'off', LCH_EXTENSION: process.env.LCH_EXTENSION ?? 'off' },
    });
    void this.listen(this.shell, 'shell');
    void this.listen(this.iopub, 'iopub');
  }

  static async start(command: (connectionFile: string) => string[]): Promise<KernelClient> {
    return new KernelClient(command, await freePorts(5));
  }

  /** Milliseconds from the start of the process until it answers who it is. */
  async ready(): Promise<number> {
    await this.request('kernel_info_request', {}, 60_000);
    return performance.now() - this.startedAt;
  }

  get millisecondsSinceStart(): number {
    return performance.now() - this.startedAt;
  }

  /**
   * Runs a cell until its reply and its "idle" are here.
   *
   * @returns what it wrote to stdout
   */
  async execute(code: string, timeout = 60_000): Promise<string> {
    return this.request(
      'execute_request',
      {
        code,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
      },
      timeout,
    );
  }

  async stop(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.process.once('exit', () => resolve()));
    this.process.kill('SIGKILL');
    await gone;
    this.shell.close();
    this.iopub.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private request(type: string, content: Record<string, unknown>, timeout: number): Promise<string> {
    const message = newMessage('bench', type, content, {});
    const id = message.header.msg_id;
    return new Promise((resolve, reject) => {
      let text = '';
      let replied = false;
      let idle = type !== 'execute_request';
      const timer = setTimeout(() => reject(new Error(`${type} took longer than ${timeout} ms`)), timeout);
      this.listeners.set(id, ({ header, content: answer }) => {
        if (header.msg_type === 'stream') text += answer.text;
        if (header.msg_type.endsWith('_reply')) replied = true;
        if (header.msg_type === 'status' && answer.execution_state === 'idle') idle = true;
        if (header.msg_type === 'error') text += `error: ${answer.evalue}`;
        if (!replied || !idle) return;
        clearTimeout(timer);
        this.listeners.delete(id);
        resolve(text);
      });
      void this.shell.send(toFrames(SIGNING, message));
    });
  }

  private async listen(socket: AsyncIterable<Buffer[]>, channel: string): Promise<void> {
    const reader = new MessageReader(SIGNING);
    for await (const frames of socket) {
      // topics and Deno's lower-case hex are fine; a signature that we cannot check would be a different kernel's
      const message = reader.read(frames);
      const id = (message.parent as { msg_id?: string }).msg_id ?? channel;
      this.listeners.get(id)?.(message);
    }
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
