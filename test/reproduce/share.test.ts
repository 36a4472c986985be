import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { readManifest } from '../../src/data/manifests/read-manifest';
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
    assert.match(page, /<span class="t1">red<\/span> &lt;b&gt;/);
  });

  it('names seed, version and citation, and no folder of the sender', async () => {
    const html = await notebookHtml(notebook, { name: '/home/me/look.ipynb' });
    assert.match(html, /<th>seed<\/th><td>7<\/td>/);
    assert.match(html, /10\.1016\/j\.cels\.2021\.05\.003/);
    assert.match(html, /<td>&#39;…\/cells&#39;<\/td>/);
    assert.ok(!html.split('<footer>')[1].includes('/home/me'));
  });

  it('names the data with their number of files and the sum of their manifest, and the versions', async () => {
    const study: NotebookJson = {
      cells: [
        code("const data = '';\nconst preset = 'quick';", {}, { tags: ['parameters'] }),
        code('const study = await openStudy({ data, preset });', {}),
      ],
      metadata: {
        language_info: { name: 'typescript', version: '5.9.3' },
        lch: {
          run: { version: '0.0.9', data: { name: 'synthetic-quick', crops: 3999, manifestSha256: 'ab12' } },
        },
      },
    };
    const foot = (await notebookHtml(study, { name: 'x' })).split('<footer>')[1];
    assert.match(foot, /synthetic-quick: 4,000 synthetic crops/);
    assert.match(foot, /4,001, of which 3,999 crops were read/);
    assert.match(foot, /<td>ab12<\/td>/);
    assert.match(foot, /CC0|Creative Commons Zero/i);
    assert.match(foot, /Live Cell Histology 0\.0\.9/);
    assert.match(foot, /TypeScript 5\.9\.3/);
    const sum = createHash('sha256')
      .update(readFileSync(readManifest('synthetic-quick').path))
      .digest('hex');
    const unrecorded = await notebookHtml({ ...study, metadata: {} }, { name: 'x' });
    assert.ok(unrecorded.includes(sum));
  });

  it('gives equal headings names of their own, and the table of contents leads to the right one', async () => {
    const markdown = (source: string) => ({ cell_type: 'markdown' as const, source });
    const html = await notebookHtml(
      { cells: [markdown('# T\n## Result\n## Result'), markdown('## Result\n### [Result](#x) 2')] },
      { name: 'x' },
    );
    const ids = [...html.matchAll(/<h[123] id="([^"]*)"/g)].map(([, id]) => id);
    assert.deepEqual(ids, ['h-t', 'h-result', 'h-result-2', 'h-result-3', 'h-result-2-2']);
    const links = [.../<nav[\s\S]*<\/nav>/.exec(html)![0].matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    assert.deepEqual(links, ids.slice(1));
  });

  it('marks the words of TypeScript, of magics and of Markdown fences, and keeps their markup text', async () => {
    const html = await notebookHtml(
      {
        cells: [
          code("const a = '<b>'; // <i>", {}),
          code('%%sql\nSELECT 1', {}),
          { cell_type: 'markdown', source: '```json\n{"a": "<u>"}\n```\n```nothing\n<s>\n```' },
        ],
      },
      { name: 'x' },
    );
    assert.match(html, /<span class="hljs-keyword">const<\/span> a = <span class="hljs-string">/);
    assert.match(html, /<span class="hljs-keyword">SELECT<\/span>/);
    assert.match(html, /<span class="hljs-attr">/);
    const body = html.split('<main>')[1].split('</main>')[0];
    assert.ok(!/<[bius]>/.test(body));
    assert.match(body, /&lt;s&gt;/);
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
    const { notebook: clean } = await cleanNotebook(dirty);
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
    const { stderr } = await runLch(['share', file, '--out', out]);
    assert.match(stderr, /hidden as …: 1 path of this or other machines, 0 names/);
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
      const grounds = () =>
        page.evaluate(
          `[document.body, document.querySelector('#chart-0'), document.querySelector('iframe.live')].map((part) => getComputedStyle(part).backgroundColor)`,
        );
      const white = 'rgb(255, 255, 255)';
      assert.deepEqual(await grounds(), [white, white, white]);
      await page.emulateMedia({ colorScheme: 'dark' });
      assert.deepEqual(await grounds(), ['rgb(22, 23, 25)', white, white], 'pictures keep a light card');
      await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
      assert.deepEqual(await grounds(), [white, white, white], 'paper is light');
      await page.emulateMedia({ colorScheme: 'light', media: 'screen' });
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

  describe('as RO-Crate', () => {
    interface Entity {
      '@id': string;
      '@type': string;
      [property: string]: unknown;
    }
    const graphOf = async (source: string, out: string, ...words: string[]): Promise<Entity[]> => {
      const { stderr, code: exit } = await runLch([
        'share',
        source,
        '--out',
        out,
        '--format',
        'crate',
        ...words,
      ]);
      assert.equal(exit, 0, stderr);
      return JSON.parse(readFileSync(join(out, 'ro-crate-metadata.json'), 'utf8'))['@graph'];
    };
    const study = join(folder, 'a study.ipynb');
    writeFileSync(
      study,
      JSON.stringify({
        cells: [
          { cell_type: 'markdown', source: "# Cells' *days*" },
          code("const data = 'synthetic-quick';\nopenStudy({ data })", {}, { tags: ['parameters'] }),
        ],
        metadata: { authors: [{ name: 'Ann Lee' }] },
      }),
    );

    it('describes its files with their sums', async () => {
      const out = join(folder, 'crate');
      const graph = await graphOf(file, out, '--date', '2026-01-02');
      const of = (id: string) => graph.find((entity) => entity['@id'] === id) as Entity;
      assert.deepEqual(of('ro-crate-metadata.json').conformsTo, { '@id': 'https://w3id.org/ro/crate/1.1' });
      assert.deepEqual(of('ro-crate-metadata.json').about, { '@id': './' });
      assert.equal(of('./').datePublished, '2026-01-02');
      const parts = (of('./').hasPart as Entity[]).map((part) => part['@id']).sort();
      assert.deepEqual(parts, ['look.html', 'look.ipynb']);
      assert.deepEqual(readdirSync(out).sort(), [...parts, 'ro-crate-metadata.json'].sort());
      for (const part of parts) {
        const content = readFileSync(join(out, part));
        assert.equal(of(part).sha256, createHash('sha256').update(content).digest('hex'));
      }
    });

    it('names data, licences and authors, and every reference leads to an entity or a file that is there', async () => {
      const out = join(folder, 'study-crate');
      const graph = await graphOf(study, out, '--license', 'CC-BY-4.0');
      const ids = graph.map((entity) => entity['@id']);
      assert.equal(new Set(ids).size, ids.length, 'an entity is written once');
      const visit = (value: unknown, path: string): void => {
        if (Array.isArray(value)) for (const part of value) visit(part, path);
        else if (typeof value === 'object' && value !== null) {
          const id = (value as Entity)['@id'];
          if (id !== undefined && id !== 'https://w3id.org/ro/crate/1.1') {
            assert.deepEqual(Object.keys(value), ['@id'], `${path} is a reference`);
            assert.ok(ids.includes(id), `${path} leads to ${id}, which is no entity`);
          }
        }
      };
      for (const entity of graph) {
        assert.equal(typeof entity['@type'], 'string');
        for (const [name, value] of Object.entries(entity)) visit(value, `${entity['@id']} ${name}`);
        if (entity['@type'] === 'File') assert.ok(existsSync(join(out, decodeURIComponent(entity['@id']))));
        if (entity['@type'] === 'CreativeWork' && entity['@id'] !== 'ro-crate-metadata.json')
          assert.ok(entity.name);
      }
      const of = (id: string) => graph.find((entity) => entity['@id'] === id) as Entity;
      const root = of('./');
      assert.equal(root.name, "Cells' days");
      assert.deepEqual(root.license, { '@id': 'https://spdx.org/licenses/CC-BY-4.0' });
      assert.deepEqual(root.author, [{ '@id': '#Ann%20Lee' }]);
      assert.deepEqual(of('#data-synthetic-quick').license, [
        { '@id': 'https://creativecommons.org/publicdomain/zero/1.0/' },
      ]);
      assert.deepEqual(
        readFileSync(join(out, 'data/datapackage.json')),
        readFileSync(readManifest('synthetic-quick').path),
      );
    });

    it('is dated by SOURCE_DATE_EPOCH, else by the last commit, and twice the same bytes', async () => {
      const dated = async (out: string, source = study) =>
        (await graphOf(source, join(folder, out))).find((entity) => entity['@id'] === './')?.datePublished;
      process.env.SOURCE_DATE_EPOCH = '86400';
      try {
        assert.equal(await dated('epoch-1'), '1970-01-02');
        assert.equal(await dated('epoch-2'), '1970-01-02');
      } finally {
        delete process.env.SOURCE_DATE_EPOCH;
      }
      for (const name of readdirSync(join(folder, 'epoch-1')).filter((entry) => entry.includes('.'))) {
        assert.deepEqual(
          readFileSync(join(folder, 'epoch-1', name)),
          readFileSync(join(folder, 'epoch-2', name)),
        );
      }
      const repository = mkdtempSync(join(folder, 'repository-'));
      const committed = join(repository, 'x.ipynb');
      copyFileSync(study, committed);
      const git = (...words: string[]) =>
        execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words], {
          cwd: repository,
          env: { ...process.env, GIT_COMMITTER_DATE: '2001-02-03T12:00:00Z' },
          stdio: 'ignore',
        });
      git('init');
      git('add', '.');
      git('commit', '-m', 'x');
      assert.equal(await dated('committed', committed), '2001-02-03');
      assert.match(String(await dated('today')), /^20\d\d-\d\d-\d\d$/);
    });
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
