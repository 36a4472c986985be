/**
 * What the library's values look like in a notebook, how long work tells of itself there, and widgets to turn knobs with. Everything is
 * mime bundles and comm messages through the kernel's services; no Python is involved.
 */
import type { KernelExtension, KernelServices } from '../kernel/services';
import { setDefaultSignal } from '../util/errors';
import { setDefaultProgress } from '../util/progress';
import { richDisplay } from './displays';
import { notebookProgress } from './progress-bar';
import { widgetGlobals } from './widgets';

/** Displays, and the global names of widgets and `progress`; library calls report to it, and stop with their cell, unless they are told otherwise. */
export function notebookExtension(kernel: KernelServices): KernelExtension {
  const progress = notebookProgress(kernel);
  setDefaultProgress(progress);
  setDefaultSignal(() => kernel.signal);
  const widgets = widgetGlobals(kernel);
  return {
    format: richDisplay(kernel),
    globals: {
      values: { progress, ...widgets.values },
      declarations: `
/** Progress bars of this cell: \`for (const x of progress.over(items, 'tumors')) …\`. Library calls report here by themselves. */
declare const progress: {
  start(label: string, total: number, unit?: string): void;
  update(done: number, note?: string): void;
  finish(note?: string): void;
  log(line: string): void;
  /** Goes through items and shows how far it is. */
  over<T>(items: Iterable<T>, label?: string): Iterable<T>;
};
${widgets.declarations}`,
    },
  };
}
