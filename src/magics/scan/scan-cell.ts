/** A cell with magics → TypeScript that calls them, line by line in the same places. */
import type { Edit, TransformedCell } from '../../kernel/cell-transform';
import { nearestName } from '../../util/nearest-name';
import { type FoundMagic, findMagics } from './find-magics';
import type { Notebook } from './magic-syntax';
import { writeCall } from './write-calls';

/** The cell's TypeScript. A cell without magics comes back as it is. */
export function scanCell(source: string, notebook: Notebook): TransformedCell {
  const edits = findMagics(source, notebook)
    .flatMap((magic) => writeCall(source, magic, problemOf(magic, notebook)))
    .sort((a, b) => a.start - b.start);
  return { code: applyEdits(source, edits), edits };
}

export function applyEdits(source: string, edits: readonly Edit[]): string {
  let code = '';
  let at = 0;
  for (const { start, end, text } of edits) {
    code += source.slice(at, start) + text;
    at = end;
  }
  return code + source.slice(at);
}

/** Why a magic cannot be called, with what to write instead; null when it can. */
function problemOf({ sigil, name, syntax, asksHelp }: FoundMagic, { magics }: Notebook): string | null {
  if (sigil === '!' || syntax) return null;
  const as = `${sigil}${name}`;
  if (name === '') return `${as} alone is no magic (%lsmagic lists them)`;
  const known = magics.get(name);
  if (known && asksHelp) return null;
  if (known && sigil === '%') return `${as} is a cell magic: write %%${name} on the first line of a cell`;
  if (known?.kind === 'line') return `${as} is a line magic: write %${name}`;
  if (known) return `${as} must stand on the first line of the cell`;
  const nearest = nearestName(name, [...magics.keys()]);
  const list = '%lsmagic lists them';
  return `${as}: unknown magic; ${nearest ? `nearest is ${sigilFor(magics.get(nearest)!.kind, sigil)}${nearest} (${list})` : list}`;
}

function sigilFor(kind: 'line' | 'cell' | 'both', typed: string): string {
  if (kind === 'both') return typed;
  return kind === 'line' ? '%' : '%%';
}
