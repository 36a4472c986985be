/**
 * From a position in the JavaScript that runs to the one that the user typed, through the two source maps of the compilation
 * (TypeScript → ES module → CommonJS) and the offsets of the cell.
 */
import { SourceMap, type SourceMapPayload } from 'node:module';
import type { LineAndColumn } from '../cell-offsets';

/** The source maps of one emitted file. */
export class EmittedFile {
  private readonly toModule: SourceMap;
  private readonly toCommonJs: SourceMap;
  /** Path of the TypeScript file, as the first map names it. */
  readonly source: string;

  constructor(toModule: string, toCommonJs: string) {
    const payload = JSON.parse(toModule) as SourceMapPayload;
    this.toModule = new SourceMap(payload);
    this.toCommonJs = new SourceMap(JSON.parse(toCommonJs) as SourceMapPayload);
    this.source = payload.sources[0] ?? '';
  }

  /** Position in the TypeScript file of a position in the emitted JavaScript (both from 0), or null where there is none. */
  original({ line, column }: LineAndColumn): LineAndColumn | null {
    const inModule = entryAt(this.toCommonJs, line, column);
    const inSource = inModule && entryAt(this.toModule, inModule.line, inModule.column);
    return inSource;
  }
}

function entryAt(map: SourceMap, line: number, column: number): LineAndColumn | null {
  const entry = map.findEntry(line, column);
  if (!('originalLine' in entry) || entry.originalLine === undefined) return null;
  return { line: entry.originalLine, column: entry.originalColumn };
}
