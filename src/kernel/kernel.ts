/**
 * The kernel: answers Jupyter's messages. Cells run one after the other; completion, inspection, history and comm messages are served
 * at once whenever the running cell awaits something.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Comms } from './comms';
import { History, type HistoryRequest } from './history';
import type { NotebookSession } from './notebook-session';
import type { Channels } from './protocol/channels';
import { toCodePoints, toUtf16 } from './protocol/code-points';
import type { Content, Message } from './protocol/message';
import { Activity, Flag } from './protocol/shared-flags';
import { type CellContext, runInCell } from './run/cell-context';
import type { CrashNote } from './run/crash-note';
import { InterruptedCell } from './run/interrupted-cell';
import { Output } from './run/output';
import type { ErrorContent, Tracebacks } from './run/traceback';

// Requests in the socket are all read once none has come for so long.
const ARRIVAL_MILLISECONDS = 4;

export interface KernelParts {
  channels: Channels;
  kernelInfo: Content;
  crashNote: CrashNote;
  /** Ends the process; called after the shutdown reply. */
  exit(): void;
}

type Handler = (message: Message) => Promise<void> | void;

export class Kernel {
  readonly output: Output;
  readonly comms: Comms;
  readonly history = new History();
  private sessionReady: Promise<NotebookSession>;
  private resolveSession!: (session: NotebookSession) => void;
  private session: NotebookSession | null = null;
  private tracebacks: Tracebacks | null = null;
  private readonly cells: Message[] = [];
  private running: CellContext | null = null;
  private isDraining = false;
  /** No cell begins any more: it could hold up the end, and the thread that would kill it is gone. */
  private isEnding = false;
  private executionCount = 0;
  private pendingInput: ((value: string) => void) | null = null;
  private readonly handlers: Record<string, Handler>;

  constructor(private readonly parts: KernelParts) {
    const { channels } = parts;
    const publish: Channels['publish'] = (...args) => channels.publish(...args);
    this.output = new Output(publish, (text) => this.tracebacks?.translate(text) ?? text);
    this.comms = new Comms((type, content, parent, options) => {
      this.output.flush();
      publish(type, content, parent, options);
    });
    this.sessionReady = new Promise((resolve) => {
      this.resolveSession = resolve;
    });
    this.handlers = {
      kernel_info_request: (message) => channels.reply(message, parts.kernelInfo),
      connect_request: (message) => channels.reply(message, { status: 'ok' }),
      is_complete_request: async (message) => this.answerIsComplete(message, await this.sessionReady),
      complete_request: async (message) => this.answerComplete(message, await this.sessionReady),
      inspect_request: async (message) => this.answerInspect(message, await this.sessionReady),
      history_request: (message) =>
        channels.reply(message, {
          status: 'ok',
          history: this.history.answer(message.content as unknown as HistoryRequest),
        }),
      comm_info_request: (message) =>
        channels.reply(message, {
          status: 'ok',
          comms: this.comms.info(message.content.target_name as string | undefined),
        }),
      comm_open: (message) => this.receiveComm(message),
      comm_msg: (message) => this.receiveComm(message),
      comm_close: (message) => this.receiveComm(message),
      shutdown_request: (message) => {
        channels.reply(message, { status: 'ok', restart: message.content.restart === true });
        this.shutdown();
      },
    };
  }

  /** Cells run from here on. */
  begin(session: NotebookSession, tracebacks: Tracebacks): void {
    this.session = session;
    this.tracebacks = tracebacks;
    this.resolveSession(session);
  }

  /** A message of the shell channel. */
  onShell(message: Message): void {
    if (message.header.msg_type === 'execute_request') {
      this.cells.push(message);
      void this.drainCells();
      return;
    }
    const handler = this.handlers[message.header.msg_type];
    // the protocol asks to ignore what is unknown
    if (handler) void this.serve(message, handler);
  }

  onInterrupt(): void {
    this.pendingInput = null;
    if (this.running && this.session) this.session.runner.interrupt(this.running);
    else this.parts.channels.flags.set(Flag.STOP_LOOPS, 0);
  }

  onInput(value: string): void {
    this.pendingInput?.(value);
    this.pendingInput = null;
  }

  shutdown(): void {
    this.isEnding = true;
    this.cells.length = 0;
    this.output.flush();
    this.session?.close();
    this.parts.exit();
  }

