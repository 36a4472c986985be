/**
 * Compiles cells one after the other: keeps the declarations of all earlier ones, so that each cell is checked against them, and gives
 * JavaScript with a way back to the positions that the user typed.
 */
import path from 'node:path';
import ts from 'typescript';
import { CellOffsets, type LineAndColumn } from '../cell-offsets';
import type { TransformedCell } from '../cell-transform';
import { Flag } from '../protocol/shared-flags';
import { cellCompilerOptions, type LibraryTypes } from './compiler-options';
import { type DeclaredName, declaredNames, restoreDeclarations } from './declarations';
import { formatDiagnostics } from './diagnostics';
import { loopGuard } from './loop-guard';
import { EmittedFile } from './position-map';
import { type Converter, loadTslab, sideOutputPath, type Tslab } from './tslab';

/** A cell's way through the compiler. */
export interface CellInput extends TransformedCell {
  /** As typed. */
  source: string;
  /** As error messages call it: `Cell[8]`. */
  name: string;
}

export interface CompiledCell {
  /** Body of a function of `exports` and `require`. */
  script: string;
  isAsync: boolean;
  /** Name under which `exports` holds the value of the last expression. */
  resultName?: string;
  /** Local modules that the cell imports and that have changed. */
  modules: CompiledModule[];
  /** Type errors that were let through, formatted. */
  warnings: string[];
  /** Gives names their declarations of before this cell back, after it failed to give them new values. */
  undeclare(names: ReadonlySet<string>): void;
  /** Position in `script` → position in the cell as typed (all from 0). */
  original(position: LineAndColumn): LineAndColumn | null;
}

export interface CompiledModule {
  /** Where it would lie as JavaScript. */
  path: string;
  code: string;
  /** The TypeScript file and the way back to it. */
  emitted: EmittedFile | null;
}

/** A cell that does not compile. `lines` show it as a compiler would. */
export class TypeScriptError extends Error {
  override readonly name = 'TypeScriptError';

  constructor(
    message: string,
    readonly lines: readonly string[],
  ) {
    super(message);
  }
}

/** A completion list in the cell as typed. */
export interface Completions {
  matches: string[];
  /** Kind of each match, as TypeScript names them (`function`, `property` …). */
  kinds: string[];
  start: number;
  end: number;
}

export interface CompilerSettings {
  library: LibraryTypes;
  /** Ambient declarations of the kernel's and its extension's global names. */
  ambientDeclarations: string;
  guardLoops: boolean;
}

/** Compiler codes of "cannot find module": a package may have been installed since. */
const MISSING_MODULE = new Set([2307, 2792, 7016, 2732]);

export class CellCompiler {
  readonly tslab: Tslab;
  private converterOrNull: Converter | null = null;
  /** Declarations of all cells so far, as one .d.ts. */
  private declarations = '';
  private emitted: EmittedFile[] = [];

  constructor(private readonly settings: CompilerSettings) {
    this.tslab = loadTslab({
      compilerOptions: (defaults, folder) => cellCompilerOptions(defaults, folder, settings.library),
      ambientDeclarations: () => settings.ambientDeclarations,
      transformers: () => (settings.guardLoops ? { before: [loopGuard(Flag.STOP_LOOPS)] } : {}),
      onSourceMaps: (toModule, toCommonJs) => this.emitted.push(new EmittedFile(toModule, toCommonJs)),
    });
  }

  /** Loads the standard library's types, which takes most of a second, unless it is done. */
  warmUp(): void {
    this.converter().convert('', 'const warmUp = 1;\nwarmUp');
  }

  /**
   * Compiles a cell. Its declarations count from here on, even if it throws when it runs.
   *
   * @throws TypeScriptError when it does not compile
   */
  compile(cell: CellInput): CompiledCell | null {
    const meta = this.tslab.getCodeMetadata(cell.code);
    if (meta.module !== undefined) {
      this.addModule(meta.module, cell, meta);
      return null;
    }
    const code = blankExportKeywords(cell.code);
    const offsets = new CellOffsets(cell.source, code, cell.edits);
    let result = this.convert(code);
    if (this.tslab.facade.lastCheck.errors.some((error) => MISSING_MODULE.has(error.code))) {
      this.restartConverter();
      result = this.convert(code);
    }
    const { errors, warnings } = this.tslab.facade.lastCheck;
    if (errors.length > 0 || result.diagnostics.length > 0) {
      throw new TypeScriptError(
        errors.length > 0
          ? ts.flattenDiagnosticMessageText(errors[0].messageText, '\n')
          : result.diagnostics[0].messageText,
        formatDiagnostics(errors, cell, offsets),
      );
    }
    const previous = this.declarations;
    this.declarations = result.declOutput ?? '';
    const ofCell = this.emitted.find((file) => file.source.endsWith('__tslab__.ts'));
    const lines = (result.output ?? '').trimEnd().split('\n').length;
    return {
      script: result.output ?? '',
      isAsync: result.hasToplevelAwait === true,
      resultName: result.lastExpressionVar,
      modules: (result.sideOutputs ?? []).map(({ path: reported, data }) => {
        const file = sideOutputPath(process.cwd(), reported);
        return { path: file, code: data, emitted: this.emittedFor(file) };
      }),
      warnings: formatDiagnostics(warnings, cell, offsets),
      undeclare: (names) => {
        this.declarations = restoreDeclarations(this.declarations, previous, names);
      },
      original(position) {
        const inCode = position.line < lines ? ofCell?.original(position) : null;
        // the first line of a compiled cell is tslab's own
        return inCode && inCode.line > 0
          ? offsets.positionInSource({ ...inCode, line: inCode.line - 1 })
          : null;
      },
    };
  }

