/** Writes the TypeScript that stands for a magic: a call, with the expressions of the cell left in their places. */

import ts from 'typescript';
import type { Edit } from '../../kernel/cell-transform';
import { findTopLevelAwait } from '../../kernel/typescript/facade';
import { type FoundMagic, withoutTail } from './find-magics';
import type { MagicSyntax, Range } from './magic-syntax';
import { plainWord, type Word } from './read-words';

/** The global name behind which the magics are. */
export const MAGICS = '__lch_magics';

/** New text, or a range of the cell that stays. */
type Piece = string | Range;

/** @param problem why the magic cannot be called; it throws this when it runs */
export function writeCall(source: string, magic: FoundMagic, problem: string | null): Edit[] {
  if (problem !== null) return refusal(source, magic, problem);
  if (magic.sigil === '!') return shellCall(source, magic);
  if (magic.asksHelp) return helpCall(source, magic);
  return magic.sigil === '%%' ? cellCall(source, magic) : lineCall(source, magic);
}

function refusal(source: string, magic: FoundMagic, problem: string): Edit[] {
  const call = `await ${MAGICS}.refuse(${JSON.stringify(problem)});`;
  // the rest of a cell whose magic is not known is not TypeScript either
  const end = magic.sigil === '%%' && magic.body ? source.length : magic.end;
  return editsFor(source, { start: magic.start, end }, [call]);
}

function helpCall(source: string, magic: FoundMagic): Edit[] {
  const end = magic.sigil === '%%' ? source.length : magic.end;
  return editsFor(source, { start: magic.start, end }, [
    `await ${MAGICS}.help(${JSON.stringify(magic.name)});`,
  ]);
}

function lineCall(source: string, magic: FoundMagic): Edit[] {
  const { start, end, argument } = magic;
  const syntax = magic.syntax!;
  const call = `await ${callee(magic, 'line')}`;
  const words = wordList(magic.words, syntax);
  if (syntax.argument === 'words') return editsFor(source, { start, end }, [call, ...words, ');']);
  const text = source.slice(argument.start, argument.end);
  if (syntax.argument === 'text') {
    return editsFor(source, { start, end }, [call, ...words, `, ${JSON.stringify(text)});`]);
  }
  if (text === '') return editsFor(source, { start, end }, [call, ...words, ');']);
  const isExpression = isOneExpression(text);
  if (syntax.argument === 'function') {
    const head = hasAwait(text) ? 'async () => ' : '() => ';
    const [open, close] = isExpression ? ['(', ')'] : ['{ ', ' }'];
    return editsFor(source, { start, end }, [call, ...words, `, ${head}${open}`, argument, `${close});`]);
  }
  if (isExpression) {
    return editsFor(source, { start, end }, [
      call,
      ...words,
      `, ${MAGICS}.clock(), (`,
      argument,
      `), ${MAGICS}.clock());`,
    ]);
  }
  // declarations must stay the cell's own
  return editsFor(source, { start, end }, [
    `${MAGICS}.startClock(); `,
    argument,
    `; ${call}[], ${MAGICS}.startedClock(), undefined, ${MAGICS}.clock());`,
  ]);
}

function cellCall(source: string, magic: FoundMagic): Edit[] {
  const { start, argument } = magic;
  const syntax = magic.syntax!;
  const body = magic.body!;
  const variable = syntax.namesResult ? resultName(magic.words) : undefined;
  const words = wordList(variable ? magic.words.slice(1) : magic.words, syntax);
  const head = `${variable ? `const ${variable} = ` : ''}await ${callee(magic, 'cell')}`;
  if (syntax.body === 'code') {
    return editsFor(source, { start, end: argument.end }, [head, ...words, ');']);
  }
  const shown = variable ? ` ${variable};` : '';
  if (syntax.body === 'text') {
    const text = escapedForTemplate(source, body);
    return editsFor(source, { start, end: source.length }, [head, ...words, ', `', ...text, '`);' + shown]);
  }
  const code = withoutTail(source, body);
  if (code.end === code.start) {
    return editsFor(source, { start, end: source.length }, [head, ...words, ');' + shown]);
  }
  const isAsync = hasAwait(source.slice(code.start, code.end));
  const [open, close] = syntax.body === 'function' ? [`${isAsync ? 'async ' : ''}() => {`, '}'] : ['(', ')'];
  const before = editsFor(source, { start, end: body.start }, [head, ...words, `, ${open}`]);
  const after = editsFor(source, { start: code.end, end: afterSemicolon(source, code.end) }, [
    `${close});${shown}`,
  ]);
  return [...before, ...after];
}

function shellCall(source: string, magic: FoundMagic): Edit[] {
  const { start, end, argument, isValue, words } = magic;
  const pieces: Piece[] = [`await ${MAGICS}.${isValue ? 'shellLines' : 'shell'}([`];
  let at = argument.start;
  for (const { parts } of words) {
    for (const part of parts) {
      if (!('expression' in part)) continue;
      // with the braces left out
      pieces.push(
        `${JSON.stringify(source.slice(at, part.expression.start - 1))}, (`,
        part.expression,
        '), ',
      );
      at = part.expression.end + 1;
    }
  }
  pieces.push(`${JSON.stringify(source.slice(at, argument.end))}]);`);
  return editsFor(source, { start, end }, pieces);
}

