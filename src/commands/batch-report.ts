/** `lch batch-report`: how much of the descriptors is the day, and what corrections cost. */
import { batchReport, type Correction, correctBatches } from '../classify/batch-report';
import { barWithInterval } from '../plots/bar-with-interval';
import { heatmap } from '../plots/heatmap';
import { takeRows } from '../stats/matrix';
import { permanova } from '../stats/variance-explained';
import { DataError, messageOf, OptionError, UserError } from '../util/errors';
import { claimFolder } from '../util/files';
import { seededRandom } from '../util/random';
import { type Cells, metadataOption, onlyOption, openCells, rowsWhere, splitOnce } from './cell-columns';
import { defineCommand } from './command';
import { forceOption, latentsOption, outOption, seedOption } from './shared';
import { writeBothTables, writePicture, writeReport } from './write-results';

export const batchReportCommand = defineCommand({
  name: 'batch-report',
  summary: 'Measures how much of the descriptors is the day, and what corrections do to the label.',
  details:
    'Writes variance.csv (share of the variance by day and other factors), corrections.csv (AUC of the label with cells split at random, ' +
    'within days and between days, before and after each correction), both also as Parquet, report.json, variance.svg and corrections.svg. ' +
    'With --write, the corrected descriptors as descriptors.csv and .parquet.',
  options: {
    latents: latentsOption,
    metadata: metadataOption,
    only: onlyOption,
    label: { type: 'string', placeholder: 'COLUMN', required: true, help: 'Column with the label.' },
    positive: {
      type: 'string',
      placeholder: 'VALUE',
      required: true,
      help: 'Value of the label that counts as positive.',
    },
    day: {
      type: 'string',
      placeholder: 'COLUMN',
      default: 'date',
      help: 'Column with the day of imaging, or another batch.',
    },
    factors: {
      type: 'string',
      placeholder: 'COLUMN,…',
      help: 'Further columns whose share of the variance is measured, such as tumor,series.',
    },
    group: {
      type: 'string',
      placeholder: 'COLUMN',
      help: 'Column with the tumor: a PERMANOVA exchanges the labels of whole tumors.',
    },
    reference: {
      type: 'string',
      placeholder: 'COLUMN=VALUE',
      help: 'Control cells imaged every day, such as cell_type=atcc: centring measures a day on them alone and keeps biology that goes along with days.',
    },
    write: {
      type: 'choice',
      choices: ['none', 'center', 'combat', 'harmony'],
      default: 'none',
      help: 'Writes the descriptors after this correction, to go on with.',
    },
    seed: seedOption,
    out: outOption('DIR', 'Folder for the results.'),
    force: forceOption,
  },
  examples: [
    'lch batch-report --latents z.csv --label metastatic_efficiency --positive high --day date --factors tumor --out batches',
  ],
  async run(options, context) {
    const who = 'lch batch-report';
    const cells = await openCells(who, options);
    const factorNames = (options.factors ?? '').split(',').filter((name) => name !== '');
    const labels = cells.column(options.label);
    const days = cells.column(options.day);
    const factorColumns = factorNames.map((name) => cells.column(name));
    const groups = options.group ? cells.column(options.group) : null;
    const reference = options.reference ? referenceCells(who, cells, options.reference) : null;
    const rows = rowsWhere([labels, days, ...factorColumns, ...(groups ? [groups] : [])]);
    if (!rows.some((i) => labels[i] === options.positive)) {
      const values = [...new Set(rows.map((i) => labels[i]))];
      throw new DataError(
        `${who}: no cell has ${options.label} "${options.positive}"; its values are ${values.slice(0, 10).join(', ') || 'all unknown'}`,
      );
    }
    const of = <T>(column: readonly T[]) => rows.map((i) => column[i]);
    const random = seededRandom(options.seed);
    const study = {
      latents: takeRows(cells.values, cells.dims, rows),
      n: rows.length,
      d: cells.dims,
      labels: rows.map((i) => labels[i] === options.positive),
      batches: of(days),
      factors: Object.fromEntries(factorNames.map((name, f) => [name, of(factorColumns[f])])),
      reference: reference ? of(reference) : undefined,
      random,
      progress: context.progress,
      signal: context.signal,
    };
    const result = await batchReport(study);
    const categories = groups ? exchangeTumors(study, of(labels), of(groups), random) : null;
    claimFolder(who, options.out, options.force);
    for (const warning of result.warnings) context.progress.log(`warning: ${warning}`);

    const variance = result.variance.factors.map((row) => ({
      ...row,
      factor: row.factor === 'batch' ? options.day : row.factor,
    }));
    await writeBothTables(options.out, 'variance', {
      factor: variance.map(({ factor }) => factor),
      levels: variance.map(({ levels }) => levels),
      r2: variance.map(({ r2 }) => r2),
      adjusted_r2: variance.map(({ adjustedR2 }) => adjustedR2),
      fraction: variance.map(({ fraction }) => fraction),
    });
    await writeBothTables(options.out, 'corrections', {
      correction: result.corrections.map(({ correction }) => correction),
      auc_random_split: result.corrections.map(({ naive }) => naive),
      auc_within_days: result.corrections.map(({ withinBatch }) => withinBatch),
      auc_between_days: result.corrections.map(({ betweenBatch }) => betweenBatch),
      day_r2: result.corrections.map(({ batchR2 }) => batchR2),
      sees: result.corrections.map(({ sees }) => sees),
    });
    if (options.write !== 'none') await writeCorrected(cells, rows, options, study);
    const report = {
      label: options.label,
      positive: options.positive,
      day: options.day,
      cells: rows.length,
      variance: { factors: variance, residualFraction: result.variance.residualFraction },
      permanova: categories,
      corrections: result.corrections,
      warnings: result.warnings,
      options: { reference: options.reference ?? null, seed: options.seed },
    };
    writeReport(options.out, report);
    await writePicture(
      options.out,
      'variance',
      barWithInterval(
        [
          ...variance.flatMap(({ factor, r2, fraction }) => [
            { factor: `${factor}: with what goes along`, share: r2 },
            { factor: `${factor}: its own`, share: fraction },
          ]),
          { factor: 'between cells alike in all of these', share: result.variance.residualFraction },
        ],
        {
          category: 'factor',
          value: 'share',
          domain: [0, 1],
          valueTitle: 'Share of the descriptors’ variance',
          title: 'What the descriptors vary with',
        },
      ),
    );
    await writePicture(
      options.out,
      'corrections',
      heatmap(
        result.corrections.flatMap(({ correction, naive, withinBatch, betweenBatch, batchR2 }) => [
          { correction, measure: 'AUC, random split', value: naive },
          { correction, measure: 'AUC, within days', value: withinBatch },
          { correction, measure: 'AUC, between days', value: betweenBatch },
          { correction, measure: 'R² of the day', value: batchR2 },
        ]),
        {
          x: 'correction',
          y: 'measure',
          value: 'value',
          domain: [0, 1],
          xOrder: result.corrections.map(({ correction }) => correction),
          yOrder: ['AUC, random split', 'AUC, within days', 'AUC, between days', 'R² of the day'],
          title: `${options.label} = ${options.positive}: does it survive the correction?`,
          width: 320,
          height: 140,
          yTitle: '',
          valueTitle: '',
        },
      ),
    );
    const [plain] = result.corrections;
    context.print(
      `AUC ${plain.naive.toFixed(2)} with cells split at random, ${plain.betweenBatch?.toFixed(2) ?? 'not measurable'} between days; results in ${options.out}`,
    );
    return report;
  },
});

