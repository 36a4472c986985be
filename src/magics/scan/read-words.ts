/** The words behind a magic's name: split at blanks, with quotes, and with `{expression}` for TypeScript. */
import ts from 'typescript';
import type { Range } from './magic-syntax';
import { TokenReader } from './token-reader';

/** A part of a word: text with its quotes taken off, or the place of an expression between braces. */
export type WordPart = { text: string } | { expression: Range };

export interface Word extends Range {
  parts: WordPart[];
}

/**
 * Reads words up to the end of the line. A backslash at the end of a line goes on in the next one, and so does an expression. A comment
 * (`// …` behind a blank) and a semicolon at the end belong to no word.
 *
 * @param most how many words are wanted at most
 * @returns where reading stopped: at the line break, or before the first unread word
 */
export function readWords(
  source: string,
  from: number,
  most = Number.POSITIVE_INFINITY,
): { words: Word[]; end: number } {
  const words: Word[] = [];
  let at = from;
  for (;;) {
    at = skipBlanks(source, at);
    const lineEnd = endOfLine(source, at);
    const rest = source.slice(at, lineEnd);
    if (rest === '' || /^\/\/(\s|$)/.test(rest) || /^;[ \t]*$/.test(rest)) return { words, end: lineEnd };
    if (words.length >= most) return { words, end: at };
    const word = readWord(source, at);
    words.push(word);
    at = word.end;
  }
}

/** A word's text; undefined when it holds an expression. */
export function plainWord({ parts }: Word): string | undefined {
  const texts = parts.map((part) => ('text' in part ? part.text : undefined));
  return texts.includes(undefined) ? undefined : texts.join('');
}

export function endOfLine(source: string, from: number): number {
  const found = source.slice(from).search(/\r?\n/);
  return found < 0 ? source.length : from + found;
}

/**
 * Place of the brace that closes the one at `from`, by TypeScript's rules (nested braces, strings, templates, regular expressions).
 *
 * @returns -1 when it is not closed
 */
export function closingBrace(source: string, from: number): number {
  const reader = new TokenReader(source, from);
  for (let token = reader.next(); token; token = reader.next()) {
    if (reader.open.length === 0) return token.kind === ts.SyntaxKind.CloseBraceToken ? token.start : -1;
  }
  return -1;
}

/** Skips blanks and continued lines. */
function skipBlanks(source: string, from: number): number {
  const blanks = /(?:[^\S\r\n]|\\\r?\n)*/y;
  blanks.lastIndex = from;
  return from + (blanks.exec(source)?.[0].length ?? 0);
}

function readWord(source: string, start: number): Word {
  const parts: WordPart[] = [];
  let text = '';
  const endText = () => {
    if (text !== '') parts.push({ text });
    text = '';
  };
  let at = start;
  let isQuoted = false;
  while (at < source.length) {
    const char = source[at];
    if (/\s/.test(char) || /^\\\r?\n/.test(source.slice(at, at + 3))) break;
    if (char === ';' && source.slice(at + 1, endOfLine(source, at)).trim() === '') break;
    if (char === '"' || char === "'") {
      const quoted = readQuoted(source, at);
      if (quoted) {
        text += quoted.text;
        at = quoted.end;
        isQuoted = true;
        continue;
      }
    }
    if (char === '{') {
      const expression = readExpression(source, at);
      if (expression) {
        endText();
        parts.push({ expression: { start: expression.start, end: expression.end } });
        at = expression.next;
        continue;
      }
    }
    // a blank may be part of a path
    if (char === '\\' && source[at + 1] === ' ') at++;
    text += source[at++];
  }
  endText();
  if (parts.length === 0 && isQuoted) parts.push({ text: '' });
  return { start, end: at, parts };
}

/** Null for a quote that is not closed in its line: an apostrophe. In double quotes a backslash takes the next sign as it is. */
function readQuoted(source: string, start: number): { text: string; end: number } | null {
  const quote = source[start];
  let text = '';
  for (let at = start + 1; at < source.length && source[at] !== '\n'; at++) {
    if (source[at] === quote) return { text, end: at + 1 };
    if (quote === '"' && source[at] === '\\' && /["\\]/.test(source[at + 1] ?? '')) at++;
    text += source[at];
  }
  return null;
}

/** Null for braces around nothing. An expression whose brace is still missing ends with its line. */
function readExpression(source: string, brace: number): (Range & { next: number }) | null {
  const closing = closingBrace(source, brace);
  const end = closing < 0 ? endOfLine(source, brace) : closing;
  if (source.slice(brace + 1, end).trim() === '') return null;
  return { start: brace + 1, end, next: closing < 0 ? end : closing + 1 };
}
