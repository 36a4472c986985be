/** `lch start`, which is `npm start`: every analysis as a notebook, run and judged, and a page with what came out. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveData } from '../data/fetch/resolve-data';
import { cacheFolder } from '../data/manifests/places';
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
import { pruneStages } from '../util/prune-stages';
import { findStage, openStage } from '../util/stage-cache';
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
    'the same crops, settings and code is used again, also after Ctrl-C; with --only the page keeps what earlier runs of the other notebooks gave. Ends with an error when a claim is missed or a ' +
    'notebook fails. Kept results that nothing used for 30 days are removed, and above 20 GB those used longest ago, but none of this run or of the last day.',
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
    checkOut(out);
    const startedAt = Date.now();
    const all = listNotebooks(join(packageRoot(), 'notebooks'));
    const chosen = chooseNotebooks(all, options.only);
    const isFolder = options.data !== undefined && existsSync(options.data);
    const data = isFolder ? resolve(options.data as string) : (options.data ?? '');
    const { lacks, sum, crops } = await survey(data || `synthetic-${preset}`, context);
    writeFileAtomic(
      join(out, ownMark),
      `${JSON.stringify({ data: options.data ?? null, preset, seed }, null, 2)}\n`,
    );

    const name = options.data ? basename(options.data) : `synthetic-${preset}`;
    const studied = { name, crops, manifestSha256: isFolder ? null : (dataRecord(name)?.sha256 ?? null) };
    const numbers = chosen.map(({ number }) => number).join(' ');
    context.progress.log(
      `${chosen.length === 1 ? 'notebook' : 'notebooks'} ${numbers} on ${crops.toLocaleString('en-US')} crops of ${name}, preset ${preset}, seed ${seed}`,
    );
    const take: Take = { out, parameters: { data, preset, seed }, lacks, sum, studied };
    const results = new Map<NotebookFile, NotebookResult>();
    for (const notebook of all) {
      const earlier = chosen.includes(notebook) ? null : earlierResult(notebook, take);
      if (earlier) results.set(notebook, await earlier);
    }
    for (const notebook of chosen) {
      results.set(notebook, await takeNotebook(notebook, take, context));
      writePage(); // after every notebook, so that an interrupted run leaves what it has
    }
    const taken = chosen.map((notebook) => results.get(notebook) as NotebookResult);
    prune(startedAt, out, context);

    function writePage(): void {
      const html = reproductionPage({
        results: all.flatMap((notebook) => results.get(notebook) ?? []),
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

    const claims = numberedClaims(taken);
    const missed = claims.filter(({ verdict }) => verdict === 'missed');
    const failed = taken.filter(({ state }) => state === 'failed');
    const page = resolve(out, 'index.html');
    const shown = numberedClaims([...results.values()]);
    writeFileAtomic(join(out, 'claims.json'), `${JSON.stringify(shown, null, 2)}\n`);
    const judged = claims.filter(({ verdict }) => verdict !== 'not judged');
    const held = judged.filter(({ verdict }) => verdict === 'holds');
    context.print(
      `${judged.length > 0 ? `${held.length} of ${judged.length} claims hold` : 'no claim was judged'}, ${taken.length - failed.length} of ${taken.length} notebooks done, in ${formatDuration((Date.now() - startedAt) / 1000)}`,
    );
    context.print(`results: ${page}\n         ${pathToFileURL(page).href}`);
    const report = {
      page,
      claims,
      notebooks: taken.map(({ notebook, state, reason }) => ({ name: notebook.name, state, reason })),
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

const numberedClaims = (results: readonly NotebookResult[]) =>
  results.flatMap(({ notebook, claims }) => claims.map((claim) => ({ notebook: notebook.number, ...claim })));

/** @throws DataError when something else is there */
function checkOut(out: string): void {
  if (!existsSync(out) || existsSync(join(out, ownMark))) return;
  if (!statSync(out).isDirectory())
    throw new DataError(`lch start needs a folder, but ${out} is a file; choose another --out`);
  if (readdirSync(out).length > 0)
    throw new DataError(`lch start: ${out} holds other files; choose another --out`);
}

