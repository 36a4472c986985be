/**
 * Sends in order on one ZeroMQ socket. zeromq.js allows one pending send per socket and rejects a second with EBUSY, so messages wait
 * their turn here; nothing is dropped.
 */

/** What the queue needs of a socket. */
export interface Sender {
  send(frames: (string | Uint8Array)[]): Promise<void>;
}

export class SendQueue {
  private readonly waiting: (string | Uint8Array)[][] = [];
  private draining: Promise<void> | null = null;

  constructor(private readonly socket: Sender) {}

  push(frames: (string | Uint8Array)[]): void {
    this.waiting.push(frames);
    this.draining ??= this.drain();
  }

  /** Resolves once everything pushed so far has been handed to ZeroMQ. */
  async flushed(): Promise<void> {
    while (this.draining) await this.draining;
  }

  private async drain(): Promise<void> {
    try {
      for (let frames = this.waiting.shift(); frames; frames = this.waiting.shift()) {
        // a client that left (EHOSTUNREACH) or a socket that is closing must not stop the others
        await this.socket.send(frames).catch(() => {});
      }
    } finally {
      this.draining = null;
    }
  }
}
