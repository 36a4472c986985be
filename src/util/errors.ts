/**
 * Typed errors. Every message reads: who, what was needed, what came, what to do.
 *
 * Anything that extends {@link UserError} is shown to the user as its message alone (one line, no stack);
 * everything else is a defect of ours and is shown with its stack.
 */

/** A failure that its reader can mend. The message is one line. */
export class UserError extends Error {
  /** What was found out all the same, plain JSON: `--json` prints it before the command fails. */
  declare readonly report?: unknown;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An array or a tensor has another shape than the called function needs. */
export class ShapeError extends UserError {}

/** A command or a function got an option that does not exist, or a value it cannot use. */
export class OptionError extends UserError {}

/** A file or a folder is missing, unreadable, empty, broken or in the way. */
export class DataError extends UserError {}

/** A data manifest, or a table it names, does not say what it must. */
export class ManifestError extends UserError {}

/** A saved model or checkpoint is missing, damaged or of another size. */
export class ModelError extends UserError {}

/** No tensor backend, or not the one that was asked for, could be loaded. */
export class BackendError extends UserError {}

/** The user stopped the work (Ctrl-C, an interrupt from the notebook). Nothing is half-written. */
export class InterruptedError extends UserError {}

/** Turns anything thrown into text for a message: the message of an error, else the value itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

let chosenSignal: () => AbortSignal | undefined = () => undefined;

/** What stops work whose caller gives no signal: in a notebook the interrupt of the running cell. Chosen once, by the program that runs the library. */
export function setDefaultSignal(signal: () => AbortSignal | undefined): void {
  chosenSignal = signal;
}

/** The given signal, else that of the surroundings. */
export function signalOrDefault(signal: AbortSignal | undefined): AbortSignal | undefined {
  return signal ?? chosenSignal();
}

/** Throws {@link InterruptedError} once `signal` (or that of the surroundings) is aborted; long loops call it between steps. */
export function throwIfInterrupted(signal: AbortSignal | undefined, who: string): void {
  if (signalOrDefault(signal)?.aborted) throw new InterruptedError(`${who}: interrupted`);
}
