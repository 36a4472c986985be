/** `%cd`, `%pwd`, `%env`, `%load`, `%run`, `%%writefile`: folders, files and the environment. */
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, extname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { DataError, messageOf, OptionError, throwIfInterrupted } from '../util/errors';
import { writeFileAtomic } from '../util/files';
import { defineMagic, type MagicContext } from './magic';

export const cdMagic = defineMagic({
  name: 'cd',
  kind: 'line',
  summary: 'Goes to another folder, for files, imports and commands; prints where it is then.',
  details: 'Without a folder: home. A dash: back to the folder before.',
  options: { folder: { type: 'string', placeholder: 'DIR', path: true, help: 'The folder; ~ is home.' } },
  positional: ['folder'],
  takesRest: true,
  examples: ['%cd ../data', '%cd -'],
  run({ options }, { kernel, print }) {
    const wanted = options.folder ?? '~';
    if (wanted === '-' && folderBefore === undefined)
      throw new OptionError('%cd -: there was no folder before');
    const folder = resolve(wanted === '-' ? folderBefore! : withHome(wanted));
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
      throw new DataError(`%cd: ${wanted} is no folder in ${kernel.workingFolder}`);
    }
    const before = kernel.workingFolder;
    kernel.changeFolder(folder);
    folderBefore = before;
    print(kernel.workingFolder);
  },
});

let folderBefore: string | undefined;

export const pwdMagic = defineMagic({
  name: 'pwd',
  kind: 'line',
  summary: 'Gives the folder that the notebook works in.',
  options: {},
  signature: { line: '(words: readonly unknown[]): Promise<string>' },
  run: (_, { kernel }) => kernel.workingFolder,
});

export const envMagic = defineMagic({
  name: 'env',
  kind: 'line',
  summary: 'Lists, gives or sets environment variables.',
  options: {
    variable: {
      type: 'string',
      placeholder: 'NAME[=VALUE]',
      help: 'Its name; with = or a further word its value.',
    },
    value: { type: 'string', placeholder: 'VALUE', help: 'Sets it.' },
  },
  positional: ['variable', 'value'],
  takesRest: true,
  signature: { line: '(words: readonly unknown[]): Promise<string | undefined>' },
  complete: () => Object.keys(process.env),
  examples: ['%env', '%env LCH_THREADS', '%env LCH_THREADS=4'],
  run({ options: { variable, value } }, { print }) {
    if (variable === undefined) {
      const hidden = /key|token|secret|passw|credential/i;
      for (const [name, text] of Object.entries(process.env).sort()) {
        print(`${name}=${hidden.test(name) ? '(hidden)' : text}`);
      }
      return undefined;
    }
    const [, name, inline] = /^([^=]*)(?:=(.*))?$/s.exec(variable) as RegExpExecArray;
    const text = inline ?? value;
    if (text === undefined) {
      if (process.env[name] === undefined) throw new DataError(`%env: ${name} is not set`);
      return process.env[name];
    }
    process.env[name] = value !== undefined && inline !== undefined ? `${inline} ${value}` : text;
    print(`${name}=${process.env[name]}`);
    return undefined;
  },
});

export const loadMagic = defineMagic({
  name: 'load',
  kind: 'line',
  summary: 'Puts a file’s text into this cell, to be read, changed and run.',
  options: {
    file: { type: 'string', placeholder: 'FILE', required: true, path: true, help: 'A text file.' },
    lines: { type: 'string', placeholder: 'N-M', help: 'Only these lines, counting from 1, such as 10-20.' },
  },
  positional: ['file'],
  run({ options: { file, lines } }, { kernel }) {
    const text = readText('%load', file);
    if (lines === undefined) return kernel.setNextInput(text, true);
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(lines) ?? [];
    if (!first) throw new OptionError(`%load: --lines needs N or N-M, such as 10-20, got "${lines}"`);
    const chosen = text.split('\n').slice(Number(first) - 1, Number(last ?? first));
    return kernel.setNextInput(chosen.join('\n'), true);
  },
});

