/**
 * Finds the magics of a cell: lines that begin with `%name` or `!command` where a statement may begin, the same behind `=`, and
 * `%%name` at the head of a cell. What TypeScript means by `%` and `!` is left alone.
 */
import ts from 'typescript';
import { nearestName } from '../../util/nearest-name';
import type { MagicSyntax, Notebook, Range } from './magic-syntax';
import { endOfLine, readWords, type Word } from './read-words';
import { type Token, TokenReader } from './token-reader';

export interface FoundMagic extends Range {
  sigil: '%' | '%%' | '!';
  /** Without the sigil; empty for `!`, and for a `%` that waits for its name. */
  name: string;
  nameEnd: number;
  /** Undefined for names that no magic has, or not in this form. */
  syntax?: MagicSyntax;
  /** The value is wanted: behind `=`, `await` or `return`. */
  isValue: boolean;
  /** `%name?` asks for help. */
  asksHelp: boolean;
  words: Word[];
  /** What follows the words: text, or TypeScript. */
  argument: Range;
  /** The cell below a cell magic. */
  body?: Range;
}

const K = ts.SyntaxKind;
/** Cells without a match hold no magic, and need no look at their tokens. */
const MAYBE_MAGIC = /^[\s\uFEFF]*[%!]|(?:=|\bawait|\breturn)[^\S\n]*[%!]/m;

/** @returns in order, none inside another; but the code below `%%time` and its like is searched too */
export function findMagics(source: string, notebook: Notebook): FoundMagic[] {
  if (!MAYBE_MAGIC.test(source)) return [];
  const found: FoundMagic[] = [];
  const head = findCellMagic(source, notebook);
  if (head) {
    found.push(head);
    if (head.syntax?.body !== 'code' && head.syntax?.body !== 'function') return found;
  }
  const reader = new TokenReader(source, head?.body?.start);
  for (;;) {
    const before = reader.previous;
    const isOperandBefore = reader.isOperandBefore();
    const token = reader.next();
    if (!token) return found;
    const place = placeOf(source, token, before, isOperandBefore, reader);
    const magic = place && magicAt(source, token.start, place, notebook);
    if (magic) {
      found.push(magic);
      reader.skipTo(magic.end);
    } else noteIndent(source, token, reader);
  }
}

/**
 * What may begin at a token. A statement; a value behind `=` and its like; or, on a new line behind an expression that has no semicolon,
 * either a statement or more of the expression.
 */
type Place = 'statement' | 'value' | 'operand of await or return' | 'statement or operator';

function placeOf(
  source: string,
  token: Token,
  before: Token | undefined,
  isOperandBefore: boolean,
  reader: TokenReader,
): Place | null {
  if (token.kind !== K.PercentToken && token.kind !== K.ExclamationToken) return null;
  if (reader.open.some(({ kind }) => kind !== 'block')) return null;
  const isFirstOnLine = /(^|\n)[\s\uFEFF]*$/.test(source.slice(0, token.start));
  if (!isFirstOnLine) {
    if (before?.kind === K.EqualsToken) return 'value';
    const isAwaited = before?.kind === K.AwaitKeyword || before?.kind === K.ReturnKeyword;
    return isAwaited ? 'operand of await or return' : null;
  }
  if (!before || statementEnds.has(before.kind)) return 'statement';
  if (!isOperandBefore) return before.kind === K.CloseParenToken ? 'statement' : null;
  // what is indented deeper goes on with the statement above
  return indentAt(source, token.start) <= (reader.indent ?? 0) ? 'statement or operator' : null;
}

const statementEnds = new Set([
  K.SemicolonToken,
  K.OpenBraceToken,
  K.CloseBraceToken,
  K.ElseKeyword,
  K.DoKeyword,
]);

function magicAt(source: string, start: number, place: Place, notebook: Notebook): FoundMagic | null {
  if (source[start] === '!') {
    const isShell = place !== 'operand of await or return' && isShellCommand(source, start, notebook);
    return isShell ? shellMagic(source, start, place, notebook) : null;
  }
  const [, sigil, name, mark] = /^(%%?)([A-Za-z_][\w-]*|)(\??)/.exec(source.slice(start)) as RegExpExecArray;
  const nameEnd = start + sigil.length + name.length;
  const rest = source.slice(nameEnd, endOfLine(source, nameEnd));
  if (name === '' && rest.trim() !== '') return null;
  if (place === 'statement or operator' && isOperator(source, start, name, rest, notebook)) return null;
  return lineMagic(source, start, { sigil, name, nameEnd, asksHelp: mark === '?' }, place, notebook);
}

