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

  it('links only to headings that exist', () => {
    const broken = pages(root).flatMap((page) =>
      targetsOf(readMarkdown(page))
        .filter((target) => /(?:^|\.md)#/.test(target))
        .filter((target) => {
          const [file, anchor] = target.split('#');
          return !anchorsOf(file ? resolve(dirname(page), file) : page).has(anchor);
        })
        .map((target) => `${relative(root, page)} → ${target}`),
    );
    assert.deepEqual(broken, []);
  });

  it('has a page for every analysis, which its index lists', () => {
    const folder = join(root, 'docs/analyses');
    const written = readdirSync(folder).filter((name) => name !== 'README.md');
    const guides = /^(?:00-quickstart|11-bring-your-own-cells)/; // no analyses
    const wanted = readdirSync(join(root, 'notebooks'))
      .filter((name) => name.endsWith('.ipynb') && !guides.test(name))
      .map((name) => name.replace('.ipynb', '.md'));
    assert.deepEqual(written.sort(), wanted.sort());
    const listed = new Set(linksOf(readMarkdown(join(folder, 'README.md'))));
    for (const name of written) {
      assert.ok(listed.has(name), `the index lacks ${name}`);
      const links = linksOf(readMarkdown(join(folder, name)));
      assert.ok(
        links.includes(`../../notebooks/${name.replace('.md', '.ipynb')}`),
        `${name} names its notebook`,
      );
    }
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

/** Markdown of the root and docs/ with its folders, and all notebooks. */
function pages(root: string): string[] {
  return ['.', 'docs', 'docs/analyses', 'notebooks'].flatMap((folder) =>
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
  return targetsOf(markdown)
    .map((target) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '');
}

function targetsOf(markdown: string): string[] {
  return [...markdown.matchAll(/\]\(\s*<?([^)\s>]+)/g)]
    .map(([, target]) => decodeURI(target))
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

/** The names by which a page's headings are linked to, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const text = readFileSync(page, 'utf8').replace(/^ *```[\s\S]*?^ *```/gm, '');
  for (const [, heading] of text.matchAll(/^#{1,6} +(.+)$/gm)) {
    const plain = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '');
    const name = plain.trim().replace(/\s/g, '-');
    let free = name;
    for (let count = 1; anchors.has(free); count++) free = `${name}-${count}`;
    anchors.add(free);
  }
  return anchors;
}
