/**
 * What `import` and `require` give in cells: this package from any folder, tslab's own module, local TypeScript, CommonJS packages, and
 * ES modules that `require` cannot load.
 */
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { CompiledModule } from '../typescript/cell-compiler';

type Require = (id: string) => unknown;

export interface LoaderSettings {
  /** The notebook's folder when the kernel started. */
  folder: string;
  /** Modules served by the kernel itself, by name. */
  builtIn: Record<string, () => unknown>;
  /** Path of the TypeScript or JavaScript file that an import means by the compiler's rules. */
  resolve(specifier: string, fromFolder: string): string | undefined;
}

export class ModuleLoader {
  /** Local TypeScript as JavaScript, by the path it would have. */
  private readonly sources = new Map<string, string>();
  private readonly loaded = new Map<string, Module>();
  /** ES modules imported before the cell ran, by file. */
  private readonly esModules = new Map<string, unknown>();
  /** `require` of cells. */
  readonly require: NodeJS.Require;
  private folder: string;
  private base: NodeJS.Require;

  constructor(private readonly settings: LoaderSettings) {
    this.folder = settings.folder;
    this.base = createRequire(path.join(settings.folder, 'cell.js'));
    const { cache, extensions, main } = this.base;
    const resolve = Object.assign(
      (...args: Parameters<NodeJS.RequireResolve>) => this.base.resolve(...args),
      {
        paths: (request: string) => this.base.resolve.paths(request),
      },
    );
    this.require = Object.assign((id: string) => this.requireFrom(this.folder, this.base)(id), {
      resolve,
      cache,
      extensions,
      main,
    });
  }

  /** Cells import from another folder from now on. */
  changeFolder(folder: string): void {
    this.folder = folder;
    this.base = createRequire(path.join(folder, 'cell.js'));
  }

  /** Takes local modules that were compiled with a cell; changed ones run anew at the next import. */
  update(modules: readonly CompiledModule[]): void {
    for (const { path: file, code } of modules) {
      this.sources.set(file, code);
      this.loaded.delete(file);
    }
  }

  /** Imports the ES modules that `code` names and `require` cannot load: with a top-level await, or on a Node before 20.19. */
  async prepare(code: string): Promise<void> {
    if (!/\b(import|require)\b/.test(code)) return;
    for (const { fileName: specifier } of ts.preProcessFile(code, true, true).importedFiles) {
      if (specifier.startsWith('.') || specifier.startsWith('node:') || specifier in this.settings.builtIn)
        continue;
      const file = resolveOrUndefined(this.base, specifier) ?? this.settings.resolve(specifier, this.folder);
      if (file === undefined || this.esModules.has(file) || !path.isAbsolute(file) || file.endsWith('.ts'))
        continue;
      try {
        this.base(file);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? '';
        // whatever else goes wrong is the import's own error and shows when the cell runs
        if (!/^ERR_REQUIRE_(ESM|ASYNC_MODULE)$/.test(code)) continue;
        const namespace = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
        this.esModules.set(file, asInteropModule(namespace));
      }
    }
  }

  forget(): void {
    this.loaded.clear();
  }

  private requireFrom(folder: string, base: NodeJS.Require): Require {
    return (id) => {
      const builtIn = Object.hasOwn(this.settings.builtIn, id) ? this.settings.builtIn[id] : undefined;
      if (builtIn) return builtIn();
      const local = this.localSource(folder, id);
      if (local !== undefined) return this.runLocal(local);
      const file = resolveOrUndefined(base, id);
      if (file !== undefined) return this.esModules.has(file) ? this.esModules.get(file) : base(file);
      // a path alias of tsconfig.json, or a package whose exports name no `require`
      const byCompiler = this.settings.resolve(id, folder);
      if (byCompiler !== undefined && !/\.d\.[cm]?ts$/.test(byCompiler)) {
        const asJavaScript = byCompiler.replace(/\.[cm]?tsx?$/, '.js');
        if (this.sources.has(asJavaScript)) return this.runLocal(asJavaScript);
        return this.esModules.has(byCompiler) ? this.esModules.get(byCompiler) : base(byCompiler);
      }
      return base(id);
    };
  }

  private localSource(folder: string, id: string): string | undefined {
    if (!id.startsWith('.') && !path.isAbsolute(id)) return undefined;
    const file = path.resolve(folder, id);
    const candidates = [file, `${file}.js`, path.join(file, 'index.js'), file.replace(/\.[cm]?tsx?$/, '.js')];
    return candidates.find((candidate) => this.sources.has(candidate));
  }

  private runLocal(file: string): unknown {
    const existing = this.loaded.get(file);
    if (existing) return existing.exports;
    const module = new Module(file) as Module & { _compile(code: string, file: string): void };
    module.filename = file;
    module.paths = (Module as unknown as { _nodeModulePaths(folder: string): string[] })._nodeModulePaths(
      path.dirname(file),
    );
    module.require = this.requireFrom(path.dirname(file), createRequire(file)) as typeof module.require;
    this.loaded.set(file, module);
    try {
      module._compile(this.sources.get(file) as string, file);
    } catch (error) {
      this.loaded.delete(file);
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }
}

function resolveOrUndefined(base: NodeJS.Require, id: string): string | undefined {
  try {
    return base.resolve(id);
  } catch {
    return undefined;
  }
}

/** An ES module as compiled `import` statements expect it: `import x from` means its default export. */
function asInteropModule(namespace: Record<string, unknown>): Record<string, unknown> {
  return Object.assign(Object.create(null), namespace, { __esModule: true });
}
