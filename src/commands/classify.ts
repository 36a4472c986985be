/** `lch classify`: does the descriptor tell a label, in groups that the classifier never saw? */
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { type Evaluation, evaluateByGroup } from '../classify/evaluate-by-group';
import { oneAgainstAll, pairwiseAuc } from '../classify/pairwise-auc';
import { barWithInterval } from '../plots/bar-with-interval';
import { heatmap } from '../plots/heatmap';
import { linePlot } from '../plots/line-plot';
import { rocPlot } from '../plots/roc-plot';
import { scoreDistribution } from '../plots/score-distribution';
import { takeRows } from '../stats/matrix';
import { adjustP } from '../stats/multiple-testing';
import { normalCdf } from '../stats/normal';
import { DataError, OptionError } from '../util/errors';
import { claimFolder, writeFileAtomic } from '../util/files';
import { seededRandom } from '../util/random';
import { type Cells, metadataOption, numbersOf, onlyOption, openCells, rowsWhere } from './cell-columns';
import { classifierOptions, readClassifierOptions } from './classifier-options';
import { type CommandContext, defineCommand, type OptionValues } from './command';
import { forceOption, latentsOption, outOption, seedOption } from './shared';
import { writeBothTables, writePicture, writeReport } from './write-results';

const options = {
  latents: latentsOption,
  metadata: metadataOption,
  only: onlyOption,
  label: { type: 'string', placeholder: 'COLUMN', required: true, help: 'Column with the label.' },
  positive: {
    type: 'string',
    placeholder: 'VALUE',
    help: 'Value of the label that counts as positive; not needed with --mode pairwise and one-against-all.',
  },
  group: {
    type: 'string',
    placeholder: 'COLUMN',
    required: true,
    help: 'Column whose values are left out one by one, such as tumor, cell_type or date.',
  },
  mode: {
    type: 'choice',
    choices: ['label', 'pairwise', 'one-against-all'],
    default: 'label',
    help: 'One value against the rest; every pair of values, for a matrix; or each value against all others.',
  },
  day: {
    type: 'string',
    placeholder: 'COLUMN',
    help: 'Column with the day of imaging: the bootstrap draws days inside groups, and a day in training and in test is reported.',
  },
  'leave-out-day': {
    type: 'boolean',
    help: 'Leaves out, with a group, all cells of its days: both at once (needs --day).',
  },
  track: {
    type: 'string',
    placeholder: 'COLUMN',
    help: 'Column with the track of a living cell: adds the AUC of time-averaged descriptors.',
  },
  rival: {
    type: 'string',
    placeholder: 'H.csv',
    help: 'Other numbers of the same cells, such as shape measures of lch hallmarks, judged in the same way.',
    path: true,
  },
  network: {
    type: 'boolean',
    help: 'Adds a small network: does a score that need not be linear do better?',
  },
  ...classifierOptions,
  permutations: {
    type: 'integer',
    default: 0,
    min: 0,
    help: 'Relabelings of whole groups for a permutation test.',
  },
  resamples: {
    type: 'integer',
    default: 1000,
    min: 2,
    help: 'Resamples of the bootstrap over groups and days.',
  },
  seed: seedOption,
  out: outOption('DIR', 'Folder for the results.'),
  force: forceOption,
} as const;

type Options = OptionValues<typeof options>;

export const classifyCommand = defineCommand({
  name: 'classify',
  summary:
    'Tests whether descriptors tell a label in groups that were left out, and fits a classifier on all cells.',
  details:
    'Each group (a tumor, a day) is scored by a classifier trained on all others. Writes scores.csv and scores.parquet (out-of-group ' +
    'score of every labelled cell), report.json (AUC with intervals, per group, precision and recall, calibration, pairs of groups left ' +
    'out, group means), pictures (roc, precision-recall, calibration, scores; .svg and the Vega-Lite .vl.json), and classifier.json ' +
    '(fitted on all cells, for transfer and amplification). Cells whose label is empty or "unknown" are left out. With --mode pairwise or ' +
    'one-against-all: matrix.csv, matrix.parquet, matrix.svg and report.json.',
  options,
  examples: [
    'lch classify --latents z.csv --label metastatic_efficiency --positive high --group tumor --out lda',
    'lch classify --latents z.csv --label cell_type --group date --mode pairwise --out types',
  ],
  async run(options, context) {
    readClassifierOptions('lch classify', options); // what is wrong with it is said before anything is read or written
    const cells = await openCells('lch classify', options);
    return options.mode === 'label'
      ? classifyLabel(cells, options, context)
      : compareValues(cells, options, context);
  },
});

