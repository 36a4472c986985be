/**
 * From a position in the JavaScript that runs to the one that the user typed, through the two source maps of the compilation
 * (TypeScript → ES module → CommonJS) and the offsets of the cell.
 */
import { SourceMap, type SourceMapPayload } from 'node:module';
import type { LineAndColumn } from '../cell-offsets';

/** The source maps of one emitted file. They are read when the first error asks, which most cells never do. */
export class EmittedFile {
  private maps: { toModule: SourceMap; toCommonJs: SourceMap } | null = null;

  constructor(
    private readonly toModule: string,
    private readonly toCommonJs: string,
  ) {}

  /** Path of the TypeScript file, as the first map names it. */
  get source(): string {
    return /"sources":\["([^"]*)"/.exec(this.toModule)?.[1] ?? '';
  }

  /** Position in the TypeScript file of a position in the emitted JavaScript (both from 0), or null where there is none. */
  original({ line, column }: LineAndColumn): LineAndColumn | null {
    this.maps ??= { toModule: readMap(this.toModule), toCommonJs: readMap(this.toCommonJs) };
    const inModule = entryAt(this.maps.toCommonJs, line, column);
    return inModule && entryAt(this.maps.toModule, inModule.line, inModule.column);
  }
}

function readMap(json: string): SourceMap {
  return new SourceMap(JSON.parse(json) as SourceMapPayload);
}

function entryAt(map: SourceMap, line: number, column: number): LineAndColumn | null {
  const entry = map.findEntry(line, column);
  if (!('originalLine' in entry) || entry.originalLine === undefined) return null;
  return { line: entry.originalLine, column: entry.originalColumn };
}
