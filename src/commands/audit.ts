/** `lch audit`: where a synthetic study loses what was planted. */
import { auditStudy } from '../classify/audit-study';
import { barWithInterval } from '../plots/bar-with-interval';
import { takeRows } from '../stats/matrix';
import { DataError } from '../util/errors';
import { claimFolder } from '../util/files';
import { seededRandom } from '../util/random';
import { type Cells, metadataOption, onlyOption, openCells, rowsWhere } from './cell-columns';
import { defineCommand } from './command';
import { forceOption, latentsOption, outOption, seedOption } from './shared';
import { writeBothTables, writePicture, writeReport } from './write-results';

/** What the simulator plants beside the hallmarks. */
const otherFactors = ['area', 'elongation', 'granularity', 'focus'];

export const auditCommand = defineCommand({
  name: 'audit',
  summary:
    'States the held-out AUC of a synthetic study beside its planted factors’, and where the rest is lost.',
  details:
    'Writes report.json (AUC of the planted factors, of the factors as read from the descriptor, of the classifiers, with tumors left out and ' +
    'with cells split at random; R² of every factor; the loss by encoder, classifier and split), aucs.csv and probes.csv, both also as ' +
    'Parquet, and audit.svg.',
  options: {
    latents: latentsOption,
    metadata: metadataOption,
    only: onlyOption,
    label: {
      type: 'string',
      placeholder: 'COLUMN',
      default: 'metastatic_efficiency',
      help: 'Column with the label.',
    },
    positive: {
      type: 'string',
      placeholder: 'VALUE',
      default: 'high',
      help: 'Value of the label that counts as positive.',
    },
    group: { type: 'string', placeholder: 'COLUMN', default: 'tumor', help: 'Column that is left out.' },
    factors: {
      type: 'string',
      placeholder: 'COLUMN,…',
      default: 'pseudopod_extension,light_scattering',
      help: 'Planted factors that make the label.',
    },
    seed: seedOption,
    out: outOption('DIR', 'Folder for the results.'),
    force: forceOption,
  },
  examples: ['lch audit --latents z.csv --metadata cells/cells.csv --out audit'],
  async run(options, context) {
    const who = 'lch audit';
    const cells = await openCells(who, options);
    const labels = cells.column(options.label);
    const groups = cells.column(options.group);
    const names = options.factors.split(',').filter((name) => name !== '');
    const planted = names.map((name) => [name, cells.column(name)] as const);
    const others = otherFactors
      .filter((name) => !names.includes(name))
      .flatMap((name) => optionalColumn(cells, name).map((values) => [name, values] as const));
    const rows = rowsWhere([labels, groups, ...planted.map(([, values]) => values)]);
    if (!rows.some((i) => labels[i] === options.positive)) {
      throw new DataError(
        `${who}: no cell has ${options.label} "${options.positive}"; its values are ${[...new Set(rows.map((i) => labels[i]))].slice(0, 10).join(', ') || 'all unknown'}`,
      );
    }
    const numbers = (columns: readonly (readonly [string, string[]])[]) =>
      columns.map(([name, values]) => [name, rows.map((i) => Number(values[i]))] as const);
    const varying = numbers(others).filter(
      ([, values]) => values.every(Number.isFinite) && values.some((value) => value !== values[0]),
    );
    const audit = await auditStudy({
      latents: takeRows(cells.values, cells.dims, rows),
      n: rows.length,
      d: cells.dims,
      labels: rows.map((i) => labels[i] === options.positive),
      groups: rows.map((i) => groups[i]),
      factors: Object.fromEntries(numbers(planted)),
      others: Object.fromEntries(varying),
      random: seededRandom(options.seed),
      progress: context.progress,
      signal: context.signal,
    });
    claimFolder(who, options.out, options.force);
    const judged = [
      { what: 'planted factors', ...audit.trueFactors },
      { what: 'factors read from the descriptor', ...audit.readFactors },
      { what: 'descriptor, LDA', ...audit.lda },
      { what: 'descriptor, logistic regression', ...audit.logistic },
      ...(audit.network ? [{ what: 'descriptor, small network', ...audit.network }] : []),
    ];
    const of = <K extends keyof (typeof judged)[0]>(name: K) => judged.map((row) => row[name]);
    await writeBothTables(options.out, 'aucs', {
      what: of('what'),
      auc_left_out: of('leftOut'),
      auc_random_split: of('randomSplit'),
    });
    const probes = Object.entries(audit.probes).map(([factor, probe]) => ({ factor, ...probe }));
    await writeBothTables(options.out, 'probes', {
      factor: probes.map(({ factor }) => factor),
      r2_left_out: probes.map(({ leftOut }) => leftOut),
      r2_random_split: probes.map(({ randomSplit }) => randomSplit),
      makes_label: probes.map(({ label }) => (label ? 1 : 0)),
    });
    const report = {
      label: options.label,
      positive: options.positive,
      group: options.group,
      factors: names,
      cells: rows.length,
      ...audit,
    };
    writeReport(options.out, report);
    await writePicture(
      options.out,
      'audit',
      barWithInterval(judged, {
        category: 'what',
        value: 'leftOut',
        domain: [0.5, 1],
        reference: { value: audit.trueFactors.leftOut, label: 'planted factors' },
        valueTitle: `AUC, each ${options.group} left out`,
        title: 'Where the planted difference is lost',
        note: 'Synthetic cells',
      }),
    );
    for (const sentence of audit.sentences) context.print(sentence);
    return report;
  },
});

/** The column, or nothing where no table has it. */
function optionalColumn(cells: Cells, name: string): string[][] {
  try {
    return [cells.column(name)];
  } catch (error) {
    if (error instanceof DataError) return [];
    throw error;
  }
}
