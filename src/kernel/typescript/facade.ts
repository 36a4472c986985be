/**
 * TypeScript as published, presented to tslab as the fork it was written for (`@tslab/typescript-for-tslab`, TypeScript 5.0.4).
 *
 * The fork adds six functions and one compiler option. They are rebuilt here on TypeScript's own internals, so that cells are compiled
 * by the current TypeScript. Two things go beyond the fork: diagnostics are kept as TypeScript made them (tslab flattens them), and type
 * errors can be let through (`%typecheck`).
 */
import path from 'node:path';
import ts from 'typescript';

export type TypecheckMode = 'off' | 'warn' | 'error';

/** What the last compilation found, as TypeScript's own diagnostics. */
export interface CheckReport {
  /** These stopped the cell. */
  errors: ts.Diagnostic[];
  /** Type errors that were let through because the mode is `warn`. */
  warnings: ts.Diagnostic[];
}

/** Internals that TypeScript exports without declaring them. */
interface TypeScriptInternals {
  nullTransformationContext: ts.TransformationContext;
  getEmitDeclarations(options: ts.CompilerOptions): boolean;
  getTouchingPropertyName(file: ts.SourceFile, position: number): ts.Node;
  createTextSpanFromNode(node: ts.Node, file: ts.SourceFile): ts.TextSpan;
  getContainerNode(node: ts.Node): ts.Node | undefined;
  typeToDisplayParts(checker: ts.TypeChecker, type: ts.Type, enclosing?: ts.Node): ts.SymbolDisplayPart[];
  SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: ts.TypeChecker,
      symbol: ts.Symbol,
      file: ts.SourceFile,
      enclosing: ts.Node | undefined,
      location: ts.Node,
    ): {
      symbolKind: ts.ScriptElementKind;
      displayParts: ts.SymbolDisplayPart[];
      documentation: ts.SymbolDisplayPart[];
      tags?: ts.JSDocTagInfo[];
    };
    getSymbolModifiers(checker: ts.TypeChecker, symbol: ts.Symbol): string;
  };
  Completions: { getCompletionsAtPosition(...args: unknown[]): ts.CompletionInfo | undefined };
}

const internals = ts as unknown as TypeScriptInternals;

/** Diagnostic 1308 on a top-level await is how the fork tells tslab to wrap a cell in an async function. */
const AWAIT_OUTSIDE_ASYNC = 1308;

/**
 * Complaints that a declaration file with a variable's type would not work on another machine: a type from the depths of a package (2742, 4023,
 * 4058), a type too long to write (7056), a unique symbol (2527). A cell's declarations never leave the kernel, so none of them matters here.
 */
const NOT_PORTABLE = new Set([2742, 2527, 4023, 4058, 7056]);

/** The module that takes the fork's place, and the switches behind it. */
export interface Facade {
  /** A plain, patchable copy of TypeScript's exports plus what the fork adds. */
  module: Record<string, unknown>;
  mode: TypecheckMode;
  lastCheck: CheckReport;
}

export function createFacade(): Facade {
  // TypeScript remembers its first answer, but a notebook may go to another folder
  ts.sys.getCurrentDirectory = () => process.cwd();
  const facade: Facade = { module: { ...ts }, mode: 'error', lastCheck: { errors: [], warnings: [] } };
  Object.assign(facade.module, {
    getNullTransformationContext: () => internals.nullTransformationContext,
    getDefaultTypeRoots,
    getQuickInfoAtPosition,
    isExpressionStatement: isExpressionOfUser,
    getPreEmitDiagnosticsOfFiles: (program: ts.Program, files: readonly ts.SourceFile[]) =>
      collectDiagnostics(facade, program, files),
    Completions: {
      ...internals.Completions,
      // the fork's variant takes a cancellation token where TypeScript takes formatting options first
      getCompletionsAtPositionForTslab: (
        _host: unknown,
        program: ts.Program,
        log: unknown,
        file: ts.SourceFile,
        position: number,
        preferences: unknown,
        trigger: unknown,
        triggerKind: unknown,
        token: unknown,
      ) =>
        internals.Completions.getCompletionsAtPosition(
          completionHost(program),
          program,
          log,
          file,
          position,
          preferences,
          trigger,
          triggerKind,
          token,
          undefined,
        ),
    },
  });
  return facade;
}

/** All `node_modules/@types` from `folder` upwards, as the TypeScript 5.0 function of this name listed them. */
function getDefaultTypeRoots(folder: string): string[] {
  const roots: string[] = [];
  for (let at = folder; ; at = path.posix.dirname(at)) {
    roots.push(path.posix.join(at, 'node_modules/@types'));
    if (path.posix.dirname(at) === at) break;
  }
  return roots.filter((root) => ts.sys.directoryExists(root));
}