/** The call up to its words. */
function callee({ name, syntax }: FoundMagic, form: 'line' | 'cell'): string {
  const result = syntax?.result ? `<${syntax.result}>` : '';
  return syntax?.isCommand
    ? `${MAGICS}.command${result}(${JSON.stringify(name)}, `
    : `${MAGICS}.${form}.${name}${result}(`;
}

/** The words as an array: texts, and expressions checked against the type of the option that they belong to. */
function wordList(words: readonly Word[], syntax: MagicSyntax): Piece[] {
  const pieces: Piece[] = ['['];
  const positional = [...syntax.positional];
  let option: string | undefined;
  words.forEach((word, i) => {
    if (i > 0) pieces.push(', ');
    const text = plainWord(word);
    if (text !== undefined) {
      const named = /^--([^=]*)(=?)/.exec(text);
      if (named) option = named[2] || syntax.optionTypes[named[1]] === true ? undefined : named[1];
      else if (option !== undefined) option = undefined;
      else positional.shift();
      pieces.push(JSON.stringify(text));
      return;
    }
    const inline = 'text' in word.parts[0] ? /^--([^=]*)=$/.exec(word.parts[0].text)?.[1] : undefined;
    const owner = inline ?? option ?? positional.shift();
    option = undefined;
    const type = (owner === undefined ? undefined : syntax.optionTypes[owner]) ?? 'string | number | boolean';
    pieces.push(...wordWithExpression(word, type === true ? 'boolean' : type, inline));
  });
  pieces.push(']');
  return pieces;
}

/** A word that is an expression, `--name={expression}`, or text with expressions in it. */
function wordWithExpression({ parts }: Word, type: string, inline: string | undefined): Piece[] {
  const values = inline === undefined ? parts : parts.slice(1);
  if (values.length === 1 && 'expression' in values[0]) {
    const name = inline === undefined ? '' : `, ${JSON.stringify(inline)}`;
    return [`${MAGICS}.value<${type}>(`, values[0].expression, `${name})`];
  }
  const pieces: Piece[] = ['['];
  parts.forEach((part, i) => {
    pieces.push(i > 0 ? ', ' : '');
    if ('text' in part) pieces.push(JSON.stringify(part.text));
    else pieces.push(`${MAGICS}.text(`, part.expression, ')');
  });
  pieces.push("].join('')");
  return pieces;
}

/** A variable's name as first word. */
function resultName(words: readonly Word[]): string | undefined {
  const name = words[0] && plainWord(words[0]);
  return name !== undefined && /^[A-Za-z_$][\w$]*$/.test(name) ? name : undefined;
}

/** Text in the pieces of a template literal: with a backslash before what would mean something there. */
function escapedForTemplate(source: string, { start, end }: Range): Piece[] {
  const pieces: Piece[] = [];
  let at = start;
  for (const { index } of source.slice(start, end).matchAll(/[\\`]|\$(?=\{)/g)) {
    pieces.push({ start: at, end: start + index }, '\\');
    at = start + index;
  }
  return [...pieces, { start: at, end }];
}

function afterSemicolon(source: string, from: number): number {
  return from + (/^\s*;/.exec(source.slice(from))?.[0].length ?? 0);
}

function isOneExpression(text: string): boolean {
  const file = ts.createSourceFile('magic.ts', `(${text}\n)`, ts.ScriptTarget.Latest) as ts.SourceFile & {
    parseDiagnostics: readonly ts.Diagnostic[];
  };
  return file.parseDiagnostics.length === 0 && file.statements.length === 1;
}

function hasAwait(text: string): boolean {
  // behind a blank, because an `await` at 0 would not be found
  return findTopLevelAwait(ts.createSourceFile('magic.ts', ` ${text}`, ts.ScriptTarget.Latest)) !== undefined;
}

/**
 * Edits that put `pieces` in the place of a range of the cell. Every piece of new text replaces what lies between the ranges around it,
 * and has as many line breaks as that. The first is put in before the magic, so that an error of the call is shown at its first sign.
 */
function editsFor(source: string, { start, end }: Range, pieces: readonly Piece[]): Edit[] {
  const edits: Edit[] = [];
  let at = start;
  let text = '';
  const replaceUpTo = (to: number) => {
    const missing = countLineBreaks(source.slice(at, to)) - countLineBreaks(text);
    text += '\n'.repeat(Math.max(0, missing));
    if (text !== '' || to > at) edits.push({ start: at, end: to, text });
    text = '';
  };
  const [head, ...rest] = pieces;
  if (typeof head === 'string') edits.push({ start, end: start, text: head });
  for (const piece of typeof head === 'string' ? rest : pieces) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    replaceUpTo(piece.start);
    at = piece.end;
  }
  replaceUpTo(end);
  return edits;
}

function countLineBreaks(text: string): number {
  return text.split('\n').length - 1;
}
