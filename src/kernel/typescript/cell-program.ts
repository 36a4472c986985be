/**
 * The program behind tslab's converter, in place of TypeScript's watch program.
 *
 * tslab asks for two programs per cell: one to learn which names the cell declares, one with `export { names }` behind it. The watch
 * program builds and links both in full. Here a program is made only when its types are asked for, so the first costs a parse, and only
 * files that changed are read again.
 */
import ts from 'typescript';

/** What tslab uses of a builder program. */
export interface CellBuilder {
  getSourceFile(fileName: string): ts.SourceFile | undefined;
  getProgram(): ts.Program;
  getAllDependencies(file: ts.SourceFile): readonly string[];
  emit: ts.Program['emit'];
}

/** What tslab uses of a watch compiler host. */
export interface CellProgramHost {
  rootFiles: readonly string[];
  options: ts.CompilerOptions;
  system: ts.System;
  /** Set by tslab; called with every new builder. */
  afterProgramCreate?(builder: CellBuilder): void;
}

/** What tslab uses of a watch program. */
export interface CellWatch {
  close(): void;
  updateRootFileNames(files: string[]): void;
}

/** `bindSourceFile` is exported without being declared: it finds the names that a file declares. */
const { bindSourceFile } = ts as unknown as {
  bindSourceFile(file: ts.SourceFile, options: ts.CompilerOptions): void;
};

export function createCellProgram(host: CellProgramHost): CellWatch {
  return new CellProgram(host);
}

class CellProgram implements CellWatch {
  private rootFiles: readonly string[];
  private program: ts.Program | undefined;
  private timer: unknown = null;
  private readonly files = new Map<string, ts.SourceFile | undefined>();
  private readonly watchers = new Map<string, ts.FileWatcher>();
  private readonly compilerHost: ts.CompilerHost;
  private parseOptions: ts.CreateSourceFileOptions;

  constructor(private readonly host: CellProgramHost) {
    this.rootFiles = host.rootFiles;
    this.parseOptions = { languageVersion: host.options.target ?? ts.ScriptTarget.Latest };
    this.compilerHost = this.createHost();
    for (const file of this.rootFiles) this.watch(file);
    this.rebuild();
  }

  close(): void {
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  updateRootFileNames(files: string[]): void {
    this.rootFiles = files;
    for (const file of files) this.watch(file);
    this.schedule();
  }

  /** tslab runs the timer itself, when it has changed the cell and the declarations. */
  private schedule(): void {
    const { system } = this.host;
    if (this.timer !== null) system.clearTimeout?.(this.timer);
    this.timer = system.setTimeout?.(() => this.rebuild(), 0);
  }

  private rebuild(): void {
    this.timer = null;
    this.host.afterProgramCreate?.(this.createBuilder());
  }

  private createBuilder(): CellBuilder {
    let program: ts.Program | undefined;
    const getProgram = () => {
      program ??= this.createProgram();
      return program;
    };
    return {
      getProgram,
      getSourceFile: (fileName) => {
        if (program) return program.getSourceFile(fileName);
        const file = this.readSourceFile(fileName, this.parseOptions);
        if (file) bindSourceFile(file, this.host.options);
        return file;
      },
      getAllDependencies: (file) => dependenciesOf(file, getProgram()),
      emit: (...args) => getProgram().emit(...args),
    };
  }

  private createProgram(): ts.Program {
    this.program = ts.createProgram({
      rootNames: this.rootFiles,
      options: this.host.options,
      host: this.compilerHost,
      oldProgram: this.program,
    });
    for (const { fileName, isDeclarationFile } of this.program.getSourceFiles()) {
      if (!isDeclarationFile) this.watch(fileName);
    }
    return this.program;
  }

  private createHost(): ts.CompilerHost {
    const { options, system } = this.host;
    const base = ts.createCompilerHost(options);
    const resolutions = ts.createModuleResolutionCache(
      system.getCurrentDirectory(),
      base.getCanonicalFileName,
      options,
    );
    return {
      ...base,
      getCurrentDirectory: () => system.getCurrentDirectory(),
      fileExists: (file) => system.fileExists(file),
      readFile: (file) => system.readFile(file),
      directoryExists: (folder) => system.directoryExists(folder),
      getModuleResolutionCache: () => resolutions,
      getSourceFile: (fileName, parseOptions) => {
        if (fileName === this.rootFiles[0] && typeof parseOptions === 'object')
          this.parseOptions = parseOptions;
        return this.readSourceFile(fileName, parseOptions);
      },
    };
  }

  private readSourceFile(
    fileName: string,
    options: ts.ScriptTarget | ts.CreateSourceFileOptions,
  ): ts.SourceFile | undefined {
    if (!this.files.has(fileName)) {
      const text = this.host.system.readFile(fileName);
      this.files.set(fileName, text === undefined ? undefined : ts.createSourceFile(fileName, text, options));
    }
    return this.files.get(fileName);
  }

  private watch(fileName: string): void {
    if (this.watchers.has(fileName)) return;
    const watcher = this.host.system.watchFile?.(
      fileName,
      () => {
        this.files.delete(fileName);
        this.schedule();
      },
      250,
    );
    if (watcher) this.watchers.set(fileName, watcher);
  }
}

/** A file and the TypeScript and JavaScript files that it imports, directly or not. */
function dependenciesOf(file: ts.SourceFile, program: ts.Program): string[] {
  const checker = program.getTypeChecker();
  const found = new Set<string>();
  const visit = (at: ts.SourceFile) => {
    if (at.isDeclarationFile || found.has(at.fileName)) return;
    found.add(at.fileName);
    for (const specifier of importsOf(at)) {
      const imported = checker.getSymbolAtLocation(specifier)?.valueDeclaration;
      if (imported && ts.isSourceFile(imported)) visit(imported);
    }
  };
  visit(file);
  return [...found];
}

/** Import paths of a file; TypeScript keeps them without declaring the field. */
function importsOf(file: ts.SourceFile): readonly ts.StringLiteralLike[] {
  return (file as ts.SourceFile & { imports?: readonly ts.StringLiteralLike[] }).imports ?? [];
}
