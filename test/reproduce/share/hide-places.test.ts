import assert from 'node:assert/strict';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { NotebookJson } from '../../../src/reproduce/notebook-json';
import { cleanNotebook } from '../../../src/reproduce/share/clean-notebook';
import { hidePlaces } from '../../../src/reproduce/share/hide-places';

const hide = (text: string) => hidePlaces(text, { paths: 0, names: 0 });

describe('folders in what is handed on', () => {
  const told: [string, string][] = [
    ["const data = '/home/ann/my cells/run 1';", "const data = '…/run 1';"],
    ['model in /Users/ann/runs/m1 after 51 steps', 'model in …/m1 after 51 steps'],
    ['at file:///home/ann/lab/node.js:12:3', 'at …/node.js:12:3'],
    ['PATH=/home/ann/bin:/home/ann/lib', 'PATH=…/bin:…/lib'],
    ['(/scratch/ann/proj/a.png)', '(…/a.png)'],
    ["read('/data/a.png')", "read('…/a.png')"],
    ['C:\\Users\\ann\\cells\\a.png', '…/a.png'],
    ['"C:\\\\Users\\\\Ann Lee\\\\cells"', '"…/cells"'],
    ['D:\\cells\\a.png is broken', '…/a.png is broken'],
    ['\\\\server\\share\\a.png', '…/a.png'],
    ['/var/folders/xy/T/lch-1/', '…/lch-1/'],
    ['in /home/ann.', 'in …'],
    ['"{\\"path\\":\\"/home/ann/a b.png\\"}"', '"{\\"path\\":\\"…/a b.png\\"}"'],
    ['&quot;/home/ann/a.png&quot;', '&quot;…/a.png&quot;'],
    ['ann@gpu07:~/cells$ ls', '…:~/cells$ ls'],
  ];
  for (const [text, clean] of told) it(`${text} becomes ${clean}`, () => assert.equal(hide(text), clean));

  const kept = [
    'https://example.org/home/ann/page',
    'git@github.com:lab/cells.git',
    'mail ann@lab.org',
    'const half = a /data/ b;',
    "text.match(/work/g); const o = {x:/re/}; 'N:\\n'",
    'image/png, results/tmp/a.png, ./home/ann, ~/cells',
    '/usr/bin/node and /etc/hosts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: text of a cell
    'join(`${base}/home/ann/x`)',
    'data:image/png;base64,iVBOR/home/ann/tmp/x+/root/AA==',
    '<img src="data:image/svg+xml,%3Csvg/home/ann/x\'">'.replace("'", ''),
  ];
  for (const text of kept) it(`${text} stays`, () => assert.equal(hide(text), text));

  it('of this machine are known by their own names', () => {
    for (const place of [homedir(), tmpdir(), process.cwd()]) {
      if (place.length > 3) assert.equal(hide(`in ${join(place, 'x', 'a.png')} now`), 'in …/a.png now');
    }
    if (hostname() !== 'localhost') assert.equal(hide(`kernel@${hostname()}`), 'kernel@…');
  });

  it('are counted, and neither pictures nor the JSON of charts are touched', async () => {
    const chart = {
      data: { values: [{ path: '/home/ann/cells/a.png', url: 'data:image/png;base64,AA/tmp/AA', x: 1 }] },
      mark: 'point',
    };
    const notebook: NotebookJson = {
      cells: [
        { cell_type: 'markdown', source: ['Cells of\n', '`/home/ann/cells`'] },
        {
          cell_type: 'code',
          source: "load('/home/ann/cells')",
          outputs: [
            {
              output_type: 'display_data',
              data: {
                'application/vnd.vegalite.v5+json': chart,
                'image/png': 'AA/tmp/AA',
                'text/html': '<td>/home/ann/cells/b.png</td><script>const a = ["/home/ann/c.png"];</script>',
              },
            },
          ],
        },
      ],
    };
    const before = JSON.stringify(notebook);
    const { notebook: clean, hidden } = await cleanNotebook(notebook);
    assert.equal(JSON.stringify(notebook), before);
    assert.deepEqual(hidden, { paths: 5, names: 0 });
    assert.equal(clean.cells[0].source, 'Cells of\n`…/cells`');
    assert.equal(clean.cells[1].source, "load('…/cells')");
    const [{ data }] = clean.cells[1].outputs ?? [];
    assert.deepEqual(data, {
      'application/vnd.vegalite.v5+json': {
        data: { values: [{ path: '…/a.png', url: 'data:image/png;base64,AA/tmp/AA', x: 1 }] },
        mark: 'point',
      },
      'image/png': 'AA/tmp/AA',
      'text/html': '<td>…/b.png</td><script>const a = ["…/c.png"];</script>',
    });
  });
});
