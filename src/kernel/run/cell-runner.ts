/** Runs compiled cells: gives them their variables and modules, waits for them, and stops them when the user asks. */
import vm from 'node:vm';
import { Activity, Flag, type SharedFlags } from '../protocol/shared-flags';
import type { CompiledCell } from '../typescript/cell-compiler';
import { GUARD_CALL, GUARD_FLAG } from '../typescript/loop-guard';
import { type CellContext, currentCell } from './cell-context';
import { createCellVariables } from './cell-variables';
import { InterruptedCell } from './interrupted-cell';
import type { ModuleLoader } from './module-loader';

/** Global name of what cells are called with; the same as in tslab. */
const CELL_SCOPE = '__tslab__';

// After an interrupt, loops that the cell left running look at the flag for so long.
const STOP_LOOPS_MILLISECONDS = 3000;

export class CellRunner {
  readonly variables = createCellVariables();
  private interruptWaiting: ((reason: InterruptedCell) => void) | null = null;
  private stopLoopsTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly loader: ModuleLoader,
    private readonly flags: SharedFlags,
  ) {
    const hide = (name: string, value: unknown) => Object.defineProperty(globalThis, name, { value });
    hide(CELL_SCOPE, { exports: this.variables, require: loader.require });
    hide(GUARD_FLAG, flags.flags);
    hide(GUARD_CALL, () => this.stopIfInterrupted());
  }

  /**
   * Runs one cell to its end.
   *
   * @returns the value of its last expression, if it ends in one
   * @throws whatever the cell throws; InterruptedCell when it was stopped
   */
  async run(cell: CompiledCell, scriptName: string): Promise<{ value: unknown } | null> {
    this.loader.update(cell.modules);
    const script = new vm.Script(wrap(cell), {
      filename: scriptName,
      importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    const before = { ...this.variables };
    try {
      const finished = this.runSynchronously(script);
      if (cell.isAsync) await this.orInterrupted(finished as Promise<void>);
    } catch (error) {
      this.restoreLost(before, cell);
      throw isBrokenBySignal(error) ? new InterruptedCell() : error;
    }
    if (cell.resultName === undefined) return null;
    const value = this.variables[cell.resultName];
    delete this.variables[cell.resultName];
    return { value };
  }

  /** Imports what `require` cannot load, before the cell runs. */
  prepareModules(script: string): Promise<void> {
    return this.loader.prepare(script);
  }

  /** Waits for `work`, unless the user interrupts; then throws InterruptedCell and leaves the work to itself. */
  async orInterrupted<T>(work: Promise<T>): Promise<T> {
    const outer = this.interruptWaiting;
    const interrupted = new Promise<never>((_, reject) => {
      this.interruptWaiting = (reason) => {
        reject(reason);
        outer?.(reason);
      };
    });
    try {
      return await Promise.race([work, interrupted]);
    } finally {
      this.interruptWaiting = outer;
      work.catch(() => {}); // what it does after an interrupt concerns nobody
    }
  }

  /** Stops the running cell at its await, and the loops it leaves behind. */
  interrupt(cell: CellContext): void {
    cell.interrupted = true;
    cell.abort.abort(new InterruptedCell());
    this.flags.set(Flag.STOP_LOOPS, 1);
    clearTimeout(this.stopLoopsTimer);
    this.stopLoopsTimer = setTimeout(() => this.flags.set(Flag.STOP_LOOPS, 0), STOP_LOOPS_MILLISECONDS);
    this.stopLoopsTimer.unref();
    this.interruptWaiting?.(new InterruptedCell());
  }

  forgetVariables(): void {
    for (const name of Object.keys(this.variables)) delete this.variables[name];
    this.loader.forget();
  }

  /**
   * A cell's variables begin as undefined. Those that it did not come to set before it threw get their earlier values and types back,
   * as if their declarations had not been reached.
   */
  private restoreLost(before: Record<string, unknown>, cell: CompiledCell): void {
    const lost = Object.keys(before).filter(
      (name) => before[name] !== undefined && this.variables[name] === undefined,
    );
    for (const name of lost) this.variables[name] = before[name];
    if (lost.length > 0) cell.undeclare(new Set(lost));
  }

  private runSynchronously(script: vm.Script): unknown {
    const before = this.flags.get(Flag.ACTIVITY);
    this.flags.set(Flag.ACTIVITY, Activity.SYNCHRONOUS);
    try {
      return script.runInThisContext({ breakOnSigint: true });
    } finally {
      this.flags.set(Flag.ACTIVITY, before);
    }
  }

  /** Called by guarded loops while the flag is up: only code of the interrupted cell stops. */
  private stopIfInterrupted(): void {
    const cell = currentCell();
    const isBlocking = this.flags.get(Flag.INTERRUPT) === 1;
    if (cell && isBlocking) cell.interrupted = true;
    if (cell?.interrupted) throw new InterruptedCell();
  }
}

/** A function, so that `let` and `const` can be declared anew in each cell, and local variables are fast. */
function wrap(cell: CompiledCell): string {
  return `${wrapHead(cell)}${cell.script}\n})(${CELL_SCOPE}.exports, ${CELL_SCOPE}.require)`;
}

function wrapHead(cell: CompiledCell): string {
  return `(${cell.isAsync ? 'async ' : ''}function (exports, require) { `;
}

/** Columns by which the function around a cell shifts the cell's first line. */
export function wrapWidth(cell: CompiledCell): number {
  return wrapHead(cell).length;
}

function isBrokenBySignal(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
}
