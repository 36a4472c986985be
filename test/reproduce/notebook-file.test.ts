import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { Claims } from '../../src/reproduce/claims';
import { claimsOf, figuresOf, listNotebooks } from '../../src/reproduce/notebook-file';

const folder = mkdtempSync(join(tmpdir(), 'lch-notebooks-'));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, cells: unknown[], metadata = {}): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
  return path;
}

describe('a notebook file', () => {
  it('tells its number, title, question and needs', () => {
    write('03-map.ipynb', [
      {
        cell_type: 'markdown',
        source: ['# The map\n', '\n', '**Question:** what lies\n', '*together*?\n', '\n', '**Data:** x'],
      },
    ]);
    write('01-first.ipynb', [{ cell_type: 'markdown', source: '# First' }], {
      lch: { needs: ['efficiency'] },
    });
    write('notes.ipynb', []);
    const [first, map, ...others] = listNotebooks(folder);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [first.number, first.title, first.question, first.needs],
      ['01', 'First', '', ['efficiency']],
    );
    assert.deepEqual([map.name, map.title, map.question], ['03-map', 'The map', 'what lies together?']);
  });

  it('tells the claims and the tagged pictures of a run, with the text before them', () => {
    const claims = new Claims();
    claims.check('a', { ours: 1, atLeast: 0 });
    const bundle = (claims[Symbol.for('Jupyter.display') as never] as () => Record<string, unknown>).call(
      claims,
    );
    const path = write('05-run.ipynb', [
      { cell_type: 'markdown', source: '## Heading\nWhat is **shown**.' },
      {
        cell_type: 'code',
        source: '',
        metadata: { tags: ['figure'] },
        outputs: [
          { output_type: 'stream', text: 'x' },
          { output_type: 'execute_result', data: { 'image/png': 'AAEC', 'text/plain': '' } },
        ],
      },
      {
        cell_type: 'code',
        source: '',
        outputs: [{ output_type: 'execute_result', data: bundle }],
      },
    ]);
    assert.deepEqual(
      claimsOf(path).map(({ what, verdict }) => [what, verdict]),
      [['a', 'holds']],
    );
    assert.deepEqual(figuresOf(path), [
      { caption: 'What is shown.', picture: { png: Buffer.from([0, 1, 2]) } },
    ]);
  });

  it('that is none is named', () => {
    writeFileSync(join(folder, 'x.ipynb'), '{');
    assert.throws(() => claimsOf(join(folder, 'x.ipynb')), /x\.ipynb is no notebook/);
  });
});

describe("the project's notebooks", () => {
  const notebooks = listNotebooks(resolve(__dirname, '../../../notebooks'));

  it('each ask a question and hold their parameters in one tagged cell', async () => {
    const { readFile } = await import('node:fs/promises');
    for (const { path, title, question } of notebooks) {
      assert.ok(title && question, `${path} lacks a title or a question`);
      const { cells } = JSON.parse(await readFile(path, 'utf8'));
      const tagged = cells.filter((cell: { metadata?: { tags?: string[] } }) =>
        cell.metadata?.tags?.includes('parameters'),
      );
      assert.equal(tagged.length, 1, `${path} has ${tagged.length} cells tagged parameters`);
    }
  });

  it('hold no paths, host names or times in their outputs', async () => {
    const { readFile } = await import('node:fs/promises');
    for (const { path } of notebooks) {
      const { cells } = JSON.parse(await readFile(path, 'utf8'));
      for (const cell of cells) {
        const text = JSON.stringify(
          (cell.outputs ?? []).map(({ data, ...rest }: { data?: Record<string, unknown> }) => ({
            ...rest,
            data: Object.fromEntries(
              Object.entries(data ?? {}).filter(([mime]) => !mime.startsWith('image/png')),
            ),
          })),
        );
        const found =
          /(?:\/(?:home|root|tmp|work|Users)\/|[A-Z]:\\\\|\b\d+(?:\.\d+)? (?:ms|s|min) left)/.exec(text);
        assert.equal(
          found,
          null,
          `${path}: ${found?.[0]} in ${text.slice((found?.index ?? 0) - 60, (found?.index ?? 0) + 60)}`,
        );
        assert.equal(cell.metadata?.execution, undefined, `${path} records when a cell ran`);
      }
    }
  });
});
