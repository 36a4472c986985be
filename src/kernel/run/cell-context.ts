/**
 * Which cell is this? Everything that a cell starts (timers, promises, callbacks) carries the cell's context along, so that its output,
 * however late, goes to its own cell, and an interrupt stops what it left running.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Message, MessageHeader } from '../protocol/message';
import type { CapturedOutput } from '../services';

export interface CellContext {
  /** The request that runs (execute_request, or a comm message); comm messages answer it. */
  request: Message;
  /** Header of the execute_request under whose cell output appears; a comm's handlers write under the cell that opened it. */
  outputParent: MessageHeader;
  /** Name in error positions: `Cell[8]`. */
  name: string;
  executionCount: number;
  /** Nothing is published. */
  silent: boolean;
  interrupted: boolean;
  abort: AbortController;
  /** Displays still being made; the cell ends after them. */
  unfinished: Promise<void>[];
  /** Called when the cell's code has ended; each may replace its result. */
  endings: ((result: unknown) => unknown)[];
  /** Where output goes while it is captured; the innermost last. */
  captures: CapturedOutput[][];
  /** What execute_reply carries to the front end: pages, next input. */
  payload: Record<string, unknown>[];
}

const storage = new AsyncLocalStorage<CellContext>();
let latest: CellContext | undefined;

/** Runs `action` as part of a cell. */
export function runInCell<T>(cell: CellContext, action: () => T): T {
  latest = cell;
  return storage.run(cell, action);
}

/** The cell that the running code belongs to; code that lost its context (native callbacks) counts to the latest cell. */
export function currentCell(): CellContext | undefined {
  return storage.getStore() ?? latest;
}
