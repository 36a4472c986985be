/** `lch data`: which data sets there are, bringing them here, checking them, adding one's own. */
import { existsSync } from 'node:fs';
import { addDataset } from '../data/fetch/add-dataset';
import { datasetFolder, fetchDataset } from '../data/fetch/fetch-dataset';
import { type FetchReport, IncompleteDataError, sizeOf } from '../data/fetch/fetch-report';
import { DamagedDataError, type VerifyReport, verifyDataset } from '../data/fetch/verify-dataset';
import { listManifests } from '../data/manifests/list-manifests';
import type { Manifest } from '../data/manifests/manifest';
import { cacheFolder } from '../data/manifests/places';
import { OptionError } from '../util/errors';
import { type CommandContext, defineCommand } from './command';

export const dataCommand = defineCommand({
  name: 'data',
  summary: 'List, fetch and verify data sets, and add your own',
  details: [
    'list           the data sets that can be given to --data',
    'fetch NAME     bring one here, from a folder of LCH_DATA_PATH or by download, each file checked',
    'verify NAME    sum every copy at hand again; changes nothing',
    'add FOLDER     make the images of a folder a data set; the folder is only read',
    'Files are kept in LCH_CACHE, else in live-cell-histology in the XDG cache folder.',
  ].join('\n'),
  options: {
    action: {
      type: 'choice',
      choices: ['list', 'fetch', 'verify', 'add'],
      default: 'list',
      help: 'What to do.',
    },
    name: {
      type: 'string',
      placeholder: 'NAME|FOLDER',
      path: true,
      help: 'The data set, or the datapackage.json of one; for add the folder.',
    },
    partial: {
      type: 'boolean',
      help: 'With fetch: succeed with what could be had, as long as that is anything.',
    },
    as: { type: 'string', placeholder: 'NAME', help: "With add: the data set's name; default the folder's." },
    title: { type: 'string', placeholder: 'TEXT', help: 'With add: one line on what it is.' },
    licence: { type: 'string', placeholder: 'TEXT', help: 'With add: who may use it.' },
    citation: { type: 'string', placeholder: 'TEXT', help: 'With add: what to cite.' },
    force: { type: 'boolean', help: 'With add: replace a data set of that name that was added before.' },
  },
  positional: ['action', 'name'],
  examples: [
    'lch data list',
    'lch data fetch openlch-sample',
    'lch data verify openlch-sample',
    'lch data add ./screen-12 --title "Screen 12"',
  ],
  async run({ action, name, partial, ...rest }, context) {
    if (action === 'list') return list(context);
    if (!name)
      throw new OptionError(`lch data ${action} needs a NAME; "lch data list" shows those that there are`);
    if (action === 'fetch') return fetch(name, partial, context);
    if (action === 'verify') return verify(name, context);
    const manifest = await addDataset(name, { ...rest, name: rest.as, ...context });
    context.print(`added ${manifest.name}: ${manifest.files.length} files in ${manifest.folder}`);
    return summaryOf(manifest);
  },
});

function list(context: CommandContext) {
  const manifests = listManifests({ broken: (message) => context.progress.log(message) });
  const summaries = manifests.map(summaryOf);
  const width = Math.max(...summaries.map(({ name }) => name.length));
  for (const { name, state, files, bytes, title } of summaries) {
    const size = bytes === undefined ? '' : `, ${(bytes / 1e6).toFixed(1)} MB`;
    context.print(`${name.padEnd(width)}  ${title} (${files}${size}; ${state})`);
  }
  return summaries;
}

function summaryOf(manifest: Manifest) {
  const { name, title, kind, licence, citation, files, generator } = manifest;
  const folder = datasetFolder(manifest, cacheFolder());
  const data = files.filter(({ beside }) => !beside);
  const known = data.every(({ bytes }) => bytes !== undefined);
  return {
    name,
    title,
    kind,
    licence,
    citation,
    folder,
    state: existsSync(folder) ? 'here' : generator ? 'drawn when asked for' : 'not fetched yet',
    files: generator
      ? `${generator.options.cells} cells`
      : data.length === 1
        ? '1 file'
        : `${data.length} files`,
    bytes: known && !generator ? data.reduce((sum, { bytes = 0 }) => sum + bytes, 0) : undefined,
  };
}

async function fetch(name: string, partial: boolean, context: CommandContext): Promise<FetchReport> {
  const report = await fetchDataset(name, context);
  const { total, verified, missing, folder } = report;
  for (const file of missing) context.print(`missing  ${file.file}  ${sizeOf(file)}`);
  for (const warning of report.warnings) context.print(`note: ${warning}`);
  const from = countBy(report.files.filter(({ reason }) => !reason).map(({ state }) => state));
  context.print(
    `${report.name}: ${verified} of ${total} files there and checked${from ? ` (${from})` : ''}, in ${folder}`,
  );
  context.print(`terms: ${report.licence}`);
  if (report.citation) context.print(`cite: ${report.citation}`);
  if (!report.complete && !(partial && verified > 0)) throw new IncompleteDataError(report);
  return report;
}

async function verify(name: string, context: CommandContext): Promise<VerifyReport> {
  const report = await verifyDataset(name, context);
  const { right, damaged, missing } = report;
  for (const { file, path, sha256, expected } of damaged) {
    context.print(`damaged  ${file}  ${path} has sha256 ${sha256}, not ${expected}`);
  }
  for (const file of missing) context.print(`missing  ${file.file}  ${sizeOf(file)}`);
  context.print(`${report.name}: ${right} right, ${damaged.length} damaged, ${missing.length} missing`);
  if (!report.ok) {
    const first = damaged[0]?.path ?? missing[0].file;
    throw new DamagedDataError(
      report,
      `lch data verify: ${report.name} has ${damaged.length} damaged and ${missing.length} missing files, the first is ${first}; ` +
        `replace them with "lch data fetch ${name}"`,
    );
  }
  return report;
}

/** "72 copied, 3 present". */
function countBy(states: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ');
}
