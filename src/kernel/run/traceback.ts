/**
 * Errors as the user should see them: positions in cells as typed (`Cell[8]:3:9`), frames of libraries folded to one line, frames of the
 * kernel left out, and the line of the cell that failed.
 */
import util from 'node:util';
import { UserError } from '../../util/errors';
import type { LineAndColumn } from '../cell-offsets';
import { gray, red } from '../terminal-colors';
import { TypeScriptError } from '../typescript/cell-compiler';
import { markedLine } from '../typescript/diagnostics';
import { InterruptedCell } from './interrupted-cell';

/** Content of Jupyter's error message and of a failed reply. */
export interface ErrorContent {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** A script whose positions can be translated. */
export interface MappedScript {
  /** Name to show: `Cell[8]`, or the path of a local TypeScript file. */
  name: string;
  /** Text as typed, for showing the failing line; null when it lies in a file. */
  source: string | null;
  /** Position in what ran → position as typed (both from 0). */
  original(position: LineAndColumn): LineAndColumn | null;
}

interface Frame {
  text: string;
  kind: 'cell' | 'library' | 'kernel' | 'other';
  /** Package of a library frame. */
  library?: string;
  place?: { script: MappedScript; position: LineAndColumn };
}

/** Our own compiled code: frames from here are nobody's concern. */
const KERNEL_FOLDER = __dirname.replace(/[\\/]run$/, '');

export class Tracebacks {
  private readonly scripts = new Map<string, MappedScript>();

  /** Makes positions in `fileName`, as stacks name it, translatable. */
  register(fileName: string, script: MappedScript): void {
    this.scripts.set(fileName, script);
  }

  /** Anything thrown, as an error message. */
  describe(thrown: unknown): ErrorContent {
    if (thrown instanceof TypeScriptError) {
      return { ename: thrown.name, evalue: thrown.message, traceback: [...thrown.lines] };
    }
    if (thrown instanceof InterruptedCell) {
      return {
        ename: thrown.name,
        evalue: thrown.message,
        traceback: [red(thrown.name) + `: ${thrown.message}`],
      };
    }
    if (!isErrorLike(thrown)) {
      const evalue = util.inspect(thrown);
      return { ename: typeof thrown, evalue, traceback: [`${red('Uncaught')} ${evalue}`] };
    }
    return {
      ename: String(thrown.name || 'Error'),
      evalue: String(thrown.message),
      traceback: this.linesOf(thrown, new Set()),
    };
  }

  /** Translates positions in any text that holds stack lines (`console.log(error)`), and leaves the kernel's own lines out. */
  translate(text: string): string {
    if (!text.includes('Cell[')) return text;
    const lines = text
      .split('\n')
      .filter((line) => !/^\s+at /.test(line) || this.readFrame(line).kind !== 'kernel');
    return lines
      .join('\n')
      .replace(/([^\s()]+):(\d+):(\d+)/g, (whole, file: string, line: string, column: string) => {
        const place = this.placeOf(file, line, column);
        return place ? nameOf(place) : whole;
      });
  }

  private linesOf(error: Error, seen: Set<unknown>): string[] {
    seen.add(error);
    const head = `${red(String(error.name || 'Error'))}: ${error.message}`;
    const frames = framesOf(error).map((line) => this.readFrame(line));
    // an error that its reader can mend needs no tour through the library
    const shown = error instanceof UserError ? frames.filter((frame) => frame.kind === 'cell') : fold(frames);
    const lines = [head, ...this.failingLine(frames), ...shown.map((frame) => frame.text)];
    if (error instanceof AggregateError) {
      for (const inner of error.errors) lines.push(...indent(this.linesOfAny(inner, seen)));
    }
    if (error.cause !== undefined && !seen.has(error.cause)) {
      lines.push(`${gray('caused by')}`, ...this.linesOfAny(error.cause, seen));
    }
    return lines;
  }

  private linesOfAny(value: unknown, seen: Set<unknown>): string[] {
    return isErrorLike(value) ? this.linesOf(value, seen) : [util.inspect(value)];
  }

  /** The line of the cell in which the error arose. */
  private failingLine(frames: readonly Frame[]): string[] {
    const place = frames.find((frame) => frame.place && frame.place.script.source !== null)?.place;
    if (!place) return [];
    const { source } = place.script;
    return markedLine(source as string, place.position, place.position.column + 1);
  }

  private readFrame(line: string): Frame {
    const found = /^(\s*at (?:.*\(|async )?)(.+?):(\d+):(\d+)(\)?)$/.exec(line);
    if (!found) return { text: line, kind: /\bnode:|<anonymous>/.test(line) ? 'library' : 'other' };
    const [, head, file, row, column, tail] = found;
    const place = this.placeOf(file, row, column);
    if (place) return { text: `${head}${nameOf(place)}${tail}`, kind: 'cell', place };
    // the call of the function that is around a cell has no place in the cell
    const isAroundCell = this.scripts.has(file) && this.scripts.get(file)?.source !== null;
    if (
      isAroundCell ||
      file.startsWith(KERNEL_FOLDER) ||
      file.startsWith('node:vm') ||
      /[\\/]tslab[\\/]dist[\\/]/.test(file)
    ) {
      return { text: line, kind: 'kernel' };
    }
    if (file.startsWith('node:')) return { text: line, kind: 'library', library: 'node' };
    const inPackage = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file);
    return inPackage
      ? { text: line, kind: 'library', library: inPackage[1].replaceAll('\\', '/') }
      : { text: line, kind: 'other' };
  }

  private placeOf(file: string, line: string, column: string): Frame['place'] {
    const script = this.scripts.get(file);
    const position = script?.original({ line: Number(line) - 1, column: Number(column) - 1 });
    return script && position ? { script, position } : undefined;
  }
}

function nameOf({ script, position }: NonNullable<Frame['place']>): string {
  return `${script.name}:${position.line + 1}:${position.column + 1}`;
}

/** Leaves kernel frames out, and makes one line of each run of library frames. */
function fold(frames: readonly Frame[]): Frame[] {
  const folded: Frame[] = [];
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i];
    if (frame.kind === 'kernel') continue;
    if (frame.kind !== 'library') {
      folded.push(frame);
      continue;
    }
    let end = i;
    while (end < frames.length && (frames[end].kind === 'library' || frames[end].kind === 'kernel')) end++;
    const run = frames.slice(i, end).filter(({ kind }) => kind === 'library');
    const packages = [...new Set(run.map(({ library }) => library ?? 'node'))];
    // at the end only the machinery that called the cell is left
    const isCaller = end === frames.length && packages.every((name) => name === 'node');
    if (!isCaller) {
      folded.push({
        text: gray(`    … ${run.length} ${run.length === 1 ? 'frame' : 'frames'} in ${packages.join(', ')}`),
        kind: 'library',
      });
    }
    i = end - 1;
  }
  return folded;
}

function framesOf(error: Error): string[] {
  const lines = String(error.stack ?? '').split('\n');
  return lines.filter((line) => /^\s+at /.test(line));
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function isErrorLike(value: unknown): value is Error {
  return util.types.isNativeError(value) || value instanceof Error;
}