  /** Asks the front end of a cell for a line of text. */
  input(cell: CellContext, prompt: string, password: boolean): Promise<string> {
    this.requireStdin(cell);
    this.output.flush();
    return new Promise((resolve) => {
      this.pendingInput = resolve;
      this.parts.channels.askForInput(cell.request, prompt, password);
    });
  }

  /** The same, blocking the thread. */
  prompt(cell: CellContext, message: string): string {
    this.requireStdin(cell);
    this.output.flush();
    const { channels } = this.parts;
    const answer = channels.flags.blockForAnswer(() => channels.askForInput(cell.request, message, false));
    if (answer === null) throw new InterruptedCell();
    return answer;
  }

  /** Something was thrown where no cell could catch it. */
  reportStray(what: string, thrown: unknown): void {
    const lines = this.tracebacks?.describe(thrown).traceback ?? [String(thrown)];
    this.output.write('stderr', `${what}\n${lines.join('\n')}\n`);
  }

  /** Serves a request, between "busy" and "idle". */
  private async serve(message: Message, handler: Handler): Promise<void> {
    this.status('busy', message);
    try {
      await handler(message);
    } catch (error) {
      this.replyFailure(message, error);
    } finally {
      this.output.flush();
      this.status('idle', message);
      // front ends show the latest status; the cell that waits meanwhile is still busy
      if (this.running) this.status('busy', this.running.request);
    }
  }

  private replyFailure(message: Message, error: unknown): void {
    const isRequest = message.header.msg_type.endsWith('_request');
    if (isRequest) this.parts.channels.reply(message, { status: 'error', ...this.describe(error) });
    else this.reportStray('A comm handler failed:', error);
  }

  private status(state: 'busy' | 'idle', message: Message): void {
    this.parts.channels.publish('status', { execution_state: state }, message.header);
  }

  private async drainCells(): Promise<void> {
    if (this.isDraining) return;
    this.isDraining = true;
    for (let message = this.cells.shift(); message; message = this.cells.shift()) {
      this.status('busy', message);
      const aborted = await this.execute(message);
      this.output.flush();
      this.status('idle', message);
      for (const waiting of aborted) this.abort(waiting);
      // lets messages in that came meanwhile, such as an interrupt
      await nextTurn();
    }
    this.isDraining = false;
  }

  /** Runs one execute_request and replies. Gives the requests that must not run because this one failed. */
  private async execute(message: Message): Promise<Message[]> {
    const { channels, crashNote } = this.parts;
    const { content } = message;
    const code = String(content.code ?? '');
    const silent = content.silent === true;
    const stored = !silent && content.store_history !== false;
    if (stored) this.executionCount++;
    const cell: CellContext = {
      request: message,
      outputParent: message.header,
      name: `Cell[${this.executionCount}]`,
      executionCount: this.executionCount,
      silent,
      interrupted: false,
      abort: new AbortController(),
      payload: [],
      unfinished: [],
      endings: [],
      captures: [],
    };
    if (!silent) {
      channels.publish('execute_input', { code, execution_count: cell.executionCount }, message.header);
    }
    const started = new Date().toISOString();
    const reply = (reply: Content) =>
      channels.reply(
        message,
        { execution_count: cell.executionCount, payload: cell.payload, ...reply },
        { started },
      );

    const session = await this.sessionReady;
    if (this.isEnding) return [];
    this.running = cell;
    channels.flags.set(Flag.INTERRUPT, 0);
    channels.flags.set(Flag.ACTIVITY, Activity.ASYNCHRONOUS);
    crashNote.begin(cell.name);
    let outputText: string | undefined;
    try {
      const outcome = await runInCell(cell, () => this.attempt(session, code, cell));
      if ('failure' in outcome) {
        const { failure } = outcome;
        if (!silent) this.output.flush();
        if (!silent) channels.publish('error', { ...failure }, message.header);
        const aborted = content.stop_on_error === false ? [] : await this.takeWaiting();
        reply({ status: 'error', ...failure, user_expressions: {} });
        return aborted;
      }
      if (outcome.display && !silent) {
        outputText = String(outcome.display['text/plain']);
        this.output.flush();
        channels.publish(
          'execute_result',
          { execution_count: cell.executionCount, data: outcome.display, metadata: {} },
          message.header,
        );
      }
      reply({ status: 'ok', user_expressions: outcome.expressions });
      return [];
    } finally {
      crashNote.end();
      channels.flags.set(Flag.ACTIVITY, Activity.IDLE);
      this.running = null;
      if (stored && code.trim() !== '') this.history.add(cell.executionCount, code, outputText);
    }
  }

