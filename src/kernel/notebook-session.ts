/**
 * The language side of the kernel: one notebook's cells, compiled and run in order, with completion and documentation. Knows what cells
 * mean, not how messages travel.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { inspect as inspectValue } from 'node:util';
import { packageRoot } from '../util/files';
import type { TransformedCell } from './cell-transform';
import type { Comms } from './comms';
import { formatValue, plainText } from './format-value';
import type { History } from './history';
import {
  type DisplayHandle,
  displayHandle,
  type GlobalActions,
  installGlobals,
  kernelGlobals,
} from './kernel-globals';
import type { SharedFlags } from './protocol/shared-flags';
import { type CellContext, currentCell } from './run/cell-context';
import { CellRunner, wrapWidth } from './run/cell-runner';
import { ModuleLoader } from './run/module-loader';
import type { Output } from './run/output';
import type { Tracebacks } from './run/traceback';
import type {
  CapturedOutput,
  HistoryEntry,
  KernelExtension,
  KernelServices,
  LoadExtension,
  MimeBundle,
} from './services';
import { CellCompiler } from './typescript/cell-compiler';
import { completeness } from './typescript/completeness';
import { inspectionBundle } from './typescript/inspection';

/** This package, importable in cells from any folder. */
const LIBRARY = 'live-cell-histology';

export interface SessionParts {
  flags: SharedFlags;
  output: Output;
  tracebacks: Tracebacks;
  comms: Comms;
  history: History;
  input(cell: CellContext, prompt: string, password: boolean): Promise<string>;
  prompt(cell: CellContext, message: string): string;
}

/** Completions as the protocol wants them, with offsets in UTF-16 units. */
export interface SessionCompletions {
  matches: string[];
  kinds: string[];
  start: number;
  end: number;
}

export class NotebookSession {
  readonly services: KernelServices;
  readonly runner: CellRunner;
  private readonly compiler: CellCompiler;
  private readonly loader: ModuleLoader;
  private evaluations = 0;

  private constructor(
    private readonly parts: SessionParts,
    private readonly extension: KernelExtension,
    private readonly extensionProblem: string | null,
    shell: SessionShell,
  ) {
    this.services = shell.services;
    const library = libraryFiles();
    const declarations = installGlobals(kernelGlobals(this.globalActions()), extension.globals);
    this.compiler = new CellCompiler({
      library: { name: LIBRARY, types: library.types },
      ambientDeclarations: declarations,
      guardLoops: process.env.LCH_LOOP_GUARD !== 'off',
    });
    this.loader = new ModuleLoader({
      folder: process.cwd(),
      builtIn: {
        [LIBRARY]: () => require(library.main),
        tslab: () => this.compiler.tslab.publicModule(),
      },
      resolve: (specifier, folder) => this.compiler.resolve(specifier, folder),
    });
    this.runner = new CellRunner(this.loader, parts.flags);
    this.compiler.tslab.setDisplayWriter(({ data, metadata, transient }, update) => {
      const displayId = transient?.display_id;
      if (update && displayId) parts.output.updateDisplay(displayId, data, metadata);
      else parts.output.display(data, { metadata, displayId });
    });
    shell.session = this;
  }

  /** Loads the extension and makes the session. A broken extension is reported in the first cell; the kernel works without it. */
  static async start(parts: SessionParts): Promise<NotebookSession> {
    const shell = new SessionShell(parts);
    let extension: KernelExtension = {};
    let problem: string | null = null;
    const { LCH_EXTENSION: chosen } = process.env;
    const file = chosen && chosen !== 'off' ? chosen : path.join(__dirname, '..', 'extension.js');
    if (chosen !== 'off' && existsSync(file)) {
      try {
        extension = await loadExtensionFrom(file)(shell.services);
      } catch (error) {
        problem = `The magics could not be loaded: ${inspectValue(error)}\n`;
      }
    }
    return new NotebookSession(parts, extension, problem, shell);
  }

  /** Loads the standard types, which the first cell needs. */
  warmUp(): void {
    this.compiler.warmUp();
  }

  /**
   * Compiles and runs a cell.
   *
   * @param source as typed
   * @returns the display of its last expression's value, or null
   * @throws whatever the cell throws, TypeScriptError, or InterruptedCell
   */
  async execute(source: string, cell: CellContext): Promise<MimeBundle | null> {
    if (this.extensionProblem !== null && cell.executionCount <= 1) {
      this.parts.output.write('stderr', this.extensionProblem);
    }
    const transformed = this.transform(source);
    const asked = /^\s*([A-Za-z_$][\w$.]*)\s*\?{1,2}\s*$/.exec(transformed.code);
    if (asked) {
      const page = await this.inspect(asked[1], asked[1].length);
      this.services.page(page ?? { 'text/plain': `${asked[1]} is not known` });
      return null;
    }
    let value: unknown;
    try {
      const running = this.run(source, transformed, cell.name, `${cell.name}.js`);
      value = (await this.runner.orInterrupted(running))?.value;
    } finally {
      for (const finish of cell.endings.reverse()) value = await finish(value);
    }
    if (value === undefined || value === null) return null;
    (globalThis as Record<string, unknown>)._ = value;
    return this.runner.orInterrupted(this.show(value));
  }

