/** `lch cells-needed`: how many cells until a tumor is called right. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellsNeeded } from '../classify/cells-needed';
import { readTable } from '../data/table-io';
import { linePlot } from '../plots/line-plot';
import { DataError } from '../util/errors';
import { claimFolder } from '../util/files';
import { seededRandom } from '../util/random';
import { defineCommand } from './command';
import { forceOption, outOption, seedOption } from './shared';
import { writeBothTables, writePicture, writeReport } from './write-results';

export const cellsNeededCommand = defineCommand({
  name: 'cells-needed',
  summary: 'Draws fewer and fewer cells per tumor: how many are needed until it is called right?',
  details:
    'Takes the out-of-group scores that lch classify wrote. Writes curve.csv (accuracy and AUC of group means against the number of cells), ' +
    'groups.csv (share of right calls per tumor and number), both also as Parquet, report.json, curve.svg and groups.svg.',
  options: {
    classifier: {
      type: 'string',
      placeholder: 'DIR',
      required: true,
      help: 'Folder that lch classify wrote, with scores.csv and report.json.',
      path: true,
    },
    sizes: {
      type: 'numbers',
      default: [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200],
      unit: 'cells',
      help: 'Cells drawn per tumor.',
    },
    resamples: { type: 'integer', default: 1000, min: 1, help: 'Draws per number of cells.' },
    target: {
      type: 'number',
      default: 0.95,
      min: 0.5,
      max: 1,
      help: 'Share of right calls that counts as enough.',
    },
    seed: seedOption,
    out: outOption('DIR', 'Folder for the results.'),
    force: forceOption,
  },
  examples: ['lch cells-needed --classifier lda --out needed'],
  async run(options, context) {
    const who = 'lch cells-needed';
    const positive = positiveOf(who, options.classifier);
    const table = await readTable(join(options.classifier, 'scores.csv'));
    const text = (name: string) => Array.from(table.array(name) as ArrayLike<unknown>, String);
    const groups = text('group');
    const result = await cellsNeeded({
      scores: table.array('score') as ArrayLike<number>,
      labels: text('label').map((label) => label === positive),
      groups,
      sizes: options.sizes,
      resamples: options.resamples,
      target: options.target,
      random: seededRandom(options.seed),
      progress: context.progress,
      signal: context.signal,
    });
    claimFolder(who, options.out, options.force);
    await writeBothTables(options.out, 'curve', {
      cells: result.rows.map(({ cells }) => cells),
      accuracy: result.rows.map(({ accuracy }) => accuracy),
      accuracy_low: result.rows.map(({ low }) => low),
      accuracy_high: result.rows.map(({ high }) => high),
      auc_of_means: result.rows.map(({ auc }) => auc),
    });
    const perGroup = result.perGroup.flatMap(({ group, rightCalls }) =>
      rightCalls.map((share, s) => ({ group, cells: options.sizes[s], rightCalls: share })),
    );
    await writeBothTables(options.out, 'groups', {
      group: perGroup.map(({ group }) => group),
      cells: perGroup.map(({ cells }) => cells),
      right_calls: perGroup.map(({ rightCalls }) => rightCalls),
    });
    const report = {
      positive,
      needed: result.needed,
      target: options.target,
      perGroup: result.perGroup,
      rows: result.rows,
      options: { resamples: options.resamples, seed: options.seed },
    };
    writeReport(options.out, report);
    const enough = `${Math.round(100 * options.target)} %`;
    const of = `${result.perGroup.length} groups, each scored by a classifier that never saw it`;
    await writePicture(
      options.out,
      'curve',
      linePlot(result.rows, {
        x: 'cells',
        y: 'accuracy',
        low: 'low',
        high: 'high',
        xScale: 'log',
        yDomain: [0, 1.02],
        reference: { at: options.target, label: enough },
        xTitle: 'Cells per group',
        yTitle: 'Groups called right',
        title: 'How many cells until a group is called right',
        subtitle: `${of}; band: 95 % of the draws`,
      }),
    );
    await writePicture(
      options.out,
      'groups',
      linePlot(perGroup, {
        x: 'cells',
        y: 'rightCalls',
        series: 'group',
        xScale: 'log',
        yDomain: [0, 1.02],
        reference: { at: options.target, label: enough },
        xTitle: 'Cells per group',
        yTitle: 'Share of right calls',
        title: 'How many cells until a group is called right',
        subtitle: of,
      }),
    );
    const never = result.perGroup.filter(({ needed }) => needed === null).map(({ group }) => group);
    context.print(
      result.needed === null
        ? `${never.join(', ')} ${never.length === 1 ? 'is' : 'are'} never called right in ${enough} of the draws; results in ${options.out}`
        : `every group is called right in ${enough} of the draws from ${result.needed} cells on; results in ${options.out}`,
    );
    return report;
  },
});

/** The positive value of the label, from report.json. */
function positiveOf(who: string, folder: string): string {
  const path = join(folder, 'report.json');
  const report: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  const positive = (report as { positive?: unknown } | null)?.positive;
  if (typeof positive !== 'string') {
    throw new DataError(
      `${who}: ${folder} has no report.json with the positive value of a label; make it with lch classify --positive`,
    );
  }
  return positive;
}
