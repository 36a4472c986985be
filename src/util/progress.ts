/**
 * Progress reports. Library functions take a {@link Progress} and tell it what they do; who shows it (a terminal, a notebook,
 * nobody) is decided by the caller.
 */

/** What long work reports to. All calls are cheap; throttling is the reporter's business. */
export interface Progress {
  /** Work of `total` units begins under a short label ("encode", "epoch 3/20"). Without a unit no rate is shown and no end foretold. */
  start(label: string, total: number, unit?: string): void;
  /** `done` units are finished; `note` is shown behind the bar ("loss 0.213"). */
  update(done: number, note?: string): void;
  /** The work begun last has ended; `note` says how it went. */
  finish(note?: string): void;
  /** A line that stays ("skipped 3 broken files"). */
  log(line: string): void;
  /**
   * A Vega-Lite picture of the work so far, replaced in place; places without pictures leave it out.
   *
   * @param make called only when the picture is shown now
   * @param last the final one, which stays
   */
  figure?(make: () => object, last?: boolean): Promise<void>;
}

/** Reports to nobody. */
export const silentProgress: Progress = {
  start() {},
  update() {},
  finish() {},
  log() {},
};

let chosenProgress: Progress = silentProgress;

/** Where work reports whose caller names no other place: nowhere, but in a notebook the running cell. */
export const defaultProgress: Progress = {
  start: (label, total, unit) => chosenProgress.start(label, total, unit),
  update: (done, note) => chosenProgress.update(done, note),
  finish: (note) => chosenProgress.finish(note),
  log: (line) => chosenProgress.log(line),
  figure: async (make, last) => chosenProgress.figure?.(make, last),
};

/** Chosen once, by the program that runs the library. */
export function setDefaultProgress(progress: Progress): void {
  chosenProgress = progress;
}

/**
 * A progress bar on a terminal; on anything else (a file, CI) a plain line now and then and at the end.
 *
 * @param stream where to write, usually `process.stderr`, so that stdout stays clean for results
 */
export function terminalProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const live = Boolean(stream.isTTY);
  let label = '';
  let unit = '';
  let total = 0;
  let startedAt = 0;
  let shownAt = 0;
  let shownTenth = -1;
  let open = false;

  const clear = () => {
    if (live && open) stream.write('\r\x1b[K');
  };
  const line = (done: number, note: string) => {
    const seconds = (Date.now() - startedAt) / 1000;
    const rate = unit && done > 0 && seconds > 0 ? done / seconds : 0;
    const left = rate > 0 ? (total - done) / rate : Number.NaN;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    const cells = 24;
    const filled = Math.round(share * cells);
    const bar = '█'.repeat(filled) + '░'.repeat(cells - filled);
    const parts = [`${label} ${bar} ${done}/${total}`];
    if (rate > 0) parts.push(`${formatRate(rate)} ${unit}/s`);
    if (note) parts.push(note);
    if (done < total && Number.isFinite(left)) parts.push(`${formatDuration(left)} left`);
    else parts.push(formatDuration(seconds));
    const text = parts.join(' · ');
    return live && stream.columns ? text.slice(0, stream.columns - 1) : text;
  };

  return {
    start(nextLabel, nextTotal, nextUnit = '') {
      label = nextLabel;
      total = nextTotal;
      unit = nextUnit;
      startedAt = Date.now();
      shownAt = live ? 0 : startedAt;
      shownTenth = -1;
      open = true;
    },
    update(done, note = '') {
      if (!open) return;
      const now = Date.now();
      if (live) {
        if (now - shownAt < 100 && done < total) return; // ten frames a second are enough for an eye
        shownAt = now;
        stream.write('\r\x1b[K' + line(done, note));
      } else {
        const tenth = total > 0 ? Math.floor((done / total) * 10) : 0;
        if (tenth === shownTenth || now - shownAt < 5000 || done >= total) return; // the end is told by finish
        shownTenth = tenth;
        shownAt = now;
        stream.write(line(done, note) + '\n');
      }
    },
    finish(note = '') {
      if (!open) return;
      clear();
      open = false;
      const seconds = (Date.now() - startedAt) / 1000;
      stream.write(`${label}: done in ${formatDuration(seconds)}${note ? ` · ${note}` : ''}\n`);
    },
    log(text) {
      clear();
      stream.write(text + '\n');
    },
  };
}

/** 0.4 s, 12 s, 3 min 20 s, 2 h 05 min. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

function formatRate(rate: number): string {
  return rate >= 100 ? rate.toFixed(0) : rate >= 10 ? rate.toFixed(1) : rate.toFixed(2);
}
