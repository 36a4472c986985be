import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { framesBundle } from '../../src/notebook/widgets/frames';
import type { NotebookJson } from '../../src/reproduce/notebook-json';
import { cleanNotebook } from '../../src/reproduce/share/clean-notebook';
import { notebookHtml } from '../../src/reproduce/share/share-html';
import { runLch } from '../helpers/run-lch';

const folder = mkdtempSync(join(tmpdir(), 'lch-share-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const attack = '<img src=x onerror="document.title=1">';
const pixel = (grey: string) =>
  grey === 'a'
    ? 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=='
    : 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsVq1XQAAAABJRU5ErkJggg==';
const chart = {
  $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
  data: {
    values: [
      { x: 1, y: 2, name: attack },
      { x: 3, y: 1, name: 'b' },
    ],
  },
  mark: { type: 'point', tooltip: true },
  encoding: {
    x: { field: 'x', type: 'quantitative' },
    y: { field: 'y', type: 'quantitative' },
    color: { field: 'name' },
  },
};
const code = (source: string, data: Record<string, unknown>, metadata = {}) => ({
  cell_type: 'code' as const,
  source,
  metadata,
  execution_count: 1,
  outputs: [{ output_type: 'execute_result', data, metadata: {} }],
});
const notebook = {
  cells: [
    {
      cell_type: 'markdown' as const,
      source: `# A look at ${attack}\n\n[away](javascript:alert(1)) [web](https://example.org)\n\n<script>document.title=2</script>`,
    },
    code(
      "const seed = 7;\nconst data = '/home/me/secret/cells';",
      { 'text/plain': '7' },
      { tags: ['parameters'] },
    ),
    code('chart', { 'application/vnd.vegalite.v5+json': chart, 'text/plain': 'chart' }),
    code('table', {
      'text/html': `<table><tr><td onclick="x()">${attack}</td></tr></table><iframe src="https://example.org"></iframe>`,
      'text/plain': 't',
    }),
    code('picture', { 'image/png': pixel('a'), 'text/plain': attack }),
    code(
      'slider',
      framesBundle('shift', [
        { label: '-1', bundle: { 'image/png': pixel('a') } },
        { label: '0', bundle: { 'image/png': pixel('b') } },
        { label: '+1', bundle: { 'image/png': pixel('a') } },
      ]),
    ),
    {
      cell_type: 'code' as const,
      source: 'throw 1',
      outputs: [
        { output_type: 'stream', name: 'stdout', text: ['\u001b[31mred\u001b[0m <b>\n'] },
        {
          output_type: 'error',
          ename: 'Error',
          evalue: 'x',
          traceback: [`\u001b[1mError\u001b[0m: ${attack}`],
        },
      ],
    },
  ],
  metadata: { kernelspec: { name: 'lch' } },
  nbformat: 4,
  nbformat_minor: 5,
};
const file = join(folder, 'look.ipynb');
writeFileSync(file, JSON.stringify(notebook));

describe('a shared notebook', () => {
  it('keeps text text: no label, name or markdown becomes markup', async () => {
    const html = await notebookHtml(notebook, { name: 'look.ipynb' });
    const page = html.replace(/<script>[\s\S]*?<\/script>/g, '').replace(/srcdoc="[^"]*"/g, '');
    assert.ok(!page.includes('<img src=x'));
    assert.ok(!page.includes('onclick'));
    assert.ok(!page.includes('javascript:'));
    assert.ok(!/<iframe[^>]*src=/.test(page));
    assert.match(page, /href="https:\/\/example\.org"/);
    assert.match(page, /<span style="color:#b00020">red<\/span> &lt;b&gt;/);
  });

  it('names seed, version and citation, and no folder of the sender', async () => {
    const html = await notebookHtml(notebook, { name: '/home/me/look.ipynb' });
    assert.match(html, /<th>seed<\/th><td>7<\/td>/);
    assert.match(html, /10\.1016\/j\.cels\.2021\.05\.003/);
    assert.match(html, /<td>&#39;…\/cells&#39;<\/td>/);
    assert.ok(!html.split('<footer>')[1].includes('/home/me'));
  });

  it('carries Vega only where there is a chart', async () => {
    const { cells, ...rest } = notebook;
    const without = await notebookHtml({ ...rest, cells: cells.filter((_, i) => i !== 2) }, { name: 'x' });
    assert.ok(without.length < 20_000, `${without.length}`);
  });

  it('as a notebook has a picture beside each chart, and no times or places', async () => {
    const dirty: NotebookJson = structuredClone(notebook);
    Object.assign(dirty.cells[1], {
      metadata: { tags: ['parameters'], execution: { 'iopub.status.busy': '2026' } },
    });
    dirty.cells[4].outputs = [{ output_type: 'stream', name: 'stdout', text: `${tmpdir()}/x` }];
    const clean = await cleanNotebook(dirty);
    assert.ok(clean.cells[2].outputs?.[0].data?.['image/png']);
    assert.deepEqual(clean.cells[1].metadata, { tags: ['parameters'] });
    assert.ok(!JSON.stringify(clean.cells[4].outputs).includes(tmpdir()));
  });

  const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    existsSync,
  );
  const skip = browser ? false : 'no Chromium on this machine';

  it('opened from disk with the network off draws the chart, moves the slider, runs nothing of the data and asks for nothing', {
    skip,
  }, async () => {
    const out = join(folder, 'look.html');
    await runLch(['share', file, '--out', out]);
    assert.ok(readFileSync(out).length < 10e6);
    const chrome = await chromium.launch({ executablePath: browser, args: ['--no-sandbox'] });
    try {
      const context = await chrome.newContext();
      await context.setOffline(true);
      const page = await context.newPage();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(pathToFileURL(out).href);
      await page.waitForSelector('#chart-0 svg .mark-symbol path');
      assert.equal((await page.locator('#chart-0 svg .mark-symbol path').count()) >= 2, true);
      assert.ok(!['1', '2'].includes(await page.title()), 'no script of the data ran');
      const frame = page.frameLocator('iframe.live');
      const before = await frame.locator('img').getAttribute('src');
      await frame.locator('input').fill('2');
      assert.notEqual(await frame.locator('img').getAttribute('src'), before);
      assert.equal(await frame.locator('output').textContent(), '+1');
      await page.setViewportSize({ width: 390, height: 800 });
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      assert.ok(Number(wide) <= 400, `${wide} pixels wide on a phone`);
      assert.deepEqual(
        asked.filter((url) => !/^(?:file|data|about|blob):/.test(url)),
        [],
      );
    } finally {
      await chrome.close();
    }
  });

  it('as RO-Crate describes its files with their sums', async () => {
    const out = join(folder, 'crate');
    await runLch(['share', file, '--out', out, '--format', 'crate', '--date', '2026-01-02']);
    const { '@graph': graph } = JSON.parse(readFileSync(join(out, 'ro-crate-metadata.json'), 'utf8'));
    const of = (id: string) => graph.find((entity: { '@id': string }) => entity['@id'] === id);
    assert.equal(of('ro-crate-metadata.json').conformsTo['@id'], 'https://w3id.org/ro/crate/1.1');
    assert.equal(of('./').datePublished, '2026-01-02');
    const parts = of('./')
      .hasPart.map((part: { '@id': string }) => part['@id'])
      .sort();
    assert.deepEqual(parts, ['look.html', 'look.ipynb']);
    assert.deepEqual(readdirSync(out).sort(), [...parts, 'ro-crate-metadata.json'].sort());
    for (const part of parts) {
      const content = readFileSync(join(out, part));
      assert.equal(of(part).sha256, createHash('sha256').update(content).digest('hex'));
    }
  });

  it('that is none is named in one line', async () => {
    writeFileSync(join(folder, 'broken.ipynb'), '{"cells":');
    const { code: exit, stderr } = await runLch([
      'share',
      join(folder, 'broken.ipynb'),
      '--out',
      join(folder, 'b.html'),
    ]);
    assert.notEqual(exit, 0);
    assert.match(stderr, /broken\.ipynb is no notebook/);
  });
});
