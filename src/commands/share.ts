/** `lch share`: a notebook as a file that others can open. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readNotebook } from '../reproduce/notebook-json';
import { cleanNotebook } from '../reproduce/share/clean-notebook';
import { type CrateFile, crateMetadata } from '../reproduce/share/ro-crate';
import { notebookHtml } from '../reproduce/share/share-html';
import { DataError, OptionError } from '../util/errors';
import { claimFile, claimFolder, writeFileAtomic } from '../util/files';
import { defineCommand } from './command';
import { forceOption, outOption } from './shared';

export const shareCommand = defineCommand({
  name: 'share',
  summary: 'Turns a notebook into one file that opens anywhere.',
  details:
    'html (default): one file that works without network or kernel; charts stay interactive, sliders over frames work, code is folded. ipynb: the notebook without ' +
    'times and without this machine’s folders and name in its outputs, with a picture beside every chart. pdf: printed by an installed Chromium. crate: a folder as RO-Crate with the notebook, the page and ' +
    'their sums. What others wrote into the notebook cannot run scripts in the page’s name.',
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
      help: 'Date of publication for a crate; none is made up.',
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
    const cleaned = await cleanNotebook(readNotebook(path));
    const ipynb = `${JSON.stringify(cleaned, null, 1)}\n`;
    const html = await notebookHtml(cleaned, { name: basename(path) });
    if (format === 'ipynb') writeFileAtomic(out, ipynb);
    else if (format === 'html') writeFileAtomic(out, html);
    else if (format === 'pdf') await printPdf(html, out, context.signal);
    else writeCrate(out, basename(path), ipynb, html, date);
    const bytes =
      format === 'html' ? Buffer.byteLength(html) : format === 'ipynb' ? Buffer.byteLength(ipynb) : null;
    if (bytes !== null && bytes > 10e6) {
      context.progress.log(
        `${out} has ${(bytes / 1e6).toFixed(1)} MB, more than many mail servers take; show fewer or smaller pictures`,
      );
    }
    context.print(`${out}${bytes === null ? '' : `, ${(bytes / 1e6).toFixed(1)} MB`}`);
    return { out, format, bytes };
  },
});

function writeCrate(folder: string, name: string, ipynb: string, html: string, date?: string): void {
  const title = /<title>([^<]*)<\/title>/.exec(html)?.[1] ?? name;
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
  ];
  for (const { path, content } of files) writeFileAtomic(join(folder, path), content);
  writeFileAtomic(join(folder, 'ro-crate-metadata.json'), crateMetadata(title, files, date));
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
    const { readFileSync } = await import('node:fs');
    writeFileAtomic(out, readFileSync(printed));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