async function classifyLabel(cells: Cells, options: Options, context: CommandContext) {
  const { positive } = options;
  if (positive === undefined) {
    throw new OptionError(
      'lch classify: --positive is missing; it names the value of the label that counts as positive (or compare all with --mode pairwise)',
    );
  }
  if (options.leaveOutDay && !options.day) {
    throw new OptionError('lch classify: --leave-out-day needs --day, the column with the day');
  }
  const labels = cells.column(options.label);
  const groups = cells.column(options.group);
  const days = options.day ? cells.column(options.day) : null;
  const tracks = options.track ? cells.column(options.track) : null;
  const rows = rowsWhere([labels, groups, ...(days ? [days] : [])]);
  const values = [...new Set(rows.map((i) => labels[i]))];
  if (!values.includes(positive)) {
    throw new DataError(
      `lch classify: no cell has ${options.label} "${positive}"; its values are ${values.slice(0, 10).join(', ') || 'all unknown'}`,
    );
  }
  const of = (column: string[]) => rows.map((i) => column[i]);
  const rival = options.rival ? await numbersOf('lch classify', cells.paths, options.rival) : null;
  claimFolder('lch classify', options.out, options.force);
  const others = values.filter((value) => value !== positive);
  const truth = rows.map((i) => labels[i] === positive);
  const dayOf = days ? of(days) : undefined;
  const result = await evaluateByGroup({
    ...readClassifierOptions('lch classify', options),
    latents: takeRows(cells.values, cells.dims, rows),
    n: rows.length,
    d: cells.dims,
    labels: truth,
    groups: of(groups),
    classes: [others.length === 1 ? others[0] : `not ${positive}`, positive],
    days: dayOf,
    // leaving out a day under its own name would leave nothing of it
    alsoLeaveOut: options.leaveOutDay ? { day: dayOf! } : undefined,
    // numbers of tracks repeat from tumor to tumor and from day to day
    tracks: tracks ? rows.map((i) => JSON.stringify([groups[i], days?.[i] ?? '', tracks[i]])) : undefined,
    rival: rival
      ? { values: takeRows(rival.values, rival.names.length, rows), d: rival.names.length }
      : undefined,
    network: options.network,
    permutations: options.permutations,
    resamples: options.resamples,
    random: seededRandom(options.seed),
    progress: context.progress,
    signal: context.signal,
  });
  for (const warning of result.warnings) context.progress.log(`warning: ${warning}`);

  await writeBothTables(options.out, 'scores', {
    path: rows.map((i) => cells.paths[i]),
    group: of(groups),
    label: of(labels),
    fold: Array.from(result.fold, (fold) => result.perGroup[fold].group),
    score: result.scores,
  });
  const report = describe(result, options, rows.length, rival?.names ?? []);
  writeReport(options.out, report);
  writeFileAtomic(join(options.out, 'classifier.json'), `${JSON.stringify(result.classifier, null, 2)}\n`);
  const drawn = rows.map((i, k) => ({ score: result.scores[k], group: groups[i], label: labels[i] }));
  for (const [name, spec] of Object.entries(pictures(result, drawn, options))) {
    await writePicture(options.out, name, spec);
  }
  const [low, high] = report.auc.ci95;
  context.print(
    `AUC ${report.auc.value.toFixed(3)} (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}) over ${report.perGroup.length} left-out groups; results in ${options.out}`,
  );
  return report;
}

/** Every pair of values, or each against all others, out of group. */
async function compareValues(cells: Cells, options: Options, context: CommandContext) {
  const labels = cells.column(options.label);
  const groups = cells.column(options.group);
  const rows = rowsWhere([labels, groups]);
  claimFolder('lch classify', options.out, options.force);
  const compare = options.mode === 'pairwise' ? pairwiseAuc : oneAgainstAll;
  const found = await compare({
    ...readClassifierOptions('lch classify', options),
    latents: takeRows(cells.values, cells.dims, rows),
    n: rows.length,
    d: cells.dims,
    types: rows.map((i) => labels[i]),
    groups: rows.map((i) => groups[i]),
    progress: context.progress,
    signal: context.signal,
  });
  // two-sided, against an AUC of 0.5, cells taken as independent; all comparisons corrected together (Holm)
  const tested = found.filter(({ auc }) => auc !== null && auc.standardError > 0);
  const p = tested.map(({ auc }) => 2 * normalCdf(-Math.abs(auc!.auc - 0.5) / auc!.standardError));
  const adjusted = adjustP(p, 'holm');
  const comparisons = found.map(({ type, against, auc, why, cells: counts }) => {
    const t = tested.findIndex((other) => other.type === type && other.against === against);
    return {
      type,
      against,
      auc: auc?.auc ?? null,
      low: auc?.low ?? null,
      high: auc?.high ?? null,
      p: t >= 0 ? p[t] : null,
      pHolm: t >= 0 ? adjusted[t] : null,
      cells: counts[0],
      cellsAgainst: counts[1],
      why,
    };
  });
  const columns = Object.keys(comparisons[0]) as (keyof (typeof comparisons)[0])[];
  await writeBothTables(
    options.out,
    'matrix',
    Object.fromEntries(columns.map((name) => [name, comparisons.map((row) => row[name])])),
  );
  const measured = comparisons.flatMap(({ auc }) => (auc === null ? [] : [auc]));
  const report = {
    mode: options.mode,
    label: options.label,
    group: options.group,
    cells: rows.length,
    comparisons,
    measured: measured.length,
    meanAuc: measured.length > 0 ? measured.reduce((sum, value) => sum + value, 0) / measured.length : null,
    intervals: 'DeLong: cells taken as independent',
    options: { ...readClassifierOptions('lch classify', options), seed: options.seed },
  };
  writeReport(options.out, report);
  const title = `${options.label}, each ${options.group} left out`;
  await writePicture(
    options.out,
    'matrix',
    options.mode === 'pairwise'
      ? heatmap(
          comparisons.flatMap(({ type, against, auc }) => [
            { type, against, auc },
            { type: against, against: type, auc },
          ]),
          { x: 'type', y: 'against', value: 'auc', domain: [0.5, 1], valueTitle: 'AUC', title },
        )
      : barWithInterval(comparisons, {
          category: 'type',
          value: 'auc',
          low: 'low',
          high: 'high',
          domain: [0, 1],
          reference: { value: 0.5, label: 'chance' },
          valueTitle: 'AUC against all others',
          title,
        }),
  );
  context.print(
    `${measured.length} of ${comparisons.length} comparisons measured, mean AUC ${report.meanAuc?.toFixed(3) ?? 'none'}; results in ${options.out}`,
  );
  return report;
}

