/** Compiler messages as a compiler prints them: position, code, message, the line, and a mark under the place. */
import path from 'node:path';
import ts from 'typescript';
import { type CellOffsets, type LineAndColumn, lineAndColumn } from '../cell-offsets';
import { bold, gray, red, yellow } from '../terminal-colors';

/**
 * @param cell name and text as typed of the cell that was compiled
 * @param offsets way from its TypeScript to the text as typed
 * @returns one string per line
 */
export function formatDiagnostics(
  diagnostics: readonly ts.Diagnostic[],
  cell: { name: string; source: string },
  offsets: CellOffsets,
): string[] {
  return diagnostics.flatMap((diagnostic, index) => [
    ...(index > 0 ? [''] : []),
    ...formatDiagnostic(diagnostic, cell, offsets),
  ]);
}

function formatDiagnostic(
  { file, start = 0, length = 0, code, category, messageText }: ts.Diagnostic,
  cell: { name: string; source: string },
  offsets: CellOffsets,
): string[] {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  const isError = category === ts.DiagnosticCategory.Error;
  const kind = isError ? red('error') : yellow('warning');
  if (!file) return [`${kind} TS${code}: ${message}`];

  const isCell = /__tslab__\.[jt]s$/.test(file.fileName);
  // the first line of a compiled cell is tslab's own
  const prefix = isCell ? file.text.indexOf('\n') + 1 : 0;
  const text = isCell ? cell.source : file.text;
  const toText = (offset: number) =>
    lineAndColumn(text, isCell ? offsets.toSource(Math.max(0, offset - prefix)) : offset);
  const from = toText(start);
  const to = toText(start + length);
  const name = isCell ? cell.name : path.relative(process.cwd(), file.fileName);
  return [
    `${bold(`${name}:${from.line + 1}:${from.column + 1}`)} - ${kind} ${gray(`TS${code}:`)} ${message}`,
    ...markedLine(text, from, to.line === from.line ? to.column : undefined),
  ];
}

/** The line of `from` with its number, and `~` under the columns up to `endColumn` (to the end of the line if undefined). */
export function markedLine(text: string, from: LineAndColumn, endColumn?: number): string[] {
  const line = (text.split('\n')[from.line] ?? '').replace(/\r$/, '');
  const number = String(from.line + 1);
  const width = Math.max(1, (endColumn ?? line.length) - from.column);
  // tabs stay tabs, so that the mark lines up
  const indent = line.slice(0, from.column).replace(/[^\t]/g, ' ');
  return [
    `${gray(`${number} |`)} ${line}`,
    `${' '.repeat(number.length)} ${gray('|')} ${indent}${red('~'.repeat(width))}`,
  ];
}