  async complete(source: string, offset: number): Promise<SessionCompletions> {
    const own = await this.extension.assistant?.complete?.(source, offset);
    if (own) return { ...own, kinds: own.matches.map(() => 'magic') };
    return this.compiler.complete({ ...this.transform(source), source }, offset);
  }

  async inspect(source: string, offset: number): Promise<MimeBundle | null> {
    const own = await this.extension.assistant?.inspect?.(source, offset);
    if (own) return own;
    const info = this.compiler.inspect({ ...this.transform(source), source }, offset);
    return info && inspectionBundle(info, this.compiler.tslab.printQuickInfo(info));
  }

  isComplete(source: string): { status: string; indent?: string } {
    const own = this.extension.assistant?.isComplete?.(source);
    if (own) return own;
    const { code } = this.transform(source);
    if (/^\s*[A-Za-z_$][\w$.]*\s*\?{1,2}\s*$/.test(code)) return { status: 'complete' };
    return completeness(code, this.compiler.tslab.isCompleteCode);
  }

  /** Runs code as part of the current cell, or of a file that errors shall name; the value of its last expression. */
  async evaluate(code: string, name = currentCell()?.name ?? 'Cell[0]'): Promise<unknown> {
    this.evaluations++;
    const result = await this.run(code, this.transform(code), name, `${name}.${this.evaluations}.js`);
    return result?.value;
  }

  /** A value's display; for one that wants to show nothing, its text. */
  async format(value: unknown): Promise<MimeBundle> {
    return (await this.show(value)) ?? { 'text/plain': plainText(value) };
  }

  private show(value: unknown): Promise<MimeBundle | null> {
    return formatValue(value, this.extension.format);
  }

  variable(name: string, value: unknown): void {
    this.compiler.declareName(name);
    this.runner.variables[name] = value;
  }

  declaredNames(): { name: string; type: string }[] {
    return this.compiler.declaredNames();
  }

  changeFolder(folder: string): void {
    const before = process.cwd();
    process.chdir(folder);
    if (process.cwd() === before) return;
    this.loader.changeFolder(process.cwd());
    this.compiler.changeFolder();
  }

  reset(): void {
    this.compiler.forgetDeclarations();
    this.runner.forgetVariables();
  }

  get typecheck(): KernelServices['typecheck'] {
    return this.compiler.tslab.facade.mode;
  }

  set typecheck(mode: KernelServices['typecheck']) {
    this.compiler.tslab.facade.mode = mode;
  }

  close(): void {
    this.compiler.close();
  }

  /**
   * @param name of the cell, as errors show it
   * @param scriptName what stacks call it before they are translated; another name, so that nothing is translated twice
   */
  private async run(
    source: string,
    transformed: TransformedCell,
    name: string,
    scriptName: string,
  ): Promise<{ value: unknown } | null> {
    const compiled = this.compiler.compile({ ...transformed, source, name });
    if (compiled === null) return null;
    if (compiled.warnings.length > 0) this.parts.output.write('stderr', `${compiled.warnings.join('\n')}\n`);
    const width = wrapWidth(compiled);
    this.parts.tracebacks.register(scriptName, {
      name,
      source,
      original: ({ line, column }) =>
        compiled.original({ line, column: line === 0 ? Math.max(0, column - width) : column }),
    });
    for (const { path: file, emitted } of compiled.modules) {
      if (!emitted) continue;
      const shown = path.relative(process.cwd(), file).replace(/\.js$/, path.extname(emitted.source));
      this.parts.tracebacks.register(file, {
        name: shown,
        source: null,
        original: (position) => emitted.original(position),
      });
    }
    await this.runner.prepareModules(compiled.script);
    return this.runner.run(compiled, scriptName);
  }

  private handle(displayId: string): DisplayHandle {
    return displayHandle(displayId, (bundle) => this.services.updateDisplay(displayId, bundle));
  }

  private transform(source: string): TransformedCell {
    return this.extension.transform?.(source) ?? { code: source, edits: [] };
  }