function chooseNotebooks(all: readonly NotebookFile[], only: string | undefined): readonly NotebookFile[] {
  if (only === undefined) return all;
  const words = only.split(',').map((word) => word.trim());
  const unknown = words.find((word) => !all.some((notebook) => isNamed(notebook, word)));
  if (unknown !== undefined) {
    throw new OptionError(
      `lch start: --only has no notebook "${unknown}"; there are ${all.map((notebook) => notebook.name).join(', ')}`,
    );
  }
  return all.filter((notebook) => words.some((word) => isNamed(notebook, word)));
}

function isNamed({ number, name }: NotebookFile, word: string): boolean {
  return word !== '' && (number === word.padStart(2, '0') || name === word.replace(/\.ipynb$/, ''));
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
  take: Take,
  { progress, signal }: CommandContext,
): Promise<NotebookResult> {
  const { parameters, lacks, studied } = take;
  const lack = notebook.needs.map((need) => lacks[need]).find((reason) => reason !== undefined);
  if (lack) {
    progress.log(`${notebook.name}: passed by, as ${lack}`);
    return { notebook, state: 'passed by', reason: lack, claims: [], figures: [], files: [] };
  }
  const stage = openStage(...stageOf(notebook, take));
  const executed = join(stage.folder, `${notebook.name}.ipynb`);
  if (stage.done && existsSync(executed)) {
    progress.log(`${notebook.name}: unchanged since the last run`);
    return resultOf(notebook, executed, take);
  }
  const content = readNotebook(notebook.path);
  const record: RunRecord = {
    version: packageVersion(),
    data: opensStudy(content) ? studied : null,
  };
  let reason: string | undefined;
  progress.start(notebook.name, content.cells.length + 1); // no unit: cells take from nothing to minutes, and their rate says nothing
  try {
    const run = await runNotebook(notebook.path, { out: executed, parameters, record, progress, signal });
    if (run.error) reason = run.error;
    else stage.finish();
  } catch (error) {
    if (signal.aborted) throw error;
    reason = messageOf(error);
  }
  progress.finish(reason === undefined ? undefined : `failed: ${reason}`);
  return resultOf(notebook, executed, take, reason);
}

/** What an earlier run of the same left; null when there was none. */
function earlierResult(notebook: NotebookFile, take: Take): Promise<NotebookResult> | null {
  const stage = findStage(...stageOf(notebook, take));
  const executed = stage && join(stage.folder, `${notebook.name}.ipynb`);
  return executed && existsSync(executed) ? resultOf(notebook, executed, take) : null;
}

const stageOf = (notebook: NotebookFile, { out, parameters, sum }: Take): Parameters<typeof openStage> => [
  join(out, 'runs'),
  notebook.name,
  [readFileSync(notebook.path, 'utf8'), parameters, sum],
  allCode,
];

/** Puts an executed notebook and its page beside the results, and reads what it shows. */
async function resultOf(
  notebook: NotebookFile,
  executed: string,
  { out }: Take,
  failure?: string,
): Promise<NotebookResult> {
  const state = failure === undefined ? 'done' : 'failed';
  const reason = failure ?? '';
  if (!existsSync(executed)) return { notebook, state, reason, claims: [], figures: [], files: [] };
  const { notebook: clean } = await cleanNotebook(readNotebook(executed));
  const [page, copy] = [`${notebook.name}.html`, `${notebook.name}.ipynb`];
  writeFileAtomic(join(out, 'notebooks', page), await notebookHtml(clean, { name: notebook.path }));
  writeFileAtomic(join(out, 'notebooks', copy), readFileSync(executed));
  return {
    notebook,
    state,
    reason,
    claims: claimsOf(executed),
    figures: figuresOf(executed),
    files: [page, copy].map((file) => ({ text: file, file: `notebooks/${file}` })),
  };
}

/** Removes kept results that nothing uses any more. */
function prune(startedAt: number, out: string, { progress }: CommandContext): void {
  for (const cache of [join(cacheFolder(), 'studies'), join(out, 'runs')]) {
    const { stages, bytes } = pruneStages(cache, { keepSince: new Date(startedAt) });
    if (stages > 0) {
      progress.log(
        `removed ${stages} kept results that were no longer used, ${(bytes / 1e6).toFixed(0)} MB, from ${cache}`,
      );
    }
  }
}