/** report.json. */
function describe(result: Evaluation, options: Options, cells: number, rivalNames: string[]) {
  const { permutation, precisionRecall, calibration, rival } = result;
  return {
    method: result.method,
    label: options.label,
    positive: options.positive,
    group: options.group,
    leftOut: options.leaveOutDay ? [options.group, options.day] : [options.group],
    cells,
    auc: result.auc,
    bootstrap: result.bootstrap,
    curves: result.bands,
    accuracy: result.accuracy,
    balancedAccuracy: result.balancedAccuracy,
    effect: result.effect,
    perGroup: result.perGroup.map((group) => ({ ...group, confusion: result.confusion.get(group.group) })),
    groupMeans: result.groupMeans,
    pairOut: result.pairOut,
    permutation: permutation && {
      p: permutation.p,
      n: permutation.n,
      exact: permutation.exact,
      labelings: Number.isFinite(permutation.labelings) ? permutation.labelings : null,
      smallestP: permutation.smallestP,
      // where a label without meaning ends up
      nullMean: permutation.null.reduce((sum, value) => sum + value, 0) / permutation.null.length,
    },
    precisionRecall: {
      averagePrecision: precisionRecall.averagePrecision,
      ci95: result.bootstrap.averagePrecision.ci95,
      prevalence: precisionRecall.prevalence,
    },
    calibration,
    trackAverages: result.trackAverages,
    rival: rival && { features: rivalNames, ...rival },
    network: result.network,
    why: result.why,
    warnings: result.warnings,
    options: { ...result.options, resamples: options.resamples, seed: options.seed },
  };
}

function pictures(
  result: Evaluation,
  drawn: { score: number; group: string; label: string }[],
  options: Options,
): Record<string, TopLevelSpec> {
  const { precisionRecall: curve, calibration, bands } = result;
  const title = `${options.label} = ${options.positive}, each ${options.group} left out`;
  const subtitle = `Bands: bootstrap over ${result.bootstrap.clusters} groups${options.day ? ' and days' : ''}`;
  const [low, high] = result.bootstrap.averagePrecision.ci95;
  return {
    roc: rocPlot(bands.roc, { auc: result.auc.value, ci95: result.auc.ci95, title, subtitle }),
    'precision-recall': linePlot(bands.precisionRecall, {
      x: 'recall',
      y: 'precision',
      low: 'lower',
      high: 'upper',
      points: false,
      xDomain: [0, 1],
      yDomain: [0, 1],
      reference: { at: curve.prevalence, label: 'a score without meaning' },
      title,
      subtitle: `Average precision ${curve.averagePrecision.toFixed(2)} (95 % interval ${low.toFixed(2)}–${high.toFixed(2)}). ${subtitle}`,
      width: 360,
      height: 360,
    }),
    calibration: linePlot(
      calibration.bins.filter(({ cells }) => cells > 0),
      {
        x: 'predicted',
        y: 'observed',
        xDomain: [0, 1],
        yDomain: [0, 1],
        reference: { at: 'diagonal', label: 'perfect' },
        title: `Probabilities of ${options.positive}, each ${options.group} left out`,
        subtitle: `Brier score ${calibration.brier.toFixed(3)}; always saying the share of cells: ${calibration.brierOfPrevalence.toFixed(3)}`,
        xTitle: 'Predicted probability',
        yTitle: `Share of ${options.positive} cells`,
        width: 360,
        height: 360,
      },
    ),
    scores: scoreDistribution(drawn, { score: 'score', group: 'group', color: 'label', title }),
  };
}