  private async attempt(
    session: NotebookSession,
    code: string,
    cell: CellContext,
  ): Promise<{ failure: ErrorContent } | { display: Content | null; expressions: Content }> {
    try {
      const lastCrash = this.parts.crashNote.takeMessage();
      if (lastCrash) this.output.write('stderr', lastCrash);
      const display = code.trim() === '' ? null : await session.execute(code, cell);
      await session.runner.orInterrupted(Promise.all(cell.unfinished));
      const expressions: Content = {};
      for (const [name, expression] of Object.entries(cell.request.content.user_expressions ?? {})) {
        expressions[name] = await this.evaluateExpression(session, String(expression));
      }
      return { display, expressions };
    } catch (error) {
      return { failure: this.describe(cell.interrupted ? new InterruptedCell() : error) };
    }
  }

  private async evaluateExpression(session: NotebookSession, expression: string): Promise<Content> {
    try {
      const data = await session.format(await session.evaluate(expression));
      return { status: 'ok', data, metadata: {} };
    } catch (error) {
      return { status: 'error', ...this.describe(error) };
    }
  }

  /**
   * Takes the cells that were sent before the failure is replied to ("run all" sends them at once). What the user sends after the reply
   * is not among them: tslab, which waits after replying, aborts that too.
   */
  private async takeWaiting(): Promise<Message[]> {
    for (let before = -1; before !== this.cells.length; ) {
      before = this.cells.length;
      await new Promise((resolve) => setTimeout(resolve, ARRIVAL_MILLISECONDS));
    }
    return this.cells.splice(0);
  }

  private abort(message: Message): void {
    this.status('busy', message);
    this.parts.channels.reply(message, { status: 'aborted', execution_count: this.executionCount });
    this.status('idle', message);
  }

  private async receiveComm(message: Message): Promise<void> {
    await this.sessionReady;
    const { flags } = this.parts.channels;
    const opener = this.comms.cellOf(String(message.content.comm_id));
    const cell: CellContext = {
      name: opener?.name ?? 'Cell[0]',
      executionCount: opener?.executionCount ?? 0,
      outputParent: opener?.outputParent ?? message.header,
      request: message,
      silent: false,
      interrupted: false,
      abort: new AbortController(),
      payload: [],
      unfinished: [],
      endings: [],
      captures: [],
    };
    const before = flags.get(Flag.ACTIVITY);
    flags.set(Flag.ACTIVITY, Activity.ASYNCHRONOUS);
    try {
      await runInCell(cell, () => this.comms.receive(message));
    } finally {
      if (!this.running) flags.set(Flag.ACTIVITY, before);
    }
  }

  private answerIsComplete(message: Message, session: NotebookSession): void {
    this.parts.channels.reply(message, { ...session.isComplete(String(message.content.code ?? '')) });
  }

  private async answerComplete(message: Message, session: NotebookSession): Promise<void> {
    const code = String(message.content.code ?? '');
    const offset = toUtf16(code, Number(message.content.cursor_pos ?? code.length));
    const found = await session.complete(code, offset);
    const start = toCodePoints(code, found.start);
    const end = toCodePoints(code, found.end);
    this.parts.channels.reply(message, {
      status: 'ok',
      matches: found.matches,
      cursor_start: start,
      cursor_end: end,
      metadata: {
        _jupyter_types_experimental: found.matches.map((text, i) => ({
          text,
          type: found.kinds[i],
          start,
          end,
        })),
      },
    });
  }

  private async answerInspect(message: Message, session: NotebookSession): Promise<void> {
    const code = String(message.content.code ?? '');
    const offset = toUtf16(code, Number(message.content.cursor_pos ?? code.length));
    const data = await session.inspect(code, offset);
    this.parts.channels.reply(message, {
      status: 'ok',
      found: data !== null,
      data: data ?? {},
      metadata: {},
    });
  }

  private describe(thrown: unknown): ErrorContent {
    return (
      this.tracebacks?.describe(thrown) ?? {
        ename: 'Error',
        evalue: String(thrown),
        traceback: [String(thrown)],
      }
    );
  }

  private requireStdin(cell: CellContext): void {
    if (cell.request.content.allow_stdin !== true) {
      throw new Error('this front end cannot ask for input; give the value in the cell instead');
    }
  }
}
