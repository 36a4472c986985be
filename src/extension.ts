/** What the notebook kernel loads: magics, rich displays, progress bars and widgets. */
import type { KernelExtension, KernelServices } from './kernel/services';
import { loadMagics } from './magics/load-magics';
import { notebookExtension } from './notebook';
import { notebookProgress } from './notebook/progress-bar';

export function loadExtension(kernel: KernelServices): KernelExtension {
  const shown = notebookExtension(kernel);
  const magics = loadMagics(kernel, notebookProgress(kernel));
  return {
    ...shown,
    ...magics,
    globals: {
      values: { ...shown.globals?.values, ...magics.globals?.values },
      declarations: [shown.globals?.declarations, magics.globals?.declarations].join('\n'),
    },
  };
}
