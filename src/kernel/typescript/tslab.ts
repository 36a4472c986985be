/**
 * Everything we take from tslab, and every place where we reach into it. No other file names tslab's modules.
 *
 * tslab 1.0.22 gives the meaning of a cell: how variables live from cell to cell, which types they keep, when a cell is complete, what
 * completion and hovering show. Its compiler, a fork of TypeScript 5.0, is replaced before tslab loads; four functions of that compiler
 * are the hooks through which cells get our compiler options, loop guards and source maps. tslab itself is left as published, which is
 * why its version is pinned; {@link checkTslab} tells what no longer fits when it is not.
 */
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import type { Converter } from 'tslab/dist/converter';
import type * as tslabJupyter from 'tslab/dist/jupyter';
import ts from 'typescript';
import { BackendError } from '../../util/errors';
import { type CellProgramHost, createCellProgram } from './cell-program';
import { createFacade, type Facade } from './facade';

export type { Converter, ConvertResult, SideOutput } from 'tslab/dist/converter';

const TSLAB_VERSION = '1.0.22';
const FORK = '@tslab/typescript-for-tslab';
/** tslab calls `transpileModule` under this file name to turn an emitted ES module into CommonJS. */
const COMMONJS_STAGE = 'custom.js';
/** tslab's file with the declarations of all cells before. */
const EARLIER_CELLS = '/__prev__.d.ts';
/** tslab sets its root folder to the notebook's, so that `../x.ts` cannot be emitted. Files from outside get this folder instead. */
const OUTSIDE = '__outside__';

/** What we decide inside tslab. */
export interface TslabHooks {
  /** Compiler options, from tslab's own. */
  compilerOptions(defaults: ts.CompilerOptions, folder: string): ts.CompilerOptions;
  /** Declarations that every cell sees; read once per converter. */
  ambientDeclarations(): string;
  /** Transforms cells and local modules as they become CommonJS. */
  transformers(): ts.CustomTransformers;
  /** Source maps of one emitted file: TypeScript → ES module → CommonJS. */
  onSourceMaps(toModule: string, toCommonJs: string): void;
}

export interface Tslab {
  facade: Facade;
  createConverter(): Converter;
  isCompleteCode(code: string): { completed: boolean; indent?: string };
  /** `@module name` and `@browser` in a cell's first comment. */
  getCodeMetadata(code: string): { mode?: 'node' | 'browser'; module?: string; jsx?: true };
  printQuickInfo(info: ts.QuickInfo): string;
  /** What `import … from 'tslab'` gives in a cell. */
  publicModule(): unknown;
  /** Where `tslab.display` writes. */
  setDisplayWriter(write: (content: TslabDisplay, update: boolean) => void): void;
}

/** Content of display_data as tslab's `display` makes it. */
export interface TslabDisplay {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  transient?: { display_id?: string };
}

/**
 * Loads tslab over the current TypeScript. Once per process: tslab keeps its compiler in module variables.
 *
 * @throws BackendError when tslab is not the version that the hooks were written for
 */
export function loadTslab(hooks: TslabHooks): Tslab {
  const manifest = require.resolve('tslab/package.json');
  const facade = createHookedFacade(hooks);
  installInsteadOfFork(manifest, facade.module);

  const requireTslab = createRequire(manifest);
  const converter = requireTslab('./dist/converter.js') as typeof import('tslab/dist/converter');
  const metadata = requireTslab('./dist/metadata.js') as typeof import('tslab/dist/metadata');
  const inspect = requireTslab('./dist/inspect.js') as { printQuickInfo(info: ts.QuickInfo): string };
  checkTslab(requireTslab('./package.json').version, { ...converter, ...metadata, ...inspect });
  return {
    facade,
    createConverter: () => converter.createConverter({ isJS: false, isBrowser: false }),
    isCompleteCode: converter.isCompleteCode,
    getCodeMetadata: metadata.getCodeMetadata,
    printQuickInfo: inspect.printQuickInfo,
    publicModule: () => requireTslab('tslab'),
    setDisplayWriter(write) {
      const jupyter = requireTslab('./dist/jupyter.js') as {
        -readonly [K in keyof typeof tslabJupyter]: unknown;
      };
      jupyter.lastWriteDisplayData = write;
    },
  };
}

