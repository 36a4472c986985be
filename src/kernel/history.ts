/**
 * The cells of this and earlier sessions, one file per session, one line of JSON per cell. The folder is private to the user.
 *
 * `LCH_HISTORY` names another folder, or is `off`.
 */
import { appendFile, closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { HistoryEntry } from './services';

const KEPT_SESSIONS = 200;
const KEPT_OUTPUT_CHARACTERS = 2000;

/** Content of history_request. */
export interface HistoryRequest {
  hist_access_type: 'range' | 'tail' | 'search';
  output?: boolean;
  session?: number;
  start?: number;
  stop?: number;
  n?: number;
  pattern?: string;
  unique?: boolean;
}

export class History {
  private readonly entries: HistoryEntry[] = [];
  private sessionNumber = 0;
  private earlier: HistoryEntry[] | null = null;

  constructor(private readonly folder: string | null = defaultHistoryFolder()) {}

  /** Number of this session; the first stored cell claims it. */
  get session(): number {
    if (this.sessionNumber === 0) this.sessionNumber = this.claimSession();
    return this.sessionNumber;
  }

  add(line: number, input: string, output: string | undefined): void {
    const entry: HistoryEntry = { session: this.session, line, input };
    if (output !== undefined) entry.output = output.slice(0, KEPT_OUTPUT_CHARACTERS);
    this.entries.push(entry);
    if (this.folder === null) return;
    // a history that cannot be written is no reason to trouble the user's work
    appendFile(this.fileOf(this.session), JSON.stringify(entry) + '\n', { mode: 0o600 }, () => {});
  }

  /** Cells of one session (0 or absent: this one; negative: counted back from this one). `stop` is not included. */
  range(session = 0, start = 1, stop = Number.POSITIVE_INFINITY): HistoryEntry[] {
    const wanted = session > 0 ? session : this.session + session;
    const all = wanted === this.session ? this.entries : this.ofEarlierSessions();
    return all.filter((entry) => entry.session === wanted && entry.line >= start && entry.line < stop);
  }

  tail(count: number): HistoryEntry[] {
    return lastOf([...this.ofEarlierSessions(), ...this.entries], count);
  }

  /** Cells that match a pattern with `*` and `?`, latest last. */
  search(pattern: string, count?: number, unique = false): HistoryEntry[] {
    const expression = globExpression(pattern);
    let found = [...this.ofEarlierSessions(), ...this.entries].filter(({ input }) => expression.test(input));
    if (unique) found = [...new Map(found.map((entry) => [entry.input, entry])).values()];
    return count === undefined ? found : lastOf(found, count);
  }

  /** Answers history_request: rows of session, line, and input or (input, output). */
  answer(request: HistoryRequest): [number, number, string | [string, string | null]][] {
    const found =
      request.hist_access_type === 'range'
        ? this.range(request.session, request.start ?? undefined, request.stop ?? undefined)
        : request.hist_access_type === 'search'
          ? this.search(request.pattern ?? '*', request.n ?? undefined, request.unique === true)
          : this.tail(request.n ?? 10);
    return found.map(({ session, line, input, output }) => [
      session,
      line,
      request.output ? [input, output ?? null] : input,
    ]);
  }

  private ofEarlierSessions(): HistoryEntry[] {
    if (this.earlier) return this.earlier;
    this.earlier = this.storedSessions()
      .filter((number) => number !== this.sessionNumber)
      .flatMap((number) => readEntries(this.fileOf(number)));
    return this.earlier;
  }

  private claimSession(): number {
    if (this.folder === null) return 1;
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      const stored = this.storedSessions();
      for (const old of stored.slice(0, Math.max(0, stored.length - KEPT_SESSIONS))) {
        rmSync(this.fileOf(old), { force: true });
      }
      for (let number = (stored.at(-1) ?? 0) + 1; ; number++) {
        try {
          closeSync(openSync(this.fileOf(number), 'wx', 0o600));
          return number;
        } catch (error) {
          // another kernel was faster
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
      }
    } catch {
      return 1;
    }
  }

  /** Session numbers on disk, ascending. */
  private storedSessions(): number[] {
    if (this.folder === null) return [];
    try {
      return readdirSync(this.folder)
        .flatMap((name) => /^(\d+)\.jsonl$/.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => a - b);
    } catch {
      return [];
    }
  }

  private fileOf(session: number): string {
    return path.join(this.folder as string, `${session}.jsonl`);
  }
}

export function defaultHistoryFolder(environment: NodeJS.ProcessEnv = process.env): string | null {
  const { LCH_HISTORY: chosen, XDG_DATA_HOME: dataHome, APPDATA: appData } = environment;
  if (chosen === 'off') return null;
  if (chosen) return chosen;
  const base =
    dataHome ?? (process.platform === 'win32' && appData ? appData : path.join(homedir(), '.local', 'share'));
  return path.join(base, 'live-cell-histology', 'history');
}

/** A broken line (a crash while writing) is skipped. */
function readEntries(file: string): HistoryEntry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as HistoryEntry];
    } catch {
      return [];
    }
  });
}

function lastOf<T>(items: readonly T[], count: number): T[] {
  return count <= 0 ? [] : items.slice(-count);
}

function globExpression(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[\\s\\S]*')
    .replaceAll('?', '[\\s\\S]');
  return new RegExp(`^${escaped}$`);
}
