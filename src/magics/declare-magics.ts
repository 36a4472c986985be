/** Ambient TypeScript for what transformed cells call. Types of the library are named by the calls themselves, so that other cells need not load them. */
import { capturedDeclaration } from './capture';
import type { AnyMagic } from './magic';
import { MAGICS } from './scan/write-calls';
import { timingDeclaration } from './timing';

export function declareMagics(magics: readonly AnyMagic[]): string {
  const members = (form: 'line' | 'cell') =>
    magics
      .filter(({ kind }) => kind === form || kind === 'both')
      .map((magic) => `    /** ${magic.summary} */\n    ${magic.name}${signatureOf(magic, form)};`)
      .join('\n');
  return `${timingDeclaration}${capturedDeclaration}
type FileOrTable = string | { columnNames(): string[]; numRows(): number };
declare const ${MAGICS}: {
  line: {
${members('line')}
  };
  cell: {
${members('cell')}
  };
  command<T>(name: string, words: readonly unknown[]): Promise<T>;
  help(name: string): void;
  refuse(problem: string): Promise<any>;
  value<T>(value: T, option?: string): unknown;
  text(value: unknown): string;
  clock(): unknown;
  startClock(): void;
  startedClock(): unknown;
  shell(parts: readonly unknown[]): Promise<void>;
  shellLines(parts: readonly unknown[]): Promise<string[]>;
};`;
}

function signatureOf(magic: AnyMagic, form: 'line' | 'cell'): string {
  const own = magic.signature?.[form];
  if (own) return own;
  const takesText = form === 'cell' ? (magic.body ?? 'text') === 'text' : magic.argument === 'text';
  const parameters = `words: readonly unknown[]${takesText ? ', text?: string' : ''}`;
  return magic.result ? `<T>(${parameters}): Promise<T>` : `(${parameters}): Promise<void>`;
}