  private globalActions(): GlobalActions {
    const { output } = this.parts;
    return {
      display: (value, { displayId = randomUUID() } = {}) => {
        const shown = this.services
          .format(value)
          .then((bundle) => void output.display(bundle, { displayId }));
        requireCell('display').unfinished.push(shown);
        return this.handle(displayId);
      },
      displayRaw: (bundle, options) => this.handle(output.display(encodeBinary(bundle), options)),
      updateDisplay: (displayId, bundle) => output.updateDisplay(displayId, encodeBinary(bundle)),
      clearOutput: (wait) => output.clear(wait),
      input: (prompt, options) => this.services.input(prompt ?? '', options),
      prompt: (message) => this.parts.prompt(requireCell('prompt'), message ?? ''),
    };
  }
}

/** The services exist before the session, because the extension is loaded with them and the session needs the extension. */
class SessionShell {
  session!: NotebookSession;
  readonly services: KernelServices;

  constructor(parts: SessionParts) {
    const { output, history, comms } = parts;
    const session = () => this.session;
    const neverAborted = new AbortController().signal;
    this.services = {
      variables: new Proxy<Record<string, unknown>>(
        {},
        {
          get: (_, name) => session().runner.variables[name as string],
          set: (_, name, value) => {
            session().variable(name as string, value);
            return true;
          },
          has: (_, name) => name in session().runner.variables,
          deleteProperty: (_, name) => delete session().runner.variables[name as string],
          ownKeys: () =>
            // where tslab keeps a cell's value while it runs
            Reflect.ownKeys(session().runner.variables).filter(
              (name) => !/^tsLastExpr\d*$/.test(String(name)),
            ),
          getOwnPropertyDescriptor: (_, name) => {
            const found = Object.getOwnPropertyDescriptor(session().runner.variables, name);
            return found && { ...found, configurable: true };
          },
        },
      ),
      display: (bundle, options) => output.display(encodeBinary(bundle), options),
      updateDisplay: (displayId, bundle) => output.updateDisplay(displayId, encodeBinary(bundle)),
      clearOutput: (wait) => output.clear(wait),
      write: (stream, text) => output.write(stream, text),
      page: (bundle) => void currentCell()?.payload.push({ source: 'page', data: bundle, start: 0 }),
      setNextInput: (text, replace = false) =>
        void currentCell()?.payload.push({ source: 'set_next_input', text, replace }),
      input: (prompt, options) => parts.input(requireCell('input'), prompt, options?.password === true),
      evaluate: (code, options) => session().evaluate(code, options?.name),
      inspect: (name) => session().inspect(name, name.length),
      onCellEnd: (finish) => void requireCell('onCellEnd').endings.push(finish),
      captureOutput: () => {
        const { captures } = requireCell('captureOutput');
        const captured: CapturedOutput[] = [];
        captures.push(captured);
        return () => {
          captures.splice(captures.lastIndexOf(captured), 1);
          return captured;
        };
      },
      changeFolder: (folder) => session().changeFolder(folder),
      translateStack: (text) => parts.tracebacks.translate(text),
      format: (value) => session().format(value),
      history: async ({ session: number, start, stop, search } = {}): Promise<HistoryEntry[]> =>
        search === undefined ? history.range(number, start, stop) : history.search(search),
      declaredNames: () => session().declaredNames(),
      reset: () => session().reset(),
      get signal() {
        return currentCell()?.abort.signal ?? neverAborted;
      },
      get typecheck() {
        return session().typecheck;
      },
      set typecheck(mode) {
        session().typecheck = mode;
      },
      get executionCount() {
        return currentCell()?.executionCount ?? 0;
      },
      get workingFolder() {
        return process.cwd();
      },
      openComm: (targetName, data, options) => comms.openComm(targetName, data, options),
      registerCommTarget: (targetName, onOpen) => comms.registerTarget(targetName, onOpen),
    };
  }
}

function requireCell(who: string): CellContext {
  const cell = currentCell();
  if (!cell) throw new Error(`${who} works inside a cell only`);
  return cell;
}

function encodeBinary(bundle: MimeBundle): MimeBundle {
  return Object.fromEntries(
    Object.entries(bundle).map(([mime, content]) => [
      mime,
      content instanceof Uint8Array ? Buffer.from(content).toString('base64') : content,
    ]),
  );
}

function loadExtensionFrom(file: string): LoadExtension {
  const loaded = require(file) as Record<string, unknown>;
  const candidates = [loaded.default, loaded.loadExtension, loaded.load, loaded];
  const load = candidates.find((candidate) => typeof candidate === 'function');
  if (!load) throw new Error(`${file} exports no function loadExtension`);
  return load as LoadExtension;
}

/** Where cells find this package: built, or another folder named by `LCH_LIBRARY` (for tests). */
function libraryFiles(): { main: string; types: string } {
  const folder = process.env.LCH_LIBRARY ?? path.join(packageRoot(), 'dist');
  return { main: path.join(folder, 'index.js'), types: path.join(folder, 'index.d.ts') };
}
