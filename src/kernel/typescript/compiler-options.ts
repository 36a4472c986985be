/**
 * Compiler options of cells: modern module resolution, a library that matches the running Node, the options of a nearby tsconfig.json,
 * and the way to this package's own types.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { withoutForkOptions } from './tslab';

/** Options of a tsconfig.json that make sense for cells. Others (module, outDir, noEmit, noUnusedLocals …) would break them. */
const HONOURED = [
  'allowJs',
  'allowUmdGlobalAccess',
  'alwaysStrict',
  'baseUrl',
  'checkJs',
  'customConditions',
  'emitDecoratorMetadata',
  'exactOptionalPropertyTypes',
  'experimentalDecorators',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
  'noFallthroughCasesInSwitch',
  'noImplicitAny',
  'noImplicitOverride',
  'noImplicitReturns',
  'noImplicitThis',
  'noPropertyAccessFromIndexSignature',
  'noUncheckedIndexedAccess',
  'paths',
  'pathsBasePath',
  'strict',
  'strictBindCallApply',
  'strictBuiltinIteratorReturn',
  'strictFunctionTypes',
  'strictNullChecks',
  'strictPropertyInitialization',
  'typeRoots',
  'types',
  'useDefineForClassFields',
  'useUnknownInCatchVariables',
] as const;

/** This package's name and type declarations, importable from any folder. */
export interface LibraryTypes {
  name: string;
  types: string;
}

/**
 * @param defaults tslab's own options
 * @param folder the notebook's folder
 * @param library where this package's types are
 */
export function cellCompilerOptions(
  defaults: ts.CompilerOptions,
  folder: string,
  library: LibraryTypes,
): ts.CompilerOptions {
  const { lib: projectLib = [], ...project } = readProjectOptions(folder);
  const { target, lib } = languageOfNode(Number(process.versions.node.split('.')[0]));
  return {
    ...withoutForkOptions(defaults),
    target,
    // the Node version decides about the language; a project may add the DOM and its like
    lib: [...lib, ...[...(defaults.lib ?? []), ...projectLib].filter((name) => !/^lib\.es/.test(name))],
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ['node'],
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: true,
    ...nodeTypes(defaults.typeRoots ?? []),
    ...project,
    paths: { ...project.paths, [library.name]: [library.types] },
    rootDir: path.parse(folder).root,
    inlineSourceMap: true,
  };
}

/** The nearest tsconfig.json upwards (with what it extends), as far as cells honour it. Unreadable ones count as empty. */
export function readProjectOptions(folder: string): ts.CompilerOptions {
  const file = ts.findConfigFile(folder, ts.sys.fileExists);
  if (!file) return {};
  // which files belong to the project does not matter here, and finding them can take long
  const host: ts.ParseConfigHost = { ...ts.sys, readDirectory: () => [] };
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  if (!config) return {};
  const { options } = ts.parseJsonConfigFileContent(config, host, path.dirname(file), undefined, file);
  return Object.fromEntries(
    [...HONOURED, 'lib'].filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}

/**
 * What the running Node can do, so that neither a missing method passes the type check nor a present one fails it. Node 20 has ES2023,
 * Node 22 also ES2024, iterator helpers and the new Set methods, Node 24 nearly everything that TypeScript calls ESNext (node.green).
 */
export function languageOfNode(major: number): { target: ts.ScriptTarget; lib: string[] } {
  const names =
    major >= 24
      ? ['esnext']
      : major >= 22
        ? ['es2024', 'esnext.collection', 'esnext.iterator', 'esnext.array', 'esnext.disposable']
        : ['es2023', 'esnext.disposable'];
  return {
    target: major >= 22 ? ts.ScriptTarget.ES2024 : ts.ScriptTarget.ES2023,
    lib: names.map((name) => `lib.${name}.d.ts`),
  };
}

/**
 * Types of Node for folders that have none. tslab looks into its own node_modules, where npm puts nothing once packages are hoisted;
 * ours are found by resolution. Without types of the user's own only Node's are loaded, which halves the start-up time.
 */
function nodeTypes(roots: string[]): ts.CompilerOptions {
  const ofUser = roots.filter((root) => existsSync(path.join(root, 'node', 'package.json')));
  if (ofUser.length > 0) return { typeRoots: roots };
  const ours = path.dirname(path.dirname(require.resolve('@types/node/package.json')));
  return { typeRoots: [...roots, ours], types: ['node'] };
}
