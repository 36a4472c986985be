/**
 * Positions in a cell as typed and in the TypeScript made from it, mapped both ways through the edits between them.
 */
import type { Edit } from './cell-transform';

export interface LineAndColumn {
  /** From 0. */
  line: number;
  /** From 0, in UTF-16 units. */
  column: number;
}

export class CellOffsets {
  constructor(
    private readonly source: string,
    private readonly code: string,
    private readonly edits: readonly Edit[],
  ) {}

  /** Offset in the cell as typed → offset in its TypeScript. Text that was replaced maps into its replacement. */
  toCode(offset: number): number {
    let shift = 0;
    for (const { start, end, text } of this.edits) {
      const isPast = end > start ? offset >= end : offset > start;
      if (!isPast)
        return offset <= start ? offset + shift : start + shift + Math.min(offset - start, text.length);
      shift += text.length - (end - start);
    }
    return offset + shift;
  }

  /** Offset in the TypeScript → offset in the cell as typed. Text that was put in maps to what it replaced. */
  toSource(offset: number): number {
    let shift = 0;
    for (const { start, end, text } of this.edits) {
      const codeStart = start + shift;
      if (offset < codeStart + text.length || (text.length === 0 && offset < codeStart)) {
        return offset <= codeStart ? offset - shift : start + Math.min(offset - codeStart, end - start);
      }
      shift += text.length - (end - start);
    }
    return Math.min(offset - shift, this.source.length);
  }

  /** Line and column in the TypeScript → line and column in the cell as typed. */
  positionInSource(position: LineAndColumn): LineAndColumn {
    return lineAndColumn(this.source, this.toSource(offsetOf(this.code, position)));
  }
}

export function lineAndColumn(text: string, offset: number): LineAndColumn {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length - 1, column: before.length - lineStart };
}

export function offsetOf(text: string, { line, column }: LineAndColumn): number {
  let start = 0;
  for (let i = 0; i < line; i++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  return Math.min(start + column, text.length);
}