function collectDiagnostics(
  facade: Facade,
  program: ts.Program,
  files: readonly ts.SourceFile[],
): readonly ts.Diagnostic[] {
  const errors: ts.Diagnostic[] = [
    ...program.getConfigFileParsingDiagnostics(),
    ...program.getOptionsDiagnostics(),
  ];
  const warnings: ts.Diagnostic[] = [];
  const awaits: ts.Diagnostic[] = [];
  const typeErrors = facade.mode === 'warn' ? warnings : errors;
  if (facade.mode !== 'off') typeErrors.push(...program.getGlobalDiagnostics());
  for (const file of files) {
    errors.push(...program.getSyntacticDiagnostics(file));
    if (facade.mode !== 'off') {
      typeErrors.push(...program.getSemanticDiagnostics(file));
      if (internals.getEmitDeclarations(program.getCompilerOptions())) {
        const unwritable = program.getDeclarationDiagnostics(file);
        typeErrors.push(...unwritable.filter(({ code }) => !NOT_PORTABLE.has(code)));
        if (unwritable.some(({ code }) => NOT_PORTABLE.has(code))) writeDeclarationsAnyway(program);
      }
    }
    const awaitAt = isCell(file) ? findTopLevelAwait(file) : undefined;
    if (awaitAt !== undefined) {
      awaits.push({
        file,
        start: awaitAt,
        length: 'await'.length,
        code: AWAIT_OUTSIDE_ASYNC,
        category: ts.DiagnosticCategory.Error,
        messageText: 'await',
      });
    }
  }
  facade.lastCheck = {
    errors: [...ts.sortAndDeduplicateDiagnostics(errors)].filter((diagnostic) => diagnostic.file),
    warnings: [...ts.sortAndDeduplicateDiagnostics(warnings)].filter((diagnostic) => diagnostic.file),
  };
  return ts.sortAndDeduplicateDiagnostics([...errors, ...awaits]);
}

/** Makes the program write declarations in spite of complaints about them; without, the cell's names would be lost to later cells. */
function writeDeclarationsAnyway(program: ts.Program): void {
  type Emit = (...args: [...Parameters<ts.Program['emit']>, forceDeclarations: boolean]) => ts.EmitResult;
  const emit = program.emit as Emit;
  program.emit = (file, write, token, onlyDeclarations, transformers) =>
    emit(file, write, token, onlyDeclarations, transformers, true);
}

/**
 * tslab takes a cell's last expression statement for its value. Newer TypeScript emits an enum or namespace as a bare call, which is none.
 */
function isExpressionOfUser(node: ts.Node): node is ts.ExpressionStatement {
  const original = ts.getOriginalNode(node);
  return (
    ts.isExpressionStatement(node) && !ts.isEnumDeclaration(original) && !ts.isModuleDeclaration(original)
  );
}

function isCell(file: ts.SourceFile): boolean {
  return /__tslab__\.[jt]s$/.test(file.fileName);
}

/** Position of the first `await` that belongs to the cell itself: not inside a function, a namespace or a static block. */
export function findTopLevelAwait(file: ts.SourceFile): number | undefined {
  if (!file.text.includes('await')) return undefined;
  const visit = (node: ts.Node): number | undefined => {
    if (ts.isFunctionLike(node) || ts.isModuleDeclaration(node) || ts.isClassStaticBlockDeclaration(node)) {
      // a computed member name or a parameter's decorator could still hold one; such cells are not worth the search
      return undefined;
    }
    if (ts.isAwaitExpression(node)) return node.getStart(file);
    if (ts.isForOfStatement(node) && node.awaitModifier) return node.awaitModifier.getStart(file);
    if (
      ts.isVariableDeclarationList(node) &&
      (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing
    ) {
      return node.getStart(file);
    }
    return ts.forEachChild(node, visit);
  };
  return visit(file);
}

/** What hovering shows: TypeScript's language service does the same, but on a service instead of a program. */
function getQuickInfoAtPosition(
  file: ts.SourceFile,
  checker: ts.TypeChecker,
  _token: unknown,
  position: number,
): ts.QuickInfo | undefined {
  const touched = internals.getTouchingPropertyName(file, position);
  if (touched === file) return undefined;
  const { parent } = touched;
  // on the word `new`, what is constructed is meant
  const location = ts.isNewExpression(parent) && touched.pos === parent.pos ? parent.expression : touched;
  const symbol = checker.getSymbolAtLocation(location);
  const textSpan = internals.createTextSpanFromNode(location, file);
  const container = internals.getContainerNode(location);
  if (!symbol || checker.isUnknownSymbol(symbol)) {
    if (!hasTypeOfItsOwn(location)) return undefined;
    const type = checker.getTypeAtLocation(location);
    return {
      kind: ts.ScriptElementKind.unknown,
      kindModifiers: '',
      textSpan,
      displayParts: internals.typeToDisplayParts(checker, type, container),
      documentation: type.symbol?.getDocumentationComment(checker),
      tags: type.symbol?.getJsDocTags(checker),
    };
  }
  const info = internals.SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(
    checker,
    symbol,
    file,
    container,
    location,
  );
  return {
    kind: info.symbolKind,
    kindModifiers: internals.SymbolDisplay.getSymbolModifiers(checker, symbol),
    textSpan,
    displayParts: info.displayParts,
    documentation: info.documentation,
    tags: info.tags,
  };
}

function hasTypeOfItsOwn(node: ts.Node): boolean {
  return (
    ts.isIdentifier(node) ||
    ts.isPropertyAccessExpression(node) ||
    node.kind === ts.SyntaxKind.ThisKeyword ||
    node.kind === ts.SyntaxKind.SuperKeyword
  );
}

/** Lets completion inside import paths look at the disk. */
function completionHost(program: ts.Program): Record<string, unknown> {
  const { sys } = ts;
  return {
    getCurrentDirectory: () => program.getCurrentDirectory(),
    getCompilationSettings: () => program.getCompilerOptions(),
    useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
    fileExists: sys.fileExists,
    readFile: sys.readFile,
    readDirectory: sys.readDirectory,
    directoryExists: sys.directoryExists,
    getDirectories: sys.getDirectories,
    realpath: sys.realpath,
  };
}
