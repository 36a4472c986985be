/**
 * Claims: what an analysis says, beside what was planted or published, with a tolerance stated beforehand and a verdict. A notebook ends
 * with them; `npm start` collects them.
 */
import { escapeXml } from '../plots/escape';
import { OptionError } from '../util/errors';

/** One claim, judged. */
export interface Claim {
  /** What is claimed, such as "AUC of an unseen tumor's cells". */
  what: string;
  /** The planted truth or published value as text; "" where there is none. */
  truth: string;
  /** Where `truth` comes from. */
  source: 'planted' | 'published' | 'none';
  ours: number;
  interval: [number, number] | null;
  /** "within 0.10", "at least 0.80". */
  tolerance: string;
  /** `not judged`: the tolerance was set for other cells. */
  verdict: 'holds' | 'missed' | 'not judged';
  /** Why it is so, above all for a miss. */
  note: string;
}

/** What to claim; one of `within`, `atLeast`, `atMost` or `between` is the tolerance. */
export interface ClaimOptions {
  planted?: number;
  published?: number;
  ours: number;
  interval?: readonly [number, number];
  /** Largest distance from the planted or published value. */
  within?: number;
  atLeast?: number;
  atMost?: number;
  between?: readonly [number, number];
  note?: string;
  /** Digits after the point in the table. Default 2. */
  digits?: number;
}

/** The type that `npm start` looks for in a notebook's outputs. */
export const claimsMime = 'application/vnd.live-cell-histology.claims+json';

/**
 * The claims of one notebook, as a table.
 *
 * @example
 * const claims = new Claims();
 * claims.check('AUC of an unseen tumor', { planted: 0.87, ours: 0.82, interval: [0.7, 0.9], within: 0.1 });
 * claims // the last expression of a cell: shows the table
 */
export class Claims {
  readonly rows: Claim[] = [];

  /** @param options.judge false shows values without a verdict: tolerances that were set for synthetic cells say nothing about others */
  constructor(private readonly options: { judge?: boolean } = {}) {}

  /** Judges and keeps a claim. @throws OptionError without a tolerance, or with `within` of nothing */
  check(what: string, options: ClaimOptions): Claim {
    const { planted, published, ours, interval, note = '', digits = 2 } = options;
    const reference = planted ?? published;
    const [tolerance, holds] = judge(what, options, reference, digits);
    const claim: Claim = {
      what,
      truth: reference === undefined ? '' : reference.toFixed(digits),
      source: planted !== undefined ? 'planted' : published !== undefined ? 'published' : 'none',
      ours,
      interval: interval ? [interval[0], interval[1]] : null,
      tolerance,
      verdict: this.options.judge === false ? 'not judged' : holds ? 'holds' : 'missed',
      note,
    };
    this.rows.push(claim);
    this.#digits.set(claim, digits);
    return claim;
  }

  readonly #digits = new Map<Claim, number>();

  /** How a notebook shows the claims. */
  [Symbol.for('Jupyter.display')](): Record<string, unknown> {
    const table = this.rows.map((row) => this.#cells(row));
    if (table.length === 0) {
      const text = 'No claim is made here.';
      return { [claimsMime]: { rows: [] }, 'text/html': `<p>${text}</p>`, 'text/plain': text };
    }
    return {
      [claimsMime]: { rows: this.rows },
      'text/html': htmlTable(table),
      'text/plain': [heads, ...table].map((cells) => cells.join(' | ')).join('\n'),
    };
  }

  #cells(claim: Claim): string[] {
    const digits = this.#digits.get(claim) ?? 2;
    const interval = claim.interval?.map((value) => value.toFixed(digits)).join(' to ');
    return [
      claim.what,
      claim.truth ? `${claim.truth} (${claim.source})` : '–',
      claim.ours.toFixed(digits) + (interval ? ` (${interval})` : ''),
      claim.tolerance,
      claim.verdict + (claim.note ? `: ${claim.note}` : ''),
    ];
  }
}

const heads = ['claim', 'planted truth or published value', 'ours (95 % interval)', 'tolerance', 'verdict'];

function judge(
  what: string,
  { ours, within, atLeast, atMost, between }: ClaimOptions,
  reference: number | undefined,
  digits: number,
): [string, boolean] {
  if (within !== undefined) {
    if (reference === undefined) {
      throw new OptionError(
        `claims.check("${what}"): within needs a planted or published value to be near to; give one, or atLeast/atMost`,
      );
    }
    return [`within ${within.toFixed(digits)}`, Math.abs(ours - reference) <= within];
  }
  if (between !== undefined) {
    const [low, high] = between;
    return [`${low.toFixed(digits)} to ${high.toFixed(digits)}`, ours >= low && ours <= high];
  }
  if (atLeast !== undefined) return [`at least ${atLeast.toFixed(digits)}`, ours >= atLeast];
  if (atMost !== undefined) return [`at most ${atMost.toFixed(digits)}`, ours <= atMost];
  throw new OptionError(
    `claims.check("${what}") needs a tolerance: within, atLeast, atMost or between; a claim that cannot fail is none`,
  );
}

function htmlTable(rows: readonly string[][]): string {
  const cell = (tag: string, text: string) => `<${tag} style="text-align:left">${escapeXml(text)}</${tag}>`;
  // values are not broken across lines
  const values = new Set([1, 2, 3]);
  const body = rows
    .map((cells) =>
      cells.map((text, i) => cell('td', values.has(i) ? text.replaceAll(' ', '\u00a0') : text)).join(''),
    )
    .map((row) => `<tr>${row}</tr>`)
    .join('\n');
  return `<table>\n<thead><tr>${heads.map((text) => cell('th', text)).join('')}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>`;
}
