/** Lets processes that share a cache folder (notebooks, jobs of a batch) work on a data set one after the other. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InterruptedError } from '../../util/errors';

// A holder touches its sign every 5 s; one that has not for 60 s was killed. Both in file-system time, so clocks may differ.
const HEARTBEAT_MS = 5_000;
const STALE_MS = 60_000;
const POLL_MS = 250;

/**
 * Runs `work` while no other process does work under the same `name`. A folder is the sign, because making one is atomic also on
 * network file systems.
 *
 * @param options.waiting called once, with the process that is waited for
 * @throws InterruptedError when `signal` is aborted while waiting
 */
export async function takeTurn<T>(
  cache: string,
  name: string,
  work: () => Promise<T>,
  options: { signal?: AbortSignal; waiting?: (holder: string) => void } = {},
): Promise<T> {
  const sign = join(cache, 'turns', name);
  const token = `${hostname()} process ${process.pid} ${randomBytes(4).toString('hex')}`;
  mkdirSync(join(cache, 'turns'), { recursive: true });
  let told = false;
  while (!raise(sign, token)) {
    const holder = holderOf(sign);
    if (hasEnded(sign, holder)) {
      removeStale(sign, holder);
      continue;
    }
    if (!told) options.waiting?.(holder.replace(/ \w+$/, ''));
    told = true;
    await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => {
      throw new InterruptedError(`fetchDataset: interrupted while waiting for ${holder}`);
    });
  }
  const heartbeat = setInterval(() => touch(sign), HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if (holderOf(sign) === token) rmSync(sign, { recursive: true, force: true });
  }
}

function raise(sign: string, token: string): boolean {
  try {
    mkdirSync(sign);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(sign, 'holder'), token);
  return true;
}

function holderOf(sign: string): string {
  try {
    return readFileSync(join(sign, 'holder'), 'utf8');
  } catch {
    return 'another process';
  }
}

/** Whether the holder is a process of this machine that is gone, or has not touched its sign for long. */
function hasEnded(sign: string, holder: string): boolean {
  const [, host, pid] = /^(\S+) process (\d+) /.exec(holder) ?? [];
  if (host === hostname()) {
    try {
      process.kill(Number(pid), 0); // asks only whether it is there
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
  }
  const mtimeMs = statSync(sign, { throwIfNoEntry: false })?.mtimeMs;
  return mtimeMs !== undefined && Date.now() - mtimeMs > STALE_MS;
}

/** Takes the sign of a holder that has ended away; puts it back when somebody else raised it in the meantime. */
function removeStale(sign: string, holder: string): void {
  const aside = `${sign}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(sign, aside);
  } catch {
    return; // another process was faster
  }
  if (holderOf(aside) === holder) rmSync(aside, { recursive: true, force: true });
  else renameSync(aside, sign);
}

function touch(sign: string): void {
  try {
    utimesSync(sign, new Date(), new Date());
  } catch {
    // the cache was cleared meanwhile; the work itself will tell
  }
}
