import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';

describe('documentation', () => {
  const root = findRoot();

  it('links only to files that exist', () => {
    const broken = pages(root).flatMap((page) =>
      linksOf(readMarkdown(page))
        .filter((link) => !existsSync(resolve(dirname(page), link)))
        .map((link) => `${relative(root, page)} → ${link}`),
    );
    assert.deepEqual(broken, []);
  });

  it('indexes every page of docs/', () => {
    const listed = new Set(linksOf(readMarkdown(join(root, 'docs/README.md'))));
    const missing = readdirSync(join(root, 'docs')).filter(
      (name) => name.endsWith('.md') && name !== 'README.md' && !listed.has(name),
    );
    assert.deepEqual(missing, []);
  });

  it('has an API reference as current as the docstrings', async () => {
    await promisify(execFile)(process.execPath, [join(root, 'scripts/build-api-docs.mjs'), '--check'], {
      cwd: root,
    });
  });
});

/** The repository, from wherever the compiled test lies in it. */
function findRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** Markdown of the root and docs/, and all notebooks. */
function pages(root: string): string[] {
  return ['.', 'docs', 'notebooks'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /\.(md|ipynb)$/.test(name))
      .map((name) => join(root, folder, name)),
  );
}

/** The text of a page without its code; of a notebook its Markdown cells. */
function readMarkdown(page: string): string {
  const text = readFileSync(page, 'utf8');
  if (!page.endsWith('.ipynb')) return withoutCode(text);
  const { cells } = JSON.parse(text) as { cells: { cell_type: string; source: string | string[] }[] };
  return cells
    .filter((cell) => cell.cell_type === 'markdown')
    .map((cell) => withoutCode([cell.source].flat().join('')))
    .join('\n');
}

/** Fences and code spans; the text of a link may be code, so spans leave a word. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^ *```[\s\S]*?^ *```/gm, '').replace(/`[^`\n]*`/g, 'code');
}

/** Targets of relative links and images, without anchors. */
function linksOf(markdown: string): string[] {
  return [...markdown.matchAll(/\]\(\s*<?([^)\s>]+)/g)]
    .map(([, target]) => decodeURI(target.replace(/#.*$/, '')))
    .filter((target) => target !== '' && !/^[a-z][a-z+.-]*:/i.test(target));
}
