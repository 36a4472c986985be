/** Widgets for cells: `slider`, `dropdown`, `checkbox`, `button`, `image` and `interact`, with their types as cells see them. */
import type { KernelServices } from '../../kernel/services';
import { makeControls } from './controls';
import { makeInteract } from './interact';

export function widgetGlobals(kernel: KernelServices): {
  values: Record<string, unknown>;
  declarations: string;
} {
  return { values: { ...makeControls(kernel), interact: makeInteract(kernel) }, declarations };
}

const declarations = `
/** Something with a value that the user can change; end a cell with it, or \`display\` it. */
interface Control<T> {
  /** Setting it moves the control in the browser. */
  value: T;
  label: string;
  /** Calls \`handler\` whenever the user changes the value. */
  onChange(handler: (value: T) => void | Promise<void>): this;
}
/** Slider from \`min\` to \`max\`: \`const shift = slider({ label: 'shift', min: -3, max: 3, step: 0.5 })\`. */
declare function slider(options: { label?: string; min: number; max: number; step?: number; value?: number }): Control<number>;
/** Drop-down list: \`dropdown({ label: 'tumor', options: ['m405', 'm481'] })\`. */
declare function dropdown<const T>(options: { label?: string; options: readonly T[]; value?: T }): Control<T>;
/** Check box: \`checkbox({ label: 'invert' })\`. */
declare function checkbox(options?: { label?: string; value?: boolean }): Control<boolean>;
/** Button: \`button('again').onClick(() => …)\`. */
declare function button(label: string): { readonly label: string; onClick(handler: () => void | Promise<void>): ReturnType<typeof button> };
/** A picture that can be replaced: \`const shown = image(png); shown.value = another\`. */
declare function image(bytes: Uint8Array, label?: string): { value: Uint8Array };
/**
 * Shows controls, and what \`draw\` makes of their values below them, again after every change:
 * \`await interact({ shift: slider({ min: -3, max: 3 }) }, ({ shift }) => drawCell(shift))\`.
 * With \`frames\`, so many pictures are drawn now and work without a kernel too, also in exported HTML.
 */
declare function interact<C extends Record<string, Control<any>>>(
  controls: C,
  draw: (values: { [Name in keyof C]: C[Name]['value'] }) => unknown,
  options?: { frames?: number },
): Promise<void>;`;
