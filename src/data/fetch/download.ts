/** Downloads one file, and goes on where an earlier attempt stopped. */
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataError, messageOf, throwIfInterrupted } from '../../util/errors';
import { writeFileAtomic } from '../../util/files';

/** A download that failed at one address. */
export class DownloadError extends DataError {
  /** The host cannot be reached at all (offline, unknown name): its other files need not be tried. */
  readonly unreachable: boolean;

  constructor(message: string, options: { cause?: unknown; unreachable?: boolean } = {}) {
    super(message, options);
    this.unreachable = options.unreachable ?? false;
  }
}

export interface DownloadOptions {
  /**
   * The file's sum is known and checked afterwards, so a part that came from elsewhere may be continued here. Otherwise only a part of
   * the same address is, and only while the server says that the file is still the same (ETag or Last-Modified).
   */
  sumIsKnown: boolean;
  /** Size in bytes when known; a longer answer is cut there. */
  bytes?: number;
  /** Failures in a row, without a byte gained, before giving up. Default 4. */
  attempts?: number;
  /** Milliseconds without a byte after which the connection counts as dropped. Default 60,000. */
  silenceMs?: number;
  /** Milliseconds before attempt `n` (from 1) after a failure. Default 500, 1000, 2000 … */
  pauseMs?: (n: number) => number;
  /** Told how many bytes are there, of how many, if the server says. */
  onBytes?: (received: number, total: number | undefined) => void;
  signal?: AbortSignal;
}

/** What is known of an unfinished part, kept beside it so that another process can go on. */
interface PartState {
  url: string;
  /** Strong ETag or Last-Modified, for the If-Range header. */
  validator?: string;
}

// Answers that may be different a moment later (RFC 9110): time-outs, too many requests, errors of the server.
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);
// Failures of the way to a host, not of one file: name, route and connection (Node's and undici's codes).
const UNREACHABLE = new Set(
  (
    'ENOTFOUND EAI_AGAIN EAI_FAIL EAI_NODATA ENETUNREACH ENETDOWN EHOSTUNREACH ECONNREFUSED ETIMEDOUT ' +
    'UND_ERR_CONNECT_TIMEOUT'
  ).split(' '),
);

/**
 * Downloads `url` into `part`. Dropped connections are taken up again with a range request, also by a later process after a kill.
 * The caller checks the sum and moves the file; `part` itself is never to be used.
 *
 * @throws DownloadError when the address has no such file, or does not answer after several attempts; the part stays for the next try
 * @throws the file system's error when `part` cannot be written
 * @throws InterruptedError when `signal` is aborted; the part stays
 */
export async function download(url: string, part: string, options: DownloadOptions): Promise<void> {
  const { attempts = 4, pauseMs = (n) => 500 * 2 ** (n - 1), signal } = options;
  mkdirSync(dirname(part), { recursive: true });
  let best = 0;
  for (let failures = 0; ; ) {
    throwIfInterrupted(signal, 'fetchDataset');
    try {
      await attempt(url, part, options);
      rmSync(stateOf(part), { force: true });
      return;
    } catch (error) {
      throwIfInterrupted(signal, 'fetchDataset');
      // a fault of this machine's disk is none of the connection's
      if (error instanceof DataError || (error as NodeJS.ErrnoException).syscall) throw error;
      const size = sizeOf(part);
      failures = size > best ? 1 : failures + 1;
      best = Math.max(best, size);
      if (failures >= attempts) {
        const unreachable = best === 0 && networkCode(error) !== undefined;
        throw new DownloadError(`${url} ${reasonOf(error)}`, { cause: error, unreachable });
      }
      await sleep(pauseMs(failures), undefined, { signal }).catch(() => undefined);
    }
  }
}

