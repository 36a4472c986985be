/**
 * What the running kernel offers to code inside cells and to magics. The kernel makes one and hands it to its extension
 * (`src/extension.ts`), which registers cell transforms, completers and global names.
 */
import type { CellTransform } from './cell-transform';

/** Mime type → content. Binary content (PNG) is base64 text; JSON types hold plain values. Always has text/plain. */
export type MimeBundle = Record<string, unknown>;

/** A completion or inspection source that is asked before TypeScript's own. Offsets are UTF-16 units in the cell as typed. */
export interface CellAssistant {
  complete?(
    source: string,
    offset: number,
  ): Promise<{ matches: string[]; start: number; end: number } | null>;
  inspect?(source: string, offset: number): Promise<MimeBundle | null>;
  isComplete?(
    source: string,
  ): { status: 'complete' | 'incomplete' | 'invalid' | 'unknown'; indent?: string } | null;
}

/** One executed cell, as history keeps it. */
export interface HistoryEntry {
  session: number;
  line: number;
  input: string;
  output?: string;
}

/** A two-way channel to a part of the front end (a widget). Binary buffers travel beside the JSON data. */
export interface Comm {
  readonly id: string;
  readonly targetName: string;
  send(
    data: Record<string, unknown>,
    options?: { buffers?: readonly Uint8Array[]; metadata?: Record<string, unknown> },
  ): void;
  close(data?: Record<string, unknown>): void;
  /** Set these to hear from the front end. Both run with the output of the cell that opened the comm. */
  onMessage?: (data: Record<string, unknown>, buffers: readonly Uint8Array[]) => void | Promise<void>;
  onClose?: (data: Record<string, unknown>) => void | Promise<void>;
}

/** Text or a display that a cell wanted to show. */
export type CapturedOutput =
  | { stream: 'stdout' | 'stderr'; text: string }
  | { bundle: MimeBundle; metadata: Record<string, unknown> };

/** The kernel as magics see it. */
export interface KernelServices {
  /** User variables by name; writing here makes a name visible to later cells. */
  readonly variables: Record<string, unknown>;
  /** Shows a bundle in the cell that runs now (display_data). Returns its display id for {@link updateDisplay}. */
  display(bundle: MimeBundle, options?: { metadata?: Record<string, unknown>; displayId?: string }): string;
  updateDisplay(displayId: string, bundle: MimeBundle): void;
  clearOutput(wait?: boolean): void;
  /** Writes to the cell's stdout or stderr. */
  write(stream: 'stdout' | 'stderr', text: string): void;
  /** Shows text in the front end's pager. */
  page(bundle: MimeBundle): void;
  /** Puts text into the next cell (as %load and %rerun do). */
  setNextInput(text: string, replace?: boolean): void;
  /** Asks the user for a line of text. */
  input(prompt: string, options?: { password?: boolean }): Promise<string>;
  /**
   * Runs TypeScript (magics included) as part of the current cell and returns the value of its last expression.
   *
   * @param options.name what error positions call it, such as a file's name; the cell's own name unless given
   */
  evaluate(code: string, options?: { name?: string }): Promise<unknown>;
  /** Type and documentation of a name. */
  inspect(name: string): Promise<MimeBundle | null>;
  /**
   * Calls `finish` once the running cell's code has ended, well or not, and before its result is shown. What it returns is shown in
   * place of the result it gets (undefined after an error).
   */
  onCellEnd(finish: (result: unknown) => unknown): void;
  /** Gathers what the running cell writes and shows, instead of showing it. Returns the way to end that. */
  captureOutput(): () => CapturedOutput[];
  /** Goes to another folder: for files, imports and the compiler's options. */
  changeFolder(folder: string): void;
  /** Makes positions in a stack (or any text) those of cells as typed, and leaves the kernel's own frames out. */
  translateStack(text: string): string;
  /** Turns any value into its rich display, as the last expression of a cell is shown. */
  format(value: unknown): Promise<MimeBundle>;
  history(options?: {
    session?: number;
    start?: number;
    stop?: number;
    search?: string;
  }): Promise<HistoryEntry[]>;
  /** Names declared by the user so far, with their TypeScript types. */
  declaredNames(): { name: string; type: string }[];
  /** Forgets the user's variables and declarations. */
  reset(): void;
  /** Aborted when the user interrupts the running cell. A new one for every cell. */
  readonly signal: AbortSignal;
  typecheck: 'off' | 'warn' | 'error';
  readonly executionCount: number;
  readonly workingFolder: string;
  /** Opens a comm to the front end's target of that name (`jupyter.widget` for widgets). */
  openComm(
    targetName: string,
    data: Record<string, unknown>,
    options?: { buffers?: readonly Uint8Array[]; metadata?: Record<string, unknown> },
  ): Comm;
  /** Accepts comms that the front end opens under this name. */
  registerCommTarget(
    targetName: string,
    onOpen: (comm: Comm, data: Record<string, unknown>, buffers: readonly Uint8Array[]) => void,
  ): void;
}

/** What an extension adds to the kernel. */
export interface KernelExtension {
  transform?: CellTransform;
  assistant?: CellAssistant;
  /** Names that every cell sees, with their type declarations (ambient TypeScript). */
  globals?: { values: Record<string, unknown>; declarations: string };
  /**
   * Turns a value into its rich display, in place of the kernel's own text. Null for a value it leaves to the kernel. Values with a
   * `Symbol.for('Jupyter.display')` method of their own never get here.
   */
  format?: (value: unknown) => MimeBundle | null | Promise<MimeBundle | null>;
}

/** Loaded once at kernel start; `src/extension.ts` exports one. */
export type LoadExtension = (kernel: KernelServices) => Promise<KernelExtension> | KernelExtension;