/**
 * Whether `%name` behind an expression without a semicolon divides it: it could, and `name` means something here. A mistyped magic does
 * not, and is to be reported.
 */
function isOperator(source: string, start: number, name: string, rest: string, notebook: Notebook): boolean {
  const isKnown = notebook.magics.has(name);
  // the operands of a long calculation may go on in the next line
  if (!isKnown && !/^([\s?]|$)/.test(rest)) return true;
  if (!parses(`0 %${name}${rest}`)) return false;
  if (notebook.isVariable(name) || isDeclaredBefore(source, name, start)) return true;
  return !isKnown && nearestName(name, [...notebook.magics.keys()]) === undefined;
}

function lineMagic(
  source: string,
  start: number,
  { sigil, name, nameEnd, asksHelp }: { sigil: string; name: string; nameEnd: number; asksHelp: boolean },
  place: Place,
  notebook: Notebook,
): FoundMagic {
  const syntax = sigil === '%' ? formOf(notebook, name, 'line') : undefined;
  const magic: FoundMagic = {
    sigil: sigil as FoundMagic['sigil'],
    name,
    nameEnd,
    start,
    // what is below a misplaced cell magic is hardly TypeScript
    end: sigil === '%%' ? source.length : endOfLine(source, nameEnd),
    ...(syntax && { syntax }),
    isValue: place === 'value' || place === 'operand of await or return',
    asksHelp,
    words: [],
    argument: { start: nameEnd, end: nameEnd },
  };
  if (!syntax || asksHelp) return magic;
  if (syntax.argument === 'text') return { ...magic, argument: trimmed(source, nameEnd, magic.end) };
  if (syntax.argument === 'words') {
    const { words, end } = readWords(source, nameEnd);
    return { ...magic, words, end: Math.max(end, nameEnd), argument: { start: end, end } };
  }
  const { words, end: codeStart } = readOptions(source, nameEnd, syntax);
  const argument = readCode(source, codeStart);
  return { ...magic, words, argument, end: endOfLine(source, argument.end) };
}

/** The magic that a cell begins with, if its first line that is not blank is `%%name`. */
function findCellMagic(source: string, notebook: Notebook): FoundMagic | null {
  const found = /^[\s\uFEFF]*%%([A-Za-z_][\w-]*|)(\??)/.exec(source);
  if (!found) return null;
  const [whole, name, mark] = found;
  const nameEnd = whole.length - mark.length;
  const syntax = formOf(notebook, name, 'cell');
  const { words, end } = readWords(source, nameEnd + mark.length);
  const lineBreak = /^\r?\n/.exec(source.slice(end))?.[0].length ?? 0;
  return {
    sigil: '%%',
    name,
    nameEnd,
    start: nameEnd - name.length - 2,
    end: syntax?.body === 'code' || syntax?.body === 'function' ? end : source.length,
    ...(syntax && { syntax }),
    isValue: false,
    asksHelp: mark === '?',
    words,
    argument: { start: end, end },
    body: { start: end + lineBreak, end: source.length },
  };
}

function formOf(notebook: Notebook, name: string, kind: 'line' | 'cell'): MagicSyntax | undefined {
  const syntax = notebook.magics.get(name);
  return syntax && (syntax.kind === kind || syntax.kind === 'both') ? syntax : undefined;
}

/** Leading options of a magic that takes TypeScript: `-n 5`, `--loops 5`. */
function readOptions(source: string, from: number, syntax: MagicSyntax): { words: Word[]; end: number } {
  const words: Word[] = [];
  let at = from;
  for (;;) {
    const { words: next, end } = readWords(source, at, 1);
    const option = next[0] && /^--?([A-Za-z][\w-]*)$/.exec(source.slice(next[0].start, next[0].end))?.[1];
    const name =
      option && [option, syntax.letters?.[option]].find((known) => known && known in syntax.optionTypes);
    if (!option || (!name && option !== 'help')) {
      return { words, end: next[0]?.start ?? end };
    }
    const isSwitch = option === 'help' || syntax.optionTypes[name!] === true;
    const taken = isSwitch ? next : readWords(source, at, 2).words;
    words.push(...taken);
    at = taken.at(-1)!.end;
  }
}

/** TypeScript up to the end of the line, or of the first later line with which it is whole; without a semicolon or comment at its end. */
function readCode(source: string, start: number): Range {
  const firstEnd = endOfLine(source, start);
  for (let end = firstEnd; ; ) {
    if (parses(source.slice(start, end))) return withoutTail(source, { start, end });
    if (end >= source.length) return withoutTail(source, { start, end: firstEnd });
    end = endOfLine(source, end + (source[end] === '\r' ? 2 : 1));
  }
}

