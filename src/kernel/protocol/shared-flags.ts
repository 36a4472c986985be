/**
 * A few integers that the main thread (which runs the cells) and the channel thread (which hears the interrupt) both see, also while
 * the main thread sits in a loop. Plus room for an answer that a blocking `prompt()` waits for.
 */

/** Indices into the flags. */
export const Flag = {
  /** What came of a blocking prompt: see {@link InputState}. The main thread sleeps on this one. */
  INPUT: 0,
  /** Bytes of the answer. */
  INPUT_LENGTH: 1,
  /** 1 from an interrupt until the main thread's event loop has taken note of it. */
  INTERRUPT: 2,
  /** What the main thread runs: see {@link Activity}. */
  ACTIVITY: 3,
  /** 1 tells loops in cell code to stop at their next round. */
  STOP_LOOPS: 4,
} as const;

export const Activity = {
  /** Nothing of the user's; an interrupt has no target. */
  IDLE: 0,
  /** User code inside `vm` with `breakOnSigint`: SIGINT ends it. */
  SYNCHRONOUS: 1,
  /** User code after an await, or a callback: only guarded loops and pending awaits can be stopped. */
  ASYNCHRONOUS: 2,
} as const;

export const InputState = { NONE: 0, WAITING: 1, ANSWERED: 2, INTERRUPTED: 3 } as const;

const FLAG_COUNT = 8;
const FLAG_BYTES = FLAG_COUNT * 4;
const ANSWER_BYTES = 1 << 20;

/** Views on the one shared memory. */
export class SharedFlags {
  readonly flags: Int32Array;
  private readonly answer: Uint8Array;

  constructor(readonly memory = new SharedArrayBuffer(FLAG_BYTES + ANSWER_BYTES)) {
    this.flags = new Int32Array(memory, 0, FLAG_COUNT);
    this.answer = new Uint8Array(memory, FLAG_BYTES);
  }

  get(index: number): number {
    return Atomics.load(this.flags, index);
  }

  set(index: number, value: number): void {
    Atomics.store(this.flags, index, value);
  }

  /** Asks, then puts the thread to sleep until the answer comes; null if the user interrupts instead. */
  blockForAnswer(ask: () => void): string | null {
    this.set(Flag.INPUT, InputState.WAITING);
    ask();
    Atomics.wait(this.flags, Flag.INPUT, InputState.WAITING);
    const state = this.get(Flag.INPUT);
    this.set(Flag.INPUT, InputState.NONE);
    if (state !== InputState.ANSWERED) return null;
    return Buffer.from(this.answer.slice(0, this.get(Flag.INPUT_LENGTH))).toString('utf8');
  }

  /** Wakes a waiting prompt with its answer (cut at 1 MiB). False when none waits. */
  giveAnswer(text: string): boolean {
    if (this.get(Flag.INPUT) !== InputState.WAITING) return false;
    const bytes = Buffer.from(text).subarray(0, ANSWER_BYTES);
    this.answer.set(bytes);
    this.set(Flag.INPUT_LENGTH, bytes.length);
    return this.wake(InputState.ANSWERED);
  }

  /** Wakes a waiting prompt without an answer. False when none waits. */
  interruptPrompt(): boolean {
    return this.get(Flag.INPUT) === InputState.WAITING && this.wake(InputState.INTERRUPTED);
  }

  private wake(state: number): boolean {
    this.set(Flag.INPUT, state);
    Atomics.notify(this.flags, Flag.INPUT);
    return true;
  }
}
