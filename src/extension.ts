/** What the notebook kernel loads: magics, rich displays, progress bars and widgets. */
import type { KernelExtension, KernelServices } from './kernel/services';
import { loadMagics } from './magics/load-magics';
import { notebookExtension } from './notebook';
import { defaultProgress } from './util/progress';

export function loadExtension(kernel: KernelServices): KernelExtension {
  const shown = notebookExtension(kernel);
  // the notebook's bars, by now: magics and library calls nest in one display
  const magics = loadMagics(kernel, defaultProgress);
  return {
    ...shown,
    ...magics,
    globals: {
      values: { ...shown.globals?.values, ...magics.globals?.values },
      declarations: [shown.globals?.declarations, magics.globals?.declarations].join('\n'),
    },
  };
}
