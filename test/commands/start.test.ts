import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runLch } from '../helpers/run-lch';

const folder = mkdtempSync(join(tmpdir(), 'lch-start-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'file');
writeFileSync(file, 'mine');
const full = join(folder, 'full');
mkdirSync(full);
writeFileSync(join(full, 'thesis.md'), 'mine');
const empty = join(folder, 'no crops');
mkdirSync(empty);

describe('lch start', () => {
  const wrong: [string, string[], RegExp, number][] = [
    ['a notebook that is none', ['--only', '07,99'], /no notebook "99"; there are 00-quickstart, .*12-/, 2],
    ['an empty place in the list', ['--only', '07,'], /no notebook ""/, 2],
    [
      'data that are neither file, folder nor data set',
      ['--data', 'synthetic-quik'],
      /nearest is synthetic-quick/,
      1,
    ],
    ['a folder without crops', ['--data', empty], /holds no crops; put/, 1],
    ['a file as results folder', ['--out', file], /needs a folder, but .*file is a file/, 1],
    ['a results folder with other files', ['--out', full], /holds other files; choose another --out/, 1],
  ];
  for (const [title, words, message, code] of wrong) {
    it(`names ${title} in one line and writes nothing`, async () => {
      const out = join(folder, 'results');
      const ended = await runLch(['start', ...(words[0] === '--out' ? [] : ['--out', out]), ...words]);
      assert.equal(ended.code, code);
      assert.match(ended.stderr, message);
      assert.equal(ended.stderr.trim().split('\n').length, 1, ended.stderr);
      assert.deepEqual(readdirSync(folder).sort(), ['file', 'full', 'no crops']);
    });
  }
});
