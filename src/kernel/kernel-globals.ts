/**
 * Names that every cell sees without importing them. A name that the extension brings too is the extension's.
 */
import { DISPLAY_METHOD } from './format-value';
import type { MimeBundle } from './services';

/** What the globals do, given by the kernel. */
export interface GlobalActions {
  display(value: unknown, options?: { displayId?: string }): DisplayHandle;
  displayRaw(bundle: MimeBundle, options?: DisplayOptions): DisplayHandle;
  updateDisplay(displayId: string, bundle: MimeBundle): void;
  clearOutput(wait?: boolean): void;
  input(prompt?: string, options?: { password?: boolean }): Promise<string>;
  prompt(message?: string): string;
}

export interface DisplayOptions {
  metadata?: Record<string, unknown>;
  displayId?: string;
}

/** What was shown, for replacing it. Itself it shows nothing, so that `display(x)` may end a cell. */
export interface DisplayHandle {
  readonly id: string;
  /** Replaces what is shown. */
  update(bundle: MimeBundle): void;
  [DISPLAY_METHOD](): null;
}

export interface GlobalName {
  name: string;
  value: unknown;
  /** Ambient TypeScript, with the documentation that hovering shows. */
  declaration: string;
}

export function kernelGlobals(actions: GlobalActions): GlobalName[] {
  return [
    {
      name: 'display',
      value: Object.assign(
        (value: unknown, options?: { displayId?: string }) => actions.display(value, options),
        {
          raw: actions.displayRaw,
          update: actions.updateDisplay,
          clear: actions.clearOutput,
        },
      ),
      declaration: `
/** What was shown, for replacing it: \`const shown = display(x); shown.update({ 'text/plain': 'y' })\`. */
interface DisplayHandle { readonly id: string; update(bundle: Record<string, unknown>): void }
/** Shows a value below the cell, as the last expression of a cell is shown. */
declare const display: {
  (value: unknown, options?: { displayId?: string }): DisplayHandle;
  /** Shows content by mime type, such as \`{ 'text/html': '<b>bold</b>' }\`. */
  raw(bundle: Record<string, unknown>, options?: { metadata?: Record<string, unknown>; displayId?: string }): DisplayHandle;
  /** Replaces what is shown under a display id. */
  update(displayId: string, bundle: Record<string, unknown>): void;
  /** Removes the cell's output; with \`wait\`, once new output comes. */
  clear(wait?: boolean): void;
};`,
    },
    {
      name: 'input',
      value: actions.input,
      declaration: `
/** Asks for a line of text: \`const name = await input('Name? ')\`. With \`password\`, typing is hidden. */
declare function input(prompt?: string, options?: { password?: boolean }): Promise<string>;`,
    },
    {
      name: 'prompt',
      value: actions.prompt,
      declaration: `
/** Asks for a line of text and blocks until it comes. In asynchronous code prefer \`await input()\`. */
declare function prompt(message?: string): string;`,
    },
    {
      name: '_',
      value: undefined,
      declaration: `
/** Value of the last expression that was shown. */
declare var _: any;`,
    },
  ];
}

/** Sets the values on the global object and gives all declarations as one text. */
export function installGlobals(
  kernel: readonly GlobalName[],
  extension: { values: Record<string, unknown>; declarations: string } | undefined,
): string {
  const values = extension?.values ?? {};
  const ours = kernel.filter(({ name }) => !(name in values));
  const all = { ...Object.fromEntries(ours.map(({ name, value }) => [name, value])), ...values };
  for (const [name, value] of Object.entries(all)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
  return [...ours.map(({ declaration }) => declaration), extension?.declarations ?? ''].join('\n');
}

export function displayHandle(id: string, update: (bundle: MimeBundle) => void): DisplayHandle {
  return { id, update, [DISPLAY_METHOD]: () => null };
}
