/** `lch share`: a notebook as a file that others can open. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { titleOf } from '../reproduce/notebook-file';
import { type NotebookJson, readNotebook } from '../reproduce/notebook-json';
import { cleanNotebook } from '../reproduce/share/clean-notebook';
import { type CrateFile, crateMetadata, manifestPath } from '../reproduce/share/ro-crate';
import { notebookHtml } from '../reproduce/share/share-html';
import { studyRecord } from '../reproduce/share/study-record';
import { DataError, OptionError } from '../util/errors';
import { claimFile, claimFolder, writeFileAtomic } from '../util/files';
import { defineCommand } from './command';
import { forceOption, outOption } from './shared';

export const shareCommand = defineCommand({
  name: 'share',
  summary: 'Turns a notebook into one file that opens anywhere.',
  details:
    'html (default): one file that works without network or kernel; charts stay interactive, sliders over frames work, code is folded. ipynb: the notebook without ' +
    'times, with a picture beside every chart. pdf: printed by an installed Chromium. crate: a folder as RO-Crate 1.1 with the notebook, the page, the manifest of its data and ' +
    'their sums. In all of them home, scratch and working folders of this and other machines become …/name, and names of users and machines … where they can be told; how many is said. ' +
    'What others wrote into the notebook cannot run scripts in the page’s name.',
  options: {
    notebook: {
      type: 'string',
      placeholder: 'NOTEBOOK.ipynb',
      required: true,
      help: 'The notebook, with its outputs.',
      path: true,
    },
    out: outOption('FILE', 'The file, or the folder of a crate.'),
    format: {
      type: 'choice',
      choices: ['html', 'ipynb', 'pdf', 'crate'],
      help: 'Default: by the extension of --out; html where there is none.',
    },
    date: {
      type: 'string',
      placeholder: 'YYYY-MM-DD',
      help: 'Date of publication of a crate. Default: SOURCE_DATE_EPOCH, else the day of the notebook’s last git commit, else today (UTC).',
    },
    license: {
      type: 'string',
      placeholder: 'SPDX-ID|URL',
      help: 'Terms of a crate, such as CC-BY-4.0. Default: not stated; its data keep their own.',
    },
    force: forceOption,
  },
  positional: ['notebook'],
  examples: ['lch share notebooks/07-in-silico-amplification.ipynb --out amplification.html'],
  async run(options, context) {
    const { notebook: path, out, date } = options;
    if (date !== undefined && !/^\d{4}-\d\d-\d\d$/.test(date)) {
      throw new OptionError(`lch share: --date needs YYYY-MM-DD, got ${date}`);
    }
    const byExtension = /\.(html|ipynb|pdf)$/i.exec(out)?.[1].toLowerCase();
    const format = options.format ?? byExtension ?? 'html';
    if (format === 'crate') claimFolder('lch share', out, options.force);
    else claimFile('lch share', out, options.force);
    const { notebook, hidden } = await cleanNotebook(readNotebook(path));
    if (hidden.paths + hidden.names > 0) {
      context.progress.log(
        `${basename(path)}: hidden as …: ${count(hidden.paths, 'path')} of this or other machines, ${count(hidden.names, 'name')} of users or machines; look it over before you send it`,
      );
    }
    const ipynb = `${JSON.stringify(notebook, null, 1)}\n`;
    const html = await notebookHtml(notebook, { name: basename(path) });
    if (format === 'ipynb') writeFileAtomic(out, ipynb);
    else if (format === 'html') writeFileAtomic(out, html);
    else if (format === 'pdf') await printPdf(html, out, context.signal);
    else {
      const license = options.license ?? null;
      const published = date ?? (await dateOf(path));
      writeCrate(out, { name: basename(path), notebook, ipynb, html, published, license });
    }
    const bytes =
      format === 'html' ? Buffer.byteLength(html) : format === 'ipynb' ? Buffer.byteLength(ipynb) : null;
    if (bytes !== null && bytes > 10e6) {
      context.progress.log(
        `${out} has ${(bytes / 1e6).toFixed(1)} MB, more than many mail servers take; show fewer or smaller pictures`,
      );
    }
    context.print(`${out}${bytes === null ? '' : `, ${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`}`);
    return { out, format, bytes, hidden };
  },
});

const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;

interface Bundle {
  name: string;
  notebook: NotebookJson;
  ipynb: string;
  html: string;
  published: string;
  license: string | null;
}

function writeCrate(folder: string, { name, notebook, ipynb, html, published, license }: Bundle): void {
  const study = studyRecord(notebook);
  const files: CrateFile[] = [
    {
      path: name,
      content: Buffer.from(ipynb),
      name: 'The notebook as it was run',
      mime: 'application/x-ipynb+json',
    },
    {
      path: `${name.replace(/\.ipynb$/, '')}.html`,
      content: Buffer.from(html),
      name: 'The notebook as a page that needs no network',
      mime: 'text/html',
    },
    ...(study.data
      ? [
          {
            path: manifestPath,
            content: study.data.content,
            name: 'Which data: the manifest (Data Package 2.0) with their sums, or the command that draws them',
            mime: 'application/json',
          },
        ]
      : []),
  ];
  const authors = notebook.metadata?.authors; // as nbformat has it: a list of { name }
  const description = crateMetadata({
    title: titleOf(notebook.cells)?.replace(/[*`]/g, '') ?? name,
    files,
    date: published,
    licence: license,
    authors: Array.isArray(authors)
      ? authors.flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
      : [],
    study,
  });
  for (const { path, content } of files) writeFileAtomic(join(folder, path), content);
  writeFileAtomic(join(folder, 'ro-crate-metadata.json'), description);
}

/** A date that the same sources always have, as https://reproducible-builds.org asks for: YYYY-MM-DD. */
async function dateOf(notebook: string): Promise<string> {
  const epoch = process.env.SOURCE_DATE_EPOCH;
  if (epoch && /^\d+$/.test(epoch)) return new Date(1000 * Number(epoch)).toISOString().slice(0, 10);
  const committed = await lastCommit(notebook);
  return (committed ?? new Date().toISOString()).slice(0, 10);
}

