/** What the library's values look like in a notebook, and how long work tells of itself there. */
import type { KernelExtension, KernelServices } from '../kernel/services';
import { setDefaultSignal } from '../util/errors';
import { setDefaultProgress } from '../util/progress';
import { formatRichly } from './displays';
import { notebookProgress } from './progress-bar';

/** The displays and the global name `progress`; library calls report to it unless they are given another. */
export function notebookExtension(kernel: KernelServices): KernelExtension {
  const progress = notebookProgress(kernel);
  setDefaultProgress(progress);
  setDefaultSignal(() => kernel.signal);
  return {
    format: formatRichly,
    globals: {
      values: { progress },
      declarations: `
/** Progress bars of this cell: \`progress.start('cells', 100)\`, \`progress.update(7)\`, \`progress.finish()\`. Library calls report here by themselves. */
declare const progress: import('live-cell-histology').Progress;`,
    },
  };
}
