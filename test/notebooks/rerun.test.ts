import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Claim } from '../../src/reproduce/claims';
import { claimsOf, listNotebooks } from '../../src/reproduce/notebook-file';

const root = resolve(__dirname, '../../..');
const notebooks = listNotebooks(join(root, 'notebooks'));
const out = mkdtempSync(join(tmpdir(), 'lch-rerun-'));
after(() => rmSync(out, { recursive: true, force: true }));

interface Output {
  output_type: string;
  name?: string;
  data?: Record<string, unknown>;
}

/** What kinds of result each code cell has; progress is shown only where something had to be computed. */
function shape(path: string): string[][] {
  const { cells } = JSON.parse(readFileSync(path, 'utf8')) as {
    cells: { cell_type: string; metadata?: { tags?: string[] }; outputs?: Output[] }[];
  };
  return cells
    .filter((cell) => cell.cell_type === 'code' && !cell.metadata?.tags?.includes('injected-parameters'))
    .map((cell) => [
      ...new Set(
        (cell.outputs ?? [])
          .filter(({ output_type: type }) => type === 'execute_result' || type === 'error')
          .map(
            ({ output_type: type, data = {} }) =>
              `${type}: ${Object.keys(data)
                .filter((mime) => mime !== 'image/svg+xml') // not stored beside a PNG
                .sort()
                .join(', ')}`,
          ),
      ),
    ]);
}

/** Training on another kind of processor ends elsewhere: what it yields is alike, not equal. */
function alike(a: Claim, b: Claim): boolean {
  return Math.abs(a.ours - b.ours) <= Math.max(0.12, 0.2 * Math.abs(a.ours));
}

describe('npm start', { timeout: 60 * 60_000 }, () => {
  let code: number | null = null;
  let told = '';
  before(async () => {
    await new Promise<void>((done) => {
      execFile(
        process.execPath,
        [join(root, 'bin', 'lch.js'), 'start', '--out', out],
        { maxBuffer: 1 << 28 },
        (error, stdout, stderr) => {
          code = error ? Number(error.code) : 0;
          told = `${stdout}\n${stderr}`;
          done();
        },
      );
    });
  });

  it('runs every notebook, finds every claim to hold, and writes the page', () => {
    assert.equal(code, 0, told.slice(-3000));
    const page = readFileSync(join(out, 'index.html'), 'utf8');
    for (const { title } of notebooks) assert.ok(page.includes(title), `index.html lacks "${title}"`);
    assert.ok(existsSync(join(out, 'claims.json')));
  });

  for (const { name, path } of notebooks) {
    it(`${name} shows what is committed, numbers within tolerance`, (context) => {
      const rerun = join(out, 'notebooks', `${name}.ipynb`);
      if (name === '12-real-crops' && claimsOf(rerun).length > 0) {
        context.skip('the published crops are at hand here; without a licence none of them is committed');
        return;
      }
      assert.deepEqual(shape(rerun), shape(path));
      const [now, committed] = [claimsOf(rerun), claimsOf(path)];
      assert.deepEqual(
        now.map(({ what, verdict }) => [what, verdict]),
        committed.map(({ what, verdict }) => [what, verdict]),
      );
      now.forEach((claim, i) => {
        assert.ok(alike(claim, committed[i]), `${claim.what}: ${claim.ours}, committed ${committed[i].ours}`);
      });
    });
  }
});