/** The compiler that tslab gets. Exported for running tslab's own test suites against it. */
export function createHookedFacade(hooks: TslabHooks): Facade {
  const facade = createFacade();
  hookWatchCompilerHost(facade.module, hooks);
  hookTranspileModule(facade.module, hooks);
  return facade;
}

/** Explains a tslab that is not what the hooks expect. @throws BackendError naming what is missing */
export function checkTslab(version: string, exports: Record<string, unknown>): void {
  const needed = [
    'createConverter',
    'isCompleteCode',
    'esModuleToCommonJSModule',
    'getCodeMetadata',
    'printQuickInfo',
  ];
  const missing = needed.filter((name) => typeof exports[name] !== 'function');
  if (version === TSLAB_VERSION && missing.length === 0) return;
  throw new BackendError(
    `the kernel is built on tslab ${TSLAB_VERSION}, found ${version}` +
      (missing.length > 0 ? ` without ${missing.join(', ')}` : '') +
      `; run npm install tslab@${TSLAB_VERSION} --save-exact`,
  );
}

/** TypeScript's exports cannot be patched in place (they are fixed getters), so a plain copy takes the fork's seat in the module cache. */
function installInsteadOfFork(manifest: string, exports: Record<string, unknown>): void {
  const file = createRequire(manifest).resolve(FORK);
  const seat = new Module(file);
  seat.filename = file;
  seat.loaded = true;
  seat.exports = exports;
  require.cache[file] = seat;
}

function hookWatchCompilerHost(module: Record<string, unknown>, hooks: TslabHooks): void {
  module.createWatchCompilerHost = (
    rootFiles: string[],
    defaults: ts.CompilerOptions,
    system: ts.System,
  ): CellProgramHost => {
    const folder = system.getCurrentDirectory();
    const ambientFile = path.posix.join(folder, '__kernel__.d.ts');
    const ambientText = hooks.ambientDeclarations();
    const { readFile, fileExists, watchFile } = system;
    system.readFile = (file, encoding) => (file === ambientFile ? ambientText : readFile(file, encoding));
    system.fileExists = (file) => file === ambientFile || fileExists(file);
    // thousands of watched library files would cost file handles and start-up time; a failed import looks again by itself
    system.watchFile = (file, callback, interval, options) =>
      isLibraryFile(file) || file === ambientFile || !watchFile
        ? { close() {} }
        : watchFile(file, callback, interval, options);
    return withEmitNames(
      { rootFiles: [...rootFiles, ambientFile], options: hooks.compilerOptions(defaults, folder), system },
      folder,
    );
  };
  module.createWatchProgram = createCellProgram;
}

function isLibraryFile(file: string): boolean {
  return /[\\/]node_modules[\\/]/.test(file);
}

/**
 * The root folder of the compilation is the root of the disk, so that files above the notebook compile too; tslab expects emitted names
 * as if it were the notebook's folder. Translates between the two when tslab takes its program.
 */
function withEmitNames(host: CellProgramHost, folder: string): CellProgramHost {
  const inside = path.posix.join('outDir', folder.slice(path.parse(folder).root.length)) + '/';
  const rename = (file: string) =>
    file.startsWith(inside)
      ? path.posix.join('outDir', file.slice(inside.length))
      : file.startsWith('outDir/')
        ? path.posix.join('outDir', OUTSIDE, file.slice('outDir/'.length))
        : file;
  let afterProgramCreate: CellProgramHost['afterProgramCreate'];
  return Object.defineProperty(host, 'afterProgramCreate', {
    get: () => afterProgramCreate,
    set(takeBuilder: NonNullable<CellProgramHost['afterProgramCreate']>) {
      afterProgramCreate = (builder) => {
        const { emit } = builder;
        builder.emit = (file, write, token, declarationsOnly, transformers) =>
          emit(
            file,
            write && ((name, ...args) => write(rename(name), ...args)),
            token,
            declarationsOnly,
            withLongProperties(transformers, builder.getProgram().getTypeChecker()),
          );
        takeBuilder(builder);
      };
    },
  });
}

