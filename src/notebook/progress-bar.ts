/** Progress bars in a cell's output: updated in place, nested, and at the end one line without times, so that a rerun stores the same. */
import type { KernelServices, MimeBundle } from '../kernel/services';
import { escapeXml } from '../plots/escape';
import { formatDuration, type Progress } from '../util/progress';

interface Bar {
  displayId: string;
  label: string;
  total: number;
  unit: string;
  startedAt: number;
  shownAt: number;
  depth: number;
}

/** An eye follows ten changes a second. */
const betweenUpdates = 100;

/**
 * Bars of the running cell. Work that begins while other work is under way is shown indented below it.
 *
 * @param now milliseconds, for tests
 */
export function notebookProgress(kernel: KernelServices, now: () => number = Date.now): Progress {
  let bars: Bar[] = [];
  let cell: AbortSignal | undefined;

  /** A new cell starts without the bars that an interrupted one left. */
  const open = () => {
    if (cell !== kernel.signal) bars = [];
    cell = kernel.signal;
    return bars;
  };

  return {
    start(label, total, unit = '') {
      const bar = {
        label,
        total,
        unit,
        startedAt: now(),
        shownAt: now(),
        depth: open().length,
        displayId: '',
      };
      bar.displayId = kernel.display(barBundle(bar, 0, ''));
      bars.push(bar);
    },
    update(done, note = '') {
      const bar = open().at(-1);
      if (!bar || now() - bar.shownAt < betweenUpdates) return;
      bar.shownAt = now();
      const seconds = (now() - bar.startedAt) / 1000;
      const rate = seconds > 0 ? done / seconds : 0;
      const left = rate > 0 && bar.total > done ? `${formatDuration((bar.total - done) / rate)} left` : '';
      const speed = rate > 0 ? `${rate.toPrecision(3)} ${bar.unit}/s` : '';
      kernel.updateDisplay(
        bar.displayId,
        barBundle(bar, done, [speed, note, left].filter(Boolean).join(' · ')),
      );
    },
    finish(note = '') {
      const bar = open().pop();
      if (!bar) return;
      // notes of training hold losses, which are the same in a rerun of the same machine only
      const text = `${'  '.repeat(bar.depth)}${bar.label}: done${note ? ` · ${note}` : ''}`;
      kernel.updateDisplay(bar.displayId, {
        'text/html': `<div style="white-space:pre-wrap">${escapeXml(text)}</div>`,
        'text/plain': text,
      });
    },
    log(line) {
      kernel.write('stdout', `${line}\n`);
    },
  };
}

function barBundle({ label, total, depth }: Bar, done: number, note: string): MimeBundle {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(20 * share);
  const count = `${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`;
  return {
    'text/html': `<div style="margin-left:${depth}em">${escapeXml(label)} <progress max="1" value="${share.toFixed(4)}" style="width:16em;vertical-align:middle"></progress> ${escapeXml([count, note].filter(Boolean).join(' · '))}</div>`,
    'text/plain': `${'  '.repeat(depth)}${label} ${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ${[count, note].filter(Boolean).join(' · ')}`,
  };
}
