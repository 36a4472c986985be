/**
 * Progress bars in a cell's output. They move in place, work within work stands indented below its own, and at the end they say what was
 * done without times, so that a rerun stores the same output.
 */
import type { KernelServices, MimeBundle } from '../kernel/services';
import { escapeXml } from '../plots/escape';
import { formatDuration, type Progress } from '../util/progress';
import { displayChart } from './displays/chart';

/** What the notebook adds: bars for loops in cells. */
export interface NotebookProgress extends Progress {
  /**
   * Goes through items and shows how far it is.
   *
   * @example
   * for (const tumor of progress.over(tumors, 'tumors')) await study(tumor);
   */
  over<T>(items: Iterable<T>, label?: string): Iterable<T>;
}

/** One line of a display. */
interface Bar {
  label: string;
  /** 0 when nobody knows. */
  total: number;
  unit: string;
  /** Indentation. */
  depth: number;
  startedAt: number;
  done: number;
  note: string;
  state: 'under way' | 'done' | 'stopped';
}

/** Work and the work within it: shown together, replaced together. */
interface Group {
  displayId: string;
  bars: Bar[];
  shownAt: number;
  /** A picture of the work, below the bars. */
  figure?: { displayId: string; shownAt: number; cost: number };
}

/** An eye follows ten changes a second. */
const betweenUpdates = 100;
/** Pictures take the front end longer. */
const betweenFigures = 1000;

/**
 * Bars of the running cell.
 *
 * @param now milliseconds, for tests
 */
export function notebookProgress(kernel: KernelServices, now: () => number = Date.now): NotebookProgress {
  /** Bars under way, the innermost last; all belong to one group. */
  let open: Bar[] = [];
  let group: Group | null = null;
  let cell: AbortSignal | null = null;

  const show = () => {
    if (!group) return;
    group.shownAt = now();
    kernel.updateDisplay(group.displayId, groupBundle(group, now()));
  };
  /** A bar whose cell ended before its work did: where it stood. */
  const stop = () => {
    for (const bar of open) bar.state = 'stopped';
    if (open.length > 0) show();
    open = [];
  };
  const followCell = () => {
    if (cell === kernel.signal) return;
    cell = kernel.signal;
    open = [];
    if (kernel.executionCount > 0) {
      kernel.onCellEnd((result) => {
        stop();
        return result;
      });
    }
  };

  const progress: Progress = {
    start(label, total, unit = '') {
      followCell();
      const depth = open.length;
      const bar: Bar = {
        label,
        total,
        unit,
        depth,
        startedAt: now(),
        done: 0,
        note: '',
        state: 'under way',
      };
      if (depth === 0 || !group) {
        group = { displayId: '', bars: [bar], shownAt: now() };
        open = [bar];
        group.displayId = kernel.display(groupBundle(group, now()));
        return;
      }
      open.push(bar);
      // a step that comes again takes the line it had the last time
      const before = group.bars.findIndex((other) => other.label === label && other.depth === depth);
      if (before < 0) group.bars.push(bar);
      else group.bars[before] = bar;
    },
    update(done, note = '') {
      const bar = open.at(-1);
      if (!bar || !group) return;
      bar.done = done;
      bar.note = note;
      if (now() - group.shownAt >= betweenUpdates) show();
    },
    finish(note = '') {
      const bar = open.pop();
      if (!bar || !group) return;
      bar.state = 'done';
      bar.note = note;
      if (open.length === 0 || now() - group.shownAt >= betweenUpdates) show();
    },
    log(line) {
      kernel.write('stdout', `${line}\n`);
    },
    async figure(make, last = false) {
      if (!group || open.length === 0) return;
      const began = now();
      const { shownAt = 0, cost = 0 } = group.figure ?? {};
      // a long log takes longer to draw: at most a twentieth of the time goes there
      if (!last && group.figure && began - shownAt < Math.max(betweenFigures, 20 * cost)) return;
      const spec = make();
      // drawn as a picture too at the end, for front ends and files that cannot draw it themselves
      const bundle = (last && (await displayChart(spec))) || liveChart(spec);
      if (group.figure) kernel.updateDisplay(group.figure.displayId, bundle);
      else group.figure = { displayId: kernel.display(bundle), shownAt: 0, cost: 0 };
      group.figure.shownAt = now();
      group.figure.cost = now() - began;
    },
  };

  return {
    ...progress,
    *over(items, label = 'items') {
      progress.start(label, countOf(items));
      let done = 0;
      for (const item of items) {
        yield item;
        progress.update(++done);
      }
      progress.finish();
    },
  };
}

function liveChart(spec: object): MimeBundle {
  return { 'application/vnd.vegalite.v5+json': { ...spec }, 'text/plain': 'Vega-Lite chart' };
}

/** 0 for what cannot be counted without going through it. */
function countOf(items: object): number {
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === 'number' ? length : typeof size === 'number' ? size : 0;
}

function groupBundle({ bars }: Group, time: number): MimeBundle {
  return {
    'text/html': bars.map((bar) => barHtml(bar, time)).join('\n'),
    'text/plain': bars.map((bar) => barText(bar, time)).join('\n'),
  };
}

function barHtml(bar: Bar, time: number): string {
  const { label, total, depth, state } = bar;
  const value = state === 'done' ? 'value="1"' : total > 0 ? `value="${shareOf(bar).toFixed(3)}"` : '';
  const line = `<progress max="1" ${value} style="width:16em;vertical-align:middle"></progress>`;
  return `<div style="margin-left:${2 * depth}em">${line} ${escapeXml(label)}: ${escapeXml(describe(bar, time))}</div>`;
}

function barText(bar: Bar, time: number): string {
  const filled = Math.round(20 * shareOf(bar));
  const line = bar.state === 'under way' ? `${'█'.repeat(filled)}${'░'.repeat(20 - filled)} ` : '';
  return `${'  '.repeat(bar.depth)}${bar.label}: ${line}${describe(bar, time)}`;
}

function shareOf({ done, total }: Bar): number {
  return total > 0 ? Math.min(1, done / total) : 0;
}

/** Counts; and, while it is under way, rate and remaining time. */
function describe(bar: Bar, time: number): string {
  const { done, total, unit, note, state } = bar;
  // work that tells of its end only has done it all
  const reached = state === 'done' && done === 0 ? total : done;
  const of = total > 0 ? ` of ${total.toLocaleString('en-US')}` : '';
  const count = `${reached.toLocaleString('en-US')}${of}${unit && ` ${unit}`}`;
  // what ends a note under way may be a speed
  if (state === 'stopped') return `stopped at ${count}`;
  if (state === 'done') {
    // a note that counts says it all: "4,000 crops of 64×64 pixels"
    const [counted] = /^\d+(?= )/.exec(note) ?? [];
    if (Number(counted) === reached)
      return `done: ${reached.toLocaleString('en-US')}${note.slice(String(reached).length)}`;
    return [`done: ${count}`, note].filter(Boolean).join(' · ');
  }
  const seconds = (time - bar.startedAt) / 1000;
  const rate = seconds > 0 ? done / seconds : 0;
  const speed = rate > 0 ? `${rate >= 100 ? rate.toFixed(0) : rate.toPrecision(3)} ${unit || 'steps'}/s` : '';
  const left = rate > 0 && total > done ? `${formatDuration((total - done) / rate)} left` : '';
  return [count, speed, note, left].filter(Boolean).join(' · ');
}