/**
 * Writes `{ a }` as `{ a: exports.a }` where `a` is a variable of an earlier cell. tslab does so wherever such a variable stands by
 * itself, but overlooks it where a property's name stands for its value.
 */
function withLongProperties(
  transformers: ts.CustomTransformers | undefined,
  checker: ts.TypeChecker,
): ts.CustomTransformers {
  const isEarlier = (node: ts.ShorthandPropertyAssignment) =>
    checker
      .getShorthandAssignmentValueSymbol(ts.getOriginalNode(node))
      ?.declarations?.some((declaration) => declaration.getSourceFile().fileName.endsWith(EARLIER_CELLS));
  const lengthen: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
    const { factory } = context;
    const visit = (node: ts.Node): ts.Node => {
      if (!ts.isShorthandPropertyAssignment(node) || !isEarlier(node))
        return ts.visitEachChild(node, visit, context);
      const { name, objectAssignmentInitializer: fallback } = node;
      const variable = factory.createPropertyAccessExpression(factory.createIdentifier('exports'), name.text);
      const value = fallback
        ? factory.createAssignment(variable, ts.visitNode(fallback, visit) as ts.Expression)
        : variable;
      return ts.setTextRange(factory.createPropertyAssignment(name.text, value), node);
    };
    return ts.visitNode(file, visit) as ts.SourceFile;
  };
  return { ...transformers, after: [lengthen, ...(transformers?.after ?? [])] };
}

/** Undoes the renaming for a module that tslab hands back: its true path, as JavaScript. */
export function sideOutputPath(folder: string, reported: string): string {
  const outside = path.posix.join(folder, OUTSIDE) + '/';
  return reported.startsWith(outside) ? path.parse(folder).root + reported.slice(outside.length) : reported;
}

function hookTranspileModule(module: Record<string, unknown>, hooks: TslabHooks): void {
  module.transpileModule = (source: string, request: ts.TranspileOptions): ts.TranspileOutput => {
    if (request.fileName !== COMMONJS_STAGE) return ts.transpileModule(source, request);
    const esModule = splitSourceMap(source);
    const output = ts.transpileModule(esModule.code, {
      ...request,
      reportDiagnostics: false,
      transformers: withoutStrictMode(hooks.transformers()),
      compilerOptions: {
        ...withoutForkOptions(request.compilerOptions ?? {}),
        // the first stage has already lowered the code to what this Node runs
        target: ts.ScriptTarget.ESNext,
        inlineSourceMap: true,
      },
    });
    const commonJs = splitSourceMap(output.outputText);
    if (esModule.map !== null && commonJs.map !== null) hooks.onSourceMaps(esModule.map, commonJs.map);
    return { ...output, outputText: commonJs.code };
  };
}

/**
 * tslab's cells are sloppy-mode functions, which the fork's option `noImplicitUseStrict` gave; TypeScript has dropped the option, so the
 * directive is taken out again.
 */
function withoutStrictMode(transformers: ts.CustomTransformers): ts.CustomTransformers {
  const dropDirective: ts.TransformerFactory<ts.SourceFile> = () => (file) => {
    const [first, ...rest] = file.statements;
    const isDirective =
      first &&
      ts.isExpressionStatement(first) &&
      ts.isStringLiteral(first.expression) &&
      first.expression.text === 'use strict';
    return isDirective ? ts.factory.updateSourceFile(file, rest) : file;
  };
  return { ...transformers, after: [...(transformers.after ?? []), dropDirective] };
}

/** Options that only the fork knows, or that newer TypeScript has dropped. */
export function withoutForkOptions(options: ts.CompilerOptions): ts.CompilerOptions {
  const { noImplicitUseStrict: _, disableTopLevelAwait: __, ...known } = options;
  return known;
}

function splitSourceMap(code: string): { code: string; map: string | null } {
  const found =
    /\/\/# sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,([A-Za-z0-9+/=]+)\s*$/.exec(
      code,
    );
  if (!found) return { code, map: null };
  return { code: code.slice(0, found.index), map: Buffer.from(found[1], 'base64').toString('utf8') };
}