/** Takes a comment and a semicolon off the end. */
export function withoutTail(source: string, { start, end }: Range): Range {
  const reader = new TokenReader(source.slice(0, end), start);
  let last = start;
  for (let token = reader.next(); token; token = reader.next()) {
    if (token.kind !== K.SemicolonToken) last = token.end;
  }
  return { start, end: last };
}

function shellMagic(source: string, start: number, place: Place, notebook: Notebook): FoundMagic {
  const end = endOfLine(source, start);
  return {
    sigil: '!',
    name: '',
    nameEnd: start + 1,
    start,
    end,
    isValue: place === 'value',
    asksHelp: false,
    words: shellExpressions(source, { start: start + 1, end }, notebook),
    argument: trimmed(source, start + 1, end),
  };
}

/** `{expression}` in a command, where it begins with a variable; shells and awk have other braces. */
function shellExpressions(source: string, { start, end }: Range, notebook: Notebook): Word[] {
  const words: Word[] = [];
  for (const { 0: whole, 1: code, 2: name, index } of source
    .slice(start, end)
    .matchAll(/(?<!\$)\{(([A-Za-z_$][\w$]*)[^{},]*)\}/g)) {
    const at = start + index;
    if (!parses(`(${code})`) || !(notebook.isVariable(name) || isDeclaredBefore(source, name, start)))
      continue;
    const expression = { start: at + 1, end: at + whole.length - 1 };
    words.push({ start: at, end: at + whole.length, parts: [{ expression }] });
  }
  return words;
}

/**
 * `!x` is TypeScript too. It stays TypeScript where that means something: when what it negates is a call, a variable, or begins with
 * more than a name.
 */
function isShellCommand(source: string, start: number, notebook: Notebook): boolean {
  const rest = source.slice(start + 1, endOfLine(source, start)).trim();
  if (!/^[\w./~]/.test(rest)) return false;
  // a path from the root, and not a regular expression
  if (/^\/[\w.-]+(\/[\w.-]+)+(\s|$)/.test(rest)) return true;
  const name = /^[A-Za-z_$][\w$]*/.exec(rest)?.[0];
  const isKeyword = name !== undefined && (ts as unknown as Keywords).stringToToken(name) !== undefined;
  if (!name || isKeyword) return !parses(`!${rest}`);
  if (/^[\w$]+\s*\(/.test(rest)) return false;
  const isVariable = notebook.isVariable(name) || isDeclaredBefore(source, name, start);
  return !isVariable || !(parses(`!${rest}`) || /^[\w$]+(\[|\?\.|\.\w)/.test(rest));
}

/** `stringToToken` is exported without being declared: the keyword that a text is. */
interface Keywords {
  stringToToken(text: string): ts.SyntaxKind | undefined;
}

/** Whether the cell declares a name further up, judged by the words around it. */
function isDeclaredBefore(source: string, name: string, from: number): boolean {
  const escaped = name.replaceAll('$', '\\$');
  const declaration = new RegExp(
    `\\b(?:const|let|var|function|class|import|for\\s*\\()[^;=\\n]*(?<![\\w$])${escaped}(?![\\w$])|(?<![\\w$])${escaped}\\s*(?:[,:][^\\n]*)?\\)?\\s*=>`,
  );
  return declaration.test(source.slice(0, from));
}

/** Whether a text is TypeScript without a syntax error. */
export function parses(text: string): boolean {
  const file = ts.createSourceFile('magic.ts', text, ts.ScriptTarget.Latest) as ts.SourceFile & {
    parseDiagnostics: readonly ts.Diagnostic[];
  };
  return file.parseDiagnostics.length === 0;
}

function trimmed(source: string, start: number, end: number): Range {
  const text = source.slice(start, end);
  const lead = text.length - text.trimStart().length;
  return { start: start + lead, end: Math.max(start + lead, start + text.trimEnd().length) };
}

function indentAt(source: string, offset: number): number {
  return offset - (source.lastIndexOf('\n', offset - 1) + 1);
}

/** Remembers where the statements of the innermost block begin. */
function noteIndent(source: string, token: Token, reader: TokenReader): void {
  if (reader.indent !== undefined) return;
  const lineStart = source.lastIndexOf('\n', token.start - 1) + 1;
  if (source.slice(lineStart, token.start).trim() === '') reader.indent = token.start - lineStart;
}
