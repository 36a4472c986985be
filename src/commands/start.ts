/** `lch start`, which is `npm start`: every analysis as a notebook, run and judged, and a page with what came out. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveData } from '../data/fetch/resolve-data';
import { claimsOf, figuresOf, listNotebooks, type NotebookFile } from '../reproduce/notebook-file';
import { readNotebook } from '../reproduce/notebook-json';
import { type NotebookResult, reproductionPage } from '../reproduce/reproduction-page';
import { runNotebook } from '../reproduce/run-notebook';
import { cleanNotebook } from '../reproduce/share/clean-notebook';
import { notebookHtml } from '../reproduce/share/share-html';
import { dataRecord, opensStudy, type RunRecord } from '../reproduce/share/study-record';
import { type Lacks, surveyCells } from '../reproduce/survey-cells';
import { DataError, messageOf, OptionError } from '../util/errors';
import { packageRoot, packageVersion, writeFileAtomic } from '../util/files';
import { formatDuration } from '../util/progress';
import { openStage } from '../util/stage-cache';
import { type CommandContext, defineCommand } from './command';
import { seedOption } from './shared';

/** Marks a folder as this command's own, so that another folder is never overwritten. */
const ownMark = 'start.json';
/** Folders of compiled code that a notebook's outputs follow from: all but the terminal's. */
const allCode = [
  'autoencoder',
  'classify',
  'commands',
  'compute',
  'data',
  'figures',
  'interpret',
  'kernel',
  'latent',
  'magics',
  'notebook',
  'plots',
  'reproduce',
  'simulate',
  'stats',
  'util',
];

export const startCommand = defineCommand({
  name: 'start',
  summary:
    'Does the main job: runs every analysis as a notebook, judges its claims, and writes a page with the results.',
  details:
    'Writes OUT/index.html with all claims and pictures, and OUT/notebooks with each notebook as it was run and as a page that needs no network. What was trained or run before with ' +
    'the same crops, settings and code is used again. Ends with an error when a claim is missed or a notebook fails.',
  options: {
    data: {
      type: 'string',
      placeholder: 'DIR|NAME|LIST.txt',
      help: 'The crops: a folder, a list of files, a table, or the name of a data manifest. Default: synthetic cells.',
      path: true,
    },
    preset: {
      type: 'choice',
      choices: ['quick', 'full'],
      default: 'quick',
      help: 'quick: minutes on two cores. full: longer training, more synthetic cells.',
    },
    only: {
      type: 'string',
      placeholder: 'NN[,NN]',
      help: 'Runs only the notebooks of these numbers, such as 07 or 04,07.',
    },
    out: {
      type: 'string',
      placeholder: 'DIR',
      default: 'results',
      help: 'Folder for the results.',
      path: true,
    },
    seed: { ...seedOption, default: 7 },
  },
  examples: ['npm start', 'npm start -- --only 07', 'npm start -- --data my-cells'],
  async run(options, context) {
    const { out, seed } = options;
    const preset = options.preset as 'quick' | 'full';
    if (existsSync(out) && readdirSync(out).length > 0 && !existsSync(join(out, ownMark))) {
      throw new DataError(`lch start: ${out} holds other files; choose another --out`);
    }
    const startedAt = Date.now();
    const notebooks = chooseNotebooks(options.only);
    const isFolder = options.data !== undefined && existsSync(options.data);
    const data = isFolder ? resolve(options.data as string) : (options.data ?? '');
    const { lacks, sum, crops } = await survey(data || `synthetic-${preset}`, context);
    writeFileAtomic(
      join(out, ownMark),
      `${JSON.stringify({ data: options.data ?? null, preset, seed }, null, 2)}\n`,
    );

    const name = options.data ? basename(options.data) : `synthetic-${preset}`;
    const studied = { name, crops, manifestSha256: isFolder ? null : (dataRecord(name)?.sha256 ?? null) };
    const results: NotebookResult[] = [];
    for (const notebook of notebooks) {
      results.push(
        await takeNotebook(
          notebook,
          { out, parameters: { data, preset, seed }, lacks, sum, studied },
          context,
        ),
      );
      writePage(); // after every notebook, so that an interrupted run leaves what it has
    }

    function writePage(): void {
      const html = reproductionPage({
        results,
        source: options.data ?? 'synthetic cells',
        synthetic: !lacks.synthetic,
        facts: [
          ['data', options.data ?? `synthetic-${preset}`],
          ['preset', preset],
          ['seed', String(seed)],
          ['version', packageVersion()],
          ['Node', process.versions.node],
        ],
      });
      writeFileAtomic(join(out, 'index.html'), html);
    }

    const claims = results.flatMap((result) =>
      result.claims.map((claim) => ({ notebook: result.notebook.number, ...claim })),
    );
    const missed = claims.filter(({ verdict }) => verdict === 'missed');
    const failed = results.filter(({ state }) => state === 'failed');
    const page = resolve(out, 'index.html');
    writeFileAtomic(join(out, 'claims.json'), `${JSON.stringify(claims, null, 2)}\n`);
    context.print(
      `${claims.filter(({ verdict }) => verdict === 'holds').length} of ${claims.filter(({ verdict }) => verdict !== 'not judged').length} claims hold, ${results.length - failed.length} of ${results.length} notebooks ran, in ${formatDuration((Date.now() - startedAt) / 1000)}`,
    );
    context.print(`results: ${page}\n         ${pathToFileURL(page).href}`);
    const report = {
      page,
      claims,
      notebooks: results.map(({ notebook, state, reason }) => ({ name: notebook.name, state, reason })),
    };
    if (failed.length > 0 || missed.length > 0) {
      const names = [
        ...failed.map(({ notebook, reason }) => `${notebook.name}: ${reason}`),
        ...missed.map(({ notebook, what }) => `${notebook}: missed "${what}"`),
      ];
      throw new ReproductionError(`lch start: ${names.join('; ')}; see ${page}`, report);
    }
    return report;
  },
});