export const runMagic = defineMagic({
  name: 'run',
  kind: 'line',
  summary: 'Runs a TypeScript or JavaScript file, or the cells of a notebook, as if typed here.',
  details:
    'What the file declares is declared here. Its relative imports start from its own folder. Of a notebook, code cells run in order up to ' +
    'the first error.',
  options: {
    file: {
      type: 'string',
      placeholder: 'FILE.ts|FILE.ipynb',
      required: true,
      path: true,
      help: 'What to run.',
    },
  },
  positional: ['file'],
  signature: { line: '(words: readonly unknown[]): Promise<unknown>' },
  async run({ options: { file } }, { kernel }) {
    const text = readText('%run', file);
    if (extname(file) !== '.ipynb')
      return kernel.evaluate(withImportsFrom(text, file, kernel), { name: file });
    let value: unknown;
    for (const [index, code] of codeCells(text, file)) {
      throwIfInterrupted(kernel.signal, '%run');
      value = await kernel.evaluate(withImportsFrom(code, file, kernel), {
        name: `${file}[cell ${index + 1}]`,
      });
    }
    return value;
  },
});

export const writefileMagic = defineMagic({
  name: 'writefile',
  kind: 'cell',
  summary: 'Writes the cell to a file.',
  options: {
    file: {
      type: 'string',
      placeholder: 'FILE',
      required: true,
      path: true,
      help: 'The file; its folder is made.',
    },
    append: { type: 'boolean', help: 'Adds to the end of the file in place of overwriting it.' },
  },
  positional: ['file'],
  letters: { a: 'append' },
  run({ options: { file, append }, rest }, { print }) {
    const text = String(rest[0] ?? '');
    const content = text === '' || text.endsWith('\n') ? text : `${text}\n`;
    const verb = append && existsSync(file) ? 'added to' : existsSync(file) ? 'overwrote' : 'wrote';
    if (append && existsSync(file)) {
      try {
        appendFileSync(file, content);
      } catch (error) {
        throw new DataError(`%%writefile: ${file} cannot be written: ${messageOf(error)}`, { cause: error });
      }
    } else writeFileAtomic(file, content);
    print(`${verb} ${file}`);
  },
});

function readText(who: string, file: string): string {
  try {
    return readFileSync(withHome(file), 'utf8');
  } catch (error) {
    throw new DataError(`${who}: ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function withHome(path: string): string {
  return /^~(?=$|[/\\])/.test(path) ? join(homedir(), path.slice(1)) : path;
}

/** Number (from 0) and source of each code cell. */
function codeCells(text: string, file: string): [number, string][] {
  let notebook: { cells?: { cell_type?: string; source?: string | string[] }[] };
  try {
    notebook = JSON.parse(text);
  } catch (error) {
    throw new DataError(`%run: ${file} is no notebook: ${messageOf(error)}`, { cause: error });
  }
  return (notebook.cells ?? []).flatMap(({ cell_type: type, source = '' }, i): [number, string][] =>
    type === 'code' ? [[i, Array.isArray(source) ? source.join('') : source]] : [],
  );
}

/** Relative imports of a file, rewritten as seen from the notebook's folder. */
function withImportsFrom(code: string, file: string, { workingFolder }: MagicContext['kernel']): string {
  const folder = dirname(resolve(workingFolder, file));
  const imports = ts
    .preProcessFile(code, true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'));
  let rewritten = code;
  for (const { fileName, pos } of imports.sort((a, b) => b.pos - a.pos)) {
    const start = code.indexOf(fileName, pos);
    const target = relative(workingFolder, resolve(folder, fileName)).replaceAll('\\', '/');
    const specifier = target.startsWith('.') ? target : `./${target}`;
    rewritten = rewritten.slice(0, start) + specifier + rewritten.slice(start + fileName.length);
  }
  return rewritten;
}