/** When the file was last committed; null outside of a repository, without git, or when it never was. */
async function lastCommit(path: string): Promise<string | null> {
  const file = resolve(path);
  try {
    const { stdout } = await promisify(execFile)('git', ['log', '-1', '--format=%ct', '--', basename(file)], {
      cwd: dirname(file),
    });
    return stdout.trim() ? new Date(1000 * Number(stdout)).toISOString() : null;
  } catch {
    return null;
  }
}

/** Where Chromium and its kin are found, by name. */
const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];

/** Prints a page with an installed Chromium. @throws DataError when there is none, or it fails */
async function printPdf(html: string, out: string, signal: AbortSignal): Promise<void> {
  const folders = (process.env.PATH ?? '').split(process.platform === 'win32' ? ';' : ':');
  const browser = browsers
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
  if (!browser) {
    throw new DataError(
      `lch share: a PDF is printed by Chromium, and none of ${browsers.join(', ')} is on the path; install one, or open the HTML and print it`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'lch-share-'));
  try {
    const page = join(folder, 'page.html');
    writeFileAtomic(page, html);
    const printed = join(folder, 'page.pdf');
    const code = await new Promise<number | null>((done, reject) => {
      const child = spawn(
        browser,
        [
          '--headless',
          '--no-sandbox', // the page is ours, and its policy lets nothing in
          '--disable-gpu',
          '--no-pdf-header-footer',
          '--virtual-time-budget=10000',
          `--user-data-dir=${join(folder, 'profile')}`,
          `--print-to-pdf=${printed}`,
          pathToFileURL(resolve(page)).href,
        ],
        { stdio: 'ignore', signal },
      );
      child.once('error', reject);
      child.once('close', done);
    });
    if (code !== 0 || !existsSync(printed)) {
      throw new DataError(
        `lch share: ${browser} could not print the page (exit code ${code}); open the HTML and print it`,
      );
    }
    writeFileAtomic(out, readFileSync(printed));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