/** A claim that was missed, or a notebook that failed. */
class ReproductionError extends DataError {
  constructor(
    message: string,
    override readonly report: unknown,
  ) {
    super(message);
  }
}

function chooseNotebooks(only: string | undefined): NotebookFile[] {
  const all = listNotebooks(join(packageRoot(), 'notebooks'));
  if (only === undefined) return all;
  return only.split(',').map((word) => {
    const number = word.trim().padStart(2, '0');
    const found = all.find((notebook) => notebook.number === number || notebook.name === word.trim());
    if (!found) {
      throw new OptionError(
        `lch start: --only has no notebook ${word.trim()}; there are ${all.map((notebook) => notebook.number).join(', ')}`,
      );
    }
    return found;
  });
}

/** What the data offer, and a sum that changes with them. */
async function survey(
  data: string,
  { progress, signal }: CommandContext,
): Promise<{ lacks: Lacks; sum: unknown; crops: number }> {
  const source = await resolveData(data, { progress, signal });
  const { lacks, crops } = await surveyCells(source);
  const newest = statSync(source).isDirectory()
    ? Math.max(
        ...readdirSync(source, { recursive: true, encoding: 'utf8' }).map(
          (name) => statSync(join(source, name)).mtimeMs,
        ),
      )
    : statSync(source).mtimeMs;
  return { lacks, sum: [source, crops, newest], crops };
}

interface Take {
  out: string;
  parameters: { data: string; preset: string; seed: number };
  lacks: Lacks;
  sum: unknown;
  studied: RunRecord['data'];
}

/** Runs a notebook, or takes what the same run left before. */
async function takeNotebook(
  notebook: NotebookFile,
  { out, parameters, lacks, sum, studied }: Take,
  { progress, signal }: CommandContext,
): Promise<NotebookResult> {
  const result = { notebook, claims: [], figures: [], files: [] };
  const lack = notebook.needs.map((need) => lacks[need]).find((reason) => reason !== undefined);
  if (lack) {
    progress.log(`${notebook.name}: passed by, as ${lack}`);
    return { ...result, state: 'passed by', reason: lack };
  }
  const folder = join(out, 'notebooks');
  const executed = join(folder, `${notebook.name}.ipynb`);
  const stage = openStage(
    join(out, 'runs'),
    notebook.name,
    [readFileSync(notebook.path, 'utf8'), parameters, sum],
    allCode,
  );
  let state: NotebookResult['state'] = 'done';
  let reason = '';
  if (stage.done && existsSync(executed)) progress.log(`${notebook.name}: unchanged since the last run`);
  else {
    const record: RunRecord = {
      version: packageVersion(),
      data: opensStudy(readNotebook(notebook.path)) ? studied : null,
    };
    progress.start(notebook.name, JSON.parse(readFileSync(notebook.path, 'utf8')).cells.length + 1, 'cells');
    try {
      const { error } = await runNotebook(notebook.path, {
        out: executed,
        parameters,
        record,
        progress,
        signal,
      });
      if (error) [state, reason] = ['failed', error];
      else stage.finish();
    } catch (error) {
      if (signal.aborted) throw error;
      [state, reason] = ['failed', messageOf(error)];
    }
    progress.finish(state === 'done' ? undefined : `failed: ${reason}`);
  }
  if (!existsSync(executed)) return { ...result, state, reason };
  const page = `${notebook.name}.html`;
  const { notebook: clean } = await cleanNotebook(readNotebook(executed));
  const html = await notebookHtml(clean, { name: notebook.path });
  writeFileAtomic(join(folder, page), html);
  return {
    notebook,
    state,
    reason,
    claims: claimsOf(executed),
    figures: figuresOf(executed),
    files: [
      { text: page, file: `notebooks/${page}` },
      { text: `${notebook.name}.ipynb`, file: `notebooks/${notebook.name}.ipynb` },
    ],
  };
}
