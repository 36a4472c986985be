/**
 * What cells write and show. Small writes are gathered into few messages (a front end chokes on thousands a second); nothing is lost,
 * and order is kept among text and pictures.
 */
import { randomUUID } from 'node:crypto';
import type { OutgoingOptions } from '../protocol/channels';
import type { Content, Message } from '../protocol/message';
import type { MimeBundle } from '../services';
import { type CellContext, currentCell } from './cell-context';

/** Publishes on iopub. */
export type Publish = (
  type: string,
  content: Content,
  parent: Message['parent'],
  options?: OutgoingOptions,
) => void;

export type StreamName = 'stdout' | 'stderr';

// Text waits at most this long, or until this much has come together.
const FLUSH_MILLISECONDS = 30;
const FLUSH_CHARACTERS = 1 << 17;

export class Output {
  private pending: {
    cell: CellContext;
    name: StreamName;
    texts: string[];
    characters: number;
    since: number;
  } | null = null;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param publishNow sends a message
   * @param translate makes positions in stack traces those of the cells as typed
   */
  constructor(
    private readonly publishNow: Publish,
    private readonly translate: (text: string) => string = (text) => text,
  ) {}

  /** Text of the current cell. In a busy loop it still flows: every write looks at the clock. */
  write(name: StreamName, text: string, cell = currentCell()): void {
    if (!cell || cell.silent || text === '') return;
    const capture = cell.captures.at(-1);
    if (capture) {
      const last = capture.at(-1);
      if (last && 'stream' in last && last.stream === name) last.text += text;
      else capture.push({ stream: name, text });
      return;
    }
    if (this.pending && (this.pending.cell !== cell || this.pending.name !== name)) this.flush();
    if (!this.pending) {
      this.pending = { cell, name, texts: [], characters: 0, since: performance.now() };
      this.timer = setTimeout(() => this.flush(), FLUSH_MILLISECONDS);
    }
    this.pending.texts.push(text);
    this.pending.characters += text.length;
    const isFull = this.pending.characters >= FLUSH_CHARACTERS;
    if (isFull || performance.now() - this.pending.since > FLUSH_MILLISECONDS) this.flush();
  }

  /** Publishes waiting text. */
  flush(): void {
    if (!this.pending) return;
    const { cell, name, texts } = this.pending;
    this.pending = null;
    clearTimeout(this.timer);
    this.publishNow('stream', { name, text: this.translate(texts.join('')) }, cell.outputParent);
  }

  /** Publishes a message of the current cell, after the text written before it. */
  publish(type: string, content: Content, options?: OutgoingOptions): void {
    const cell = currentCell();
    if (cell?.silent) return;
    this.flush();
    this.publishNow(type, content, cell?.outputParent ?? {}, options);
  }

  display(bundle: MimeBundle, options: { metadata?: Content; displayId?: string } = {}): string {
    const id = options.displayId ?? randomUUID();
    const capture = currentCell()?.captures.at(-1);
    if (capture) {
      capture.push({ bundle, metadata: options.metadata ?? {} });
      return id;
    }
    this.publish('display_data', {
      data: bundle,
      metadata: options.metadata ?? {},
      transient: { display_id: id },
    });
    return id;
  }

  updateDisplay(displayId: string, bundle: MimeBundle, metadata: Content = {}): void {
    this.publish('update_display_data', { data: bundle, metadata, transient: { display_id: displayId } });
  }

  clear(wait = false): void {
    this.publish('clear_output', { wait });
  }

  /** Sends what the process writes to stdout and stderr to the current cell. Returns the way to the true stderr. */
  captureProcessStreams(): (text: string) => void {
    const stderr = process.stderr.write.bind(process.stderr);
    for (const name of ['stdout', 'stderr'] as const) {
      const capture = (
        chunk: string | Uint8Array,
        encoding?: BufferEncoding | ((error?: Error) => void),
        callback?: (error?: Error) => void,
      ): boolean => {
        this.write(name, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
        const done = typeof encoding === 'function' ? encoding : callback;
        if (done) process.nextTick(done);
        return true;
      };
      process[name].write = capture as typeof process.stdout.write;
    }
    return (text) => void stderr(text);
  }
}
