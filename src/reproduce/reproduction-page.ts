/** The page that `npm start` ends with: every claim with its verdict, and each notebook's pictures. */

import { type PageCell, type PageSection, resultsPage } from '../plots/results-page';
import type { Claim } from './claims';
import type { NotebookFigure, NotebookFile } from './notebook-file';

/** What became of a notebook. */
export interface NotebookResult {
  notebook: NotebookFile;
  state: 'done' | 'failed' | 'passed by';
  /** Why it failed or was passed by. */
  reason: string;
  claims: Claim[];
  figures: NotebookFigure[];
  /** Files of the notebook beside the page, by what a reader would call them. */
  files: { text: string; file: string }[];
}

export interface ReproductionPage {
  results: readonly NotebookResult[];
  source: string;
  synthetic: boolean;
  facts: readonly (readonly [string, string])[];
}

export function reproductionPage({ results, source, synthetic, facts }: ReproductionPage): string {
  const claims = results.flatMap((result) => result.claims).filter(({ verdict }) => verdict !== 'not judged');
  const held = claims.filter(({ verdict }) => verdict === 'holds').length;
  const failed = results.filter(({ state }) => state === 'failed').length;
  const counts = [
    claims.length > 0 ? `${held} of ${claims.length} claims hold.` : 'No claim was judged.',
    failed > 0 ? `${failed} ${failed === 1 ? 'notebook' : 'notebooks'} failed.` : '',
  ];
  return resultsPage({
    title: 'Live cell histology: the analyses',
    intro: `${
      synthetic
        ? 'These are synthetic cells, drawn by this program with known truth. They stand in until you bring your own: npm start -- --data FOLDER.'
        : `Single cells of ${source}, described by an autoencoder that was given no labels.`
    }\n\n${counts.filter(Boolean).join(' ')}`,
    synthetic,
    sections: [claimsSection(results), ...results.map(notebookSection)],
    facts,
  });
}

function claimsSection(results: readonly NotebookResult[]): PageSection {
  return {
    heading: 'Claims',
    number: '',
    text: 'What each analysis says, beside what was planted or published. Tolerances were set before the run; a miss is shown as one.',
    figures: [],
    table: {
      columns: ['notebook', ...claimColumns],
      rows: results.flatMap(({ notebook, claims, files }) => {
        const link = files[0] ? { text: notebook.number, file: files[0].file } : notebook.number;
        return claims.map((claim): PageCell[] => [link, ...claimCells(claim)]);
      }),
    },
  };
}

function notebookSection({ notebook, state, reason, claims, figures, files }: NotebookResult): PageSection {
  const told =
    state === 'done' ? '' : `\n\nThis notebook ${state === 'failed' ? 'failed' : 'was passed by'}: ${reason}`;
  return {
    heading: notebook.title,
    number: notebook.number,
    text: `${notebook.question.replace(/^\p{L}/u, (letter) => letter.toUpperCase())}${told}`,
    figures: figures.map(({ caption, picture }) => ({ caption, alt: caption, ...picture })),
    table:
      claims.length > 0
        ? { columns: claimColumns, rows: claims.map(claimCells) }
        : { columns: ['file'], rows: files.map((file) => [file]) },
  };
}

const claimColumns = ['claim', 'truth', 'ours', 'tolerance', 'verdict'];

function claimCells(claim: Claim): string[] {
  // as many digits as the tolerance has
  const digits = /\.(\d+)/.exec(claim.tolerance)?.[1].length ?? 0;
  const interval = claim.interval?.map((value) => value.toFixed(digits)).join(' to ');
  return [
    claim.what,
    claim.truth ? `${claim.truth} (${claim.source})` : '–',
    claim.ours.toFixed(digits) + (interval ? ` (${interval})` : ''),
    claim.tolerance,
    claim.note ? `${claim.verdict}: ${claim.note}` : claim.verdict,
  ];
}
