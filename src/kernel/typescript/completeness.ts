/** Does Enter run the cell, or does more have to come? (is_complete_request, asked by consoles) */
import ts from 'typescript';

export interface Completeness {
  status: 'complete' | 'incomplete' | 'invalid';
  indent?: string;
}

/** Open at the end of the text: template literal, comment, regular expression, string with a trailing backslash. */
const UNTERMINATED = new Set([1160, 1010]);

/**
 * @param code TypeScript
 * @param isCompleteCode tslab's judgement, which looks for what is expected at the end of the text and gives the next line's indent
 */
export function completeness(
  code: string,
  isCompleteCode: (code: string) => { completed: boolean; indent?: string },
): Completeness {
  const verdict = isCompleteCode(code);
  if (!verdict.completed) return { status: 'incomplete', indent: verdict.indent ?? '' };
  const { parseDiagnostics } = ts.createSourceFile(
    'cell.ts',
    code,
    ts.ScriptTarget.Latest,
  ) as ts.SourceFile & {
    parseDiagnostics: ts.Diagnostic[];
  };
  if (parseDiagnostics.some(({ code: number }) => UNTERMINATED.has(number)))
    return { status: 'incomplete', indent: '' };
  return { status: parseDiagnostics.length > 0 ? 'invalid' : 'complete' };
}