/** Marks of the cells that COLUMN=VALUE names. */
function referenceCells(who: string, cells: Cells, text: string): boolean[] {
  const [column, value] = splitOnce(text);
  if (value === '') {
    throw new OptionError(`${who}: --reference needs COLUMN=VALUE, such as cell_type=atcc, got "${text}"`);
  }
  const marks = cells.column(column).map((own) => own === value);
  if (!marks.includes(true)) throw new DataError(`${who}: no cell has ${column} "${value}"`);
  return marks;
}

/** PERMANOVA of the label, whole tumors exchanged; the reason where a tumor holds both labels. */
function exchangeTumors(
  { latents, n, d }: { latents: Float64Array; n: number; d: number },
  labels: string[],
  groups: string[],
  random: ReturnType<typeof seededRandom>,
) {
  try {
    return { ...permanova(latents, n, d, labels, groups, { random: random.fork('permanova') }), why: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { r2: null, p: null, why: messageOf(error) };
  }
}

/** The descriptors after a correction, with all other columns as they were. */
async function writeCorrected(
  cells: Cells,
  rows: readonly number[],
  options: { write: string; out: string },
  study: Parameters<typeof correctBatches>[1],
): Promise<void> {
  const corrected = await correctBatches(options.write as Correction, study);
  const columns: Record<string, unknown[]> = {};
  for (const name of cells.table.columnNames()) {
    const feature = /^z(\d+)$/.exec(name);
    const values = cells.table.array(name) as ArrayLike<unknown>;
    columns[name] = feature
      ? rows.map((_, i) => corrected[i * cells.dims + Number(feature[1]) - 1])
      : rows.map((i) => values[i]);
  }
  await writeBothTables(options.out, 'descriptors', columns);
}