/** One request. Returns when the file is complete; throws a DownloadError when trying again makes no sense, else any error. */
async function attempt(url: string, part: string, options: DownloadOptions): Promise<void> {
  const headers = continueFrom(url, part, options.sumIsKnown);
  const have = sizeOf(part);
  if (options.bytes !== undefined && have >= options.bytes) return; // complete: the sum decides
  const silence = watchSilence(options.silenceMs ?? 60_000);
  const signal = options.signal ? AbortSignal.any([options.signal, silence.signal]) : silence.signal;
  try {
    const response = await fetch(url, { headers, signal });
    const body = await acceptAnswer(response, url, part, have);
    const start = response.status === 206 ? have : 0;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    const total = Number.isNaN(length) ? options.bytes : start + length;
    writeFileAtomic(
      stateOf(part),
      JSON.stringify({ url, validator: validatorOf(response) } satisfies PartState),
    );

    // one byte more than expected is kept: it shows that the file is too long, and the sum will refuse it
    const limit = options.bytes === undefined ? Number.POSITIVE_INFINITY : options.bytes + 1;
    const received = await save(body, part, start, limit, (bytes) => {
      silence.heard();
      options.onBytes?.(bytes, total);
    });
    if (received < Math.min(total ?? 0, limit))
      throw new Error(`stopped after ${received} of ${total} bytes`);
  } catch (error) {
    const code = networkCode(error);
    if (code && UNREACHABLE.has(code)) {
      const message = `${new URL(url).host} cannot be reached (${code})`;
      throw new DownloadError(message, { cause: error, unreachable: true });
    }
    throw error;
  } finally {
    silence.end();
  }
}

/** The headers that ask for what `part` lacks. A part that may belong to another file is removed. */
function continueFrom(url: string, part: string, sumIsKnown: boolean): Record<string, string> {
  const state = readState(part);
  const validator = state?.url === url ? state.validator : undefined;
  if (!sumIsKnown && !validator) rmSync(part, { force: true });
  const have = sizeOf(part);
  return {
    // the bytes as they are stored: a server that compresses on the way would make ranges meaningless
    'accept-encoding': 'identity',
    ...(have > 0 ? { range: `bytes=${have}-` } : {}),
    ...(have > 0 && validator ? { 'if-range': validator } : {}),
  };
}

/** The body of a usable answer: the whole file (200), or what was asked for (206). */
async function acceptAnswer(
  response: Response,
  url: string,
  part: string,
  have: number,
): Promise<AsyncIterable<Uint8Array>> {
  const { status, statusText, body, headers } = response;
  const refuse = async (error: Error) => {
    await body?.cancel();
    throw error;
  };
  if (status === 416 || (status === 206 && rangeStart(headers) !== have)) {
    rmSync(part, { force: true }); // the file became shorter, or the server counts otherwise: from the start
    await refuse(new Error('answered with another range than was asked for'));
  }
  if (!response.ok) {
    const what = `answered ${status} ${statusText}`.trim();
    await refuse(TRANSIENT.has(status) ? new Error(what) : new DownloadError(`${url} ${what}`));
  }
  if (/^text\/html/i.test(headers.get('content-type') ?? '')) {
    await refuse(new DownloadError(`${url} answered with a web page instead of the file`));
  }
  if (!body) throw new Error('answered without a body');
  return body;
}

/** Writes the body behind the first `start` bytes of `part`, up to `limit` bytes in all; returns the size that it has then. */
async function save(
  body: AsyncIterable<Uint8Array>,
  part: string,
  start: number,
  limit: number,
  onBytes: (size: number) => void,
): Promise<number> {
  const file = await open(part, start > 0 ? 'r+' : 'w');
  let size = start;
  try {
    for await (const chunk of body) {
      const wanted = chunk.subarray(0, limit - size);
      await file.write(wanted, 0, wanted.length, size);
      size += wanted.length;
      onBytes(size);
      if (size >= limit) break;
    }
  } finally {
    await file.close();
  }
  return size;
}

/** A signal that fires when nothing was heard for `ms` milliseconds. */
function watchSilence(ms: number): { signal: AbortSignal; heard(): void; end(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error('sent nothing for a long time')), ms);
  return { signal: controller.signal, heard: () => timer.refresh(), end: () => clearTimeout(timer) };
}

function stateOf(part: string): string {
  return `${part}.json`;
}

function readState(part: string): PartState | undefined {
  try {
    return JSON.parse(readFileSync(stateOf(part), 'utf8'));
  } catch {
    return undefined; // no part yet
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** First byte of a partial answer: `Content-Range: bytes 1000-1999/2000`. */
function rangeStart(headers: Headers): number {
  return Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}

function validatorOf(response: Response): string | undefined {
  const etag = response.headers.get('etag');
  // a weak ETag says "alike", not "the same bytes", and may not stand in If-Range
  return etag && !etag.startsWith('W/') ? etag : (response.headers.get('last-modified') ?? undefined);
}

function networkCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  return (inner as NodeJS.ErrnoException | undefined)?.code;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause ? `: ${messageOf(error.cause)}` : '';
  return messageOf(error) + cause;
}
