/** What the kernel loads at its start: displays and progress of the notebook. */
import type { LoadExtension } from './kernel/services';
import { notebookExtension } from './notebook';

export const loadExtension: LoadExtension = (kernel) => notebookExtension(kernel);
