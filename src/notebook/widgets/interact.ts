/** Controls with a picture that follows them; or, for readers without a kernel, with all its pictures drawn ahead. */
import type { KernelServices, MimeBundle } from '../../kernel/services';
import { OptionError } from '../../util/errors';
import type { Control } from './controls';
import { framesBundle } from './frames';

export interface InteractOptions {
  /**
   * Draws so many pictures now and stores them in the notebook, where the control goes through them without a kernel, also after export to
   * HTML. For one control.
   */
  frames?: number;
}

type ValuesOf<C> = { [Name in keyof C]: C[Name] extends Control<infer T> ? T : never };

/**
 * Makes `interact` for cells: shows the controls, and below them what `draw` makes of their values, again after every change. While it
 * draws, changes gather, and only the latest is drawn next.
 *
 * @throws OptionError when `frames` are asked for and there is not one control, or what is drawn is no picture; whatever the first `draw`
 *   throws. Later failures are shown in the picture's place.
 */
export function makeInteract(kernel: KernelServices) {
  return async function interact<C extends Record<string, Control<unknown>>>(
    controls: C,
    draw: (values: ValuesOf<C>) => unknown,
    { frames }: InteractOptions = {},
  ): Promise<void> {
    const entries = Object.entries(controls);
    for (const [name, control] of entries) control.label ||= name;
    const drawn = async (values: Record<string, unknown>) => kernel.format(await draw(values as ValuesOf<C>));
    if (frames !== undefined) {
      kernel.display(await drawAhead(kernel, entries, drawn, frames));
      return;
    }
    const current = () => Object.fromEntries(entries.map(([name, control]) => [name, control.value]));
    for (const [, control] of entries) kernel.display(await kernel.format(control));
    const shown = kernel.display(await drawn(current()));

    let isDrawing = false;
    let isOutdated = false;
    const redraw = async () => {
      isOutdated = true;
      if (isDrawing) return;
      isDrawing = true;
      try {
        while (isOutdated) {
          isOutdated = false;
          const bundle = await drawn(current()).catch((error: unknown) => kernel.format(error));
          kernel.updateDisplay(shown, bundle);
        }
      } finally {
        isDrawing = false;
      }
    };
    for (const [, control] of entries) control.onChange(redraw);
  };
}

async function drawAhead(
  kernel: KernelServices,
  entries: readonly [string, Control<unknown>][],
  drawn: (values: Record<string, unknown>) => Promise<MimeBundle>,
  most: number,
): Promise<MimeBundle> {
  if (entries.length !== 1 || !Number.isInteger(most) || most < 2) {
    throw new OptionError(
      `interact: frames need one control and at least 2 of them, got ${entries.length} controls and ${most} frames`,
    );
  }
  const [[name, control]] = entries;
  const frames = [];
  for (const value of control.samples(most)) {
    if (kernel.signal.aborted) break;
    frames.push({ label: control.describe(value), bundle: await drawn({ [name]: value }) });
  }
  return framesBundle(control.label, frames);
}