  complete(cell: TransformedCell & { source: string }, offset: number): Completions {
    const offsets = new CellOffsets(cell.source, cell.code, cell.edits);
    const found = this.converter().complete(this.declarations, cell.code, offsets.toCode(offset));
    const kinds = new Map<string, string>(
      (found.original?.entries ?? []).map((entry: { name: string; kind: string }) => [
        entry.name,
        entry.kind,
      ]),
    );
    const matches = found.candidates.filter((name) => !isInternalName(name));
    return {
      matches,
      kinds: matches.map((name) => kinds.get(name) ?? ''),
      start: offsets.toSource(found.start),
      end: offsets.toSource(found.end),
    };
  }

  /** Type and documentation at a position, or of the function whose arguments it is in. */
  inspect(cell: TransformedCell & { source: string }, offset: number): ts.QuickInfo | null {
    const at = new CellOffsets(cell.source, cell.code, cell.edits).toCode(offset);
    const places = [at, at - 1, calleeBefore(cell.code, at)].filter((place) => place >= 0);
    for (const place of places) {
      const info = this.converter().inspect(this.declarations, cell.code, place) as ts.QuickInfo | undefined;
      if (info) return info;
    }
    return null;
  }

  /** Names that cells have declared, with their types as declared. */
  declaredNames(): DeclaredName[] {
    return declaredNames(this.declarations);
  }

  /** Makes a name visible to later cells that no cell has declared. */
  declareName(name: string): void {
    if (this.declaredNames().some((declared) => declared.name === name)) return;
    this.declarations += `${this.declarations.endsWith('\n') || this.declarations === '' ? '' : '\n'}declare let ${name}: any;\n`;
  }

  forgetDeclarations(): void {
    this.declarations = '';
  }

  /** Path of the code (not the types) that an import means, as TypeScript resolves it: `import` conditions and tsconfig.json's paths. */
  resolve(specifier: string, fromFolder: string): string | undefined {
    const options = cellCompilerOptions({}, process.cwd(), this.settings.library);
    const found = ts.resolveModuleName(
      specifier,
      path.posix.join(fromFolder, '__tslab__.ts'),
      { ...options, allowJs: true, noDtsResolution: true },
      ts.sys,
    );
    return found.resolvedModule?.resolvedFileName;
  }

  /** Compiles from the process's folder as it is now: its modules, its tsconfig.json. */
  changeFolder(): void {
    this.restartConverter();
  }

  close(): void {
    this.converterOrNull?.close();
  }

  private convert(code: string): ReturnType<Converter['convert']> {
    this.emitted = [];
    this.tslab.facade.lastCheck = { errors: [], warnings: [] };
    return this.converter().convert(this.declarations, code);
  }

  private addModule(name: string, cell: CellInput, meta: { jsx?: true }): void {
    const problems = this.converter().addModule(name, cell.code, meta);
    if (problems.length === 0) return;
    throw new TypeScriptError(
      problems[0].messageText,
      problems.map(
        ({ start, code, messageText }) =>
          `${cell.name}:${start.line + 1}:${start.character + 1} - error TS${code}: ${messageText}`,
      ),
    );
  }

  private emittedFor(javaScriptPath: string): EmittedFile | null {
    const stem = path.posix.basename(javaScriptPath).replace(/\.js$/, '');
    return (
      this.emitted.find((file) => path.posix.basename(file.source).replace(/\.[jt]sx?$/, '') === stem) ?? null
    );
  }

  private converter(): Converter {
    this.converterOrNull ??= this.tslab.createConverter();
    return this.converterOrNull;
  }

  private restartConverter(): void {
    this.converterOrNull?.close();
    this.converterOrNull = null;
  }
}

/**
 * In a notebook everything a cell declares is visible later, so `export` before a declaration means nothing; it is replaced by spaces,
 * which keeps all positions.
 */
function blankExportKeywords(code: string): string {
  if (!/\bexport\b/.test(code)) return code;
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest);
  let blanked = code;
  const blank = (start: number, end: number) => {
    blanked = blanked.slice(0, start) + ' '.repeat(end - start) + blanked.slice(end);
  };
  for (const statement of file.statements) {
    if (ts.isExportAssignment(statement) && !statement.isExportEquals) {
      blank(statement.getStart(file), statement.expression.getStart(file));
    }
    for (const modifier of ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []) {
      const isExport = modifier.kind === ts.SyntaxKind.ExportKeyword;
      const isDefault = modifier.kind === ts.SyntaxKind.DefaultKeyword;
      if (isExport || isDefault) blank(modifier.getStart(file), modifier.end);
    }
  }
  return blanked;
}

/** Where the name of the called function ends whose argument list holds `offset`; -1 outside of calls. */
function calleeBefore(code: string, offset: number): number {
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest, true);
  let found = -1;
  const visit = (node: ts.Node) => {
    if (node.pos > offset || node.end < offset) return;
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && node.expression.end < offset) {
      found = node.expression.end - 1;
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isInternalName(name: string): boolean {
  return name.startsWith('__lch_') || /^tsLastExpr\d*$/.test(name);
}
