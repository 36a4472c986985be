/** Rich displays by kind of value; the first that knows a value shows it. */
import type { KernelServices, MimeBundle } from '../../kernel/services';
import { displayChart } from './chart';
import { displayCollection } from './collection';
import { displayCrops } from './crops';
import { displayError } from './error';
import { displayImage } from './image';
import { displayModel } from './model';
import { displayNumbers } from './numbers';
import { displayObject } from './object';
import { displayTable } from './table';
import { displayTensor } from './tensor';
import { displayText } from './text';

/** Null for a value that it does not know. Values are told by their shape, so that nothing has to be loaded to tell them. */
export type Display = (value: unknown) => MimeBundle | null | Promise<MimeBundle | null>;

/**
 * How the notebook shows values: null for one whose text says it all. A display that fails leaves the value to its text.
 *
 * Every bundle has text/plain, its HTML holds nothing of a value unescaped, and neither holds times, paths or host names: a rerun stores
 * the same.
 */
export function richDisplay(kernel: Pick<KernelServices, 'translateStack'>): Display {
  const displays: readonly Display[] = [
    displayImage,
    displayChart,
    displayTable,
    displayTensor,
    displayModel,
    displayCrops,
    displayNumbers,
    (value) => displayError(value, kernel.translateStack),
    displayCollection,
    displayText,
    displayObject,
  ];
  return async (value) => {
    for (const display of displays) {
      try {
        const bundle = await display(value);
        if (bundle) return bundle;
      } catch {
        // such as an object whose getter throws: its text can still be shown
      }
    }
    return null;
  };
}
