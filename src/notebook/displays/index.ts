/** Rich displays by kind of value; the first that knows a value shows it. */
import type { MimeBundle } from '../../kernel/services';
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

/** Null for a value that it does not know. Values are told by their shape, so that nothing has to be loaded to tell them. */
export type Display = (value: unknown) => MimeBundle | null | Promise<MimeBundle | null>;

const displays: readonly Display[] = [
  displayImage,
  displayChart,
  displayTable,
  displayTensor,
  displayModel,
  displayCrops,
  displayNumbers,
  displayError,
  displayCollection,
  displayObject,
];

/** A value's bundle; null for one whose text says it all. A display that fails leaves the value to its text. */
export async function formatRichly(value: unknown): Promise<MimeBundle | null> {
  for (const display of displays) {
    try {
      const bundle = await display(value);
      if (bundle) return bundle;
    } catch {
      // such as a disposed tensor: its text can still be shown
    }
  }
  return null;
}
