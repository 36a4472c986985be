/** `lch classify`: does the descriptor tell a label, in groups that the classifier never saw? */
import { basename, join } from 'node:path';
import { classifyByGroup } from '../classify/leave-one-group-out';
import { readTable, writeTable } from '../data/table-io';
import { renderSvg } from '../plots/render-vega-lite';
import { rocPlot } from '../plots/roc-plot';
import { rocCurve } from '../stats/roc-curve';
import { type ColumnTable, loadArquero } from '../util/arquero';
import { DataError } from '../util/errors';
import { claimFolder, writeFileAtomic } from '../util/files';
import { nearestName } from '../util/nearest-name';
import { seededRandom } from '../util/random';
import { defineCommand } from './command';
import { forceOption, latentsOption, outOption, readLatents, seedOption } from './shared';

export const classifyCommand = defineCommand({
  name: 'classify',
  summary:
    'Tests whether descriptors tell a label in groups that were left out, and fits a classifier on all cells.',
  details:
    'Each group (a tumor, a day) is scored by a classifier trained on all others. Writes scores.csv (out-of-group score of every ' +
    'labelled cell), report.json (AUC with interval, per group), roc.svg, and classifier.json (fitted on all cells, for transfer ' +
    'and amplification). Cells whose label is empty or "unknown" are left out.',
  options: {
    latents: latentsOption,
    metadata: {
      type: 'string',
      placeholder: 'CELLS.csv',
      help: 'Table with a column path and the label or group, where the descriptors’ own table lacks them.',
      path: true,
    },
    label: { type: 'string', placeholder: 'COLUMN', required: true, help: 'Column with the label.' },
    positive: {
      type: 'string',
      placeholder: 'VALUE',
      required: true,
      help: 'Value of the label that counts as positive.',
    },
    group: {
      type: 'string',
      placeholder: 'COLUMN',
      required: true,
      help: 'Column whose values are left out one by one, such as tumor, cell_type or date.',
    },
    method: {
      type: 'choice',
      choices: ['lda', 'logistic'],
      default: 'lda',
      help: 'Linear discriminant, or ridge logistic regression.',
    },
    priors: {
      type: 'choice',
      choices: ['equal', 'empirical'],
      default: 'equal',
      help: 'Class probabilities before seeing a cell. Empirical ones bias pooled scores against the left-out group.',
    },
    permutations: {
      type: 'integer',
      default: 0,
      min: 0,
      help: 'Relabelings of whole groups for a permutation test.',
    },
    seed: seedOption,
    out: outOption('DIR', 'Folder for the results.'),
    force: forceOption,
  },
  examples: [
    'lch classify --latents z.csv --label metastatic_efficiency --positive high --group tumor --out lda',
  ],
  async run(options, context) {
    const latents = await readLatents(options.latents);
    const metadata = options.metadata ? await readTable(options.metadata) : null;
    const labels = columnFor(options.label, latents, options.latents, metadata, options.metadata);
    const groups = columnFor(options.group, latents, options.latents, metadata, options.metadata);
    const rows = labels.flatMap((label, i) => (isKnown(label) && isKnown(groups[i]) ? [i] : []));
    const values = [...new Set(rows.map((i) => labels[i]))];
    if (!values.includes(options.positive)) {
      throw new DataError(
        `lch classify: no cell has ${options.label} "${options.positive}"; its values are ${values.slice(0, 10).join(', ') || 'all unknown'}`,
      );
    }
    claimFolder('lch classify', options.out, options.force);
    const { dims } = latents;
    const selected = new Float64Array(rows.length * dims);
    rows.forEach((row, i) => {
      selected.set(latents.values.subarray(row * dims, (row + 1) * dims), i * dims);
    });
    const others = values.filter((value) => value !== options.positive);
    const truth = rows.map((i) => labels[i] === options.positive);
    const result = await classifyByGroup({
      latents: selected,
      n: rows.length,
      d: dims,
      labels: truth,
      groups: rows.map((i) => groups[i]),
      classes: [others.length === 1 ? others[0] : `not ${options.positive}`, options.positive],
      method: options.method as 'lda' | 'logistic',
      priors: options.priors as 'equal' | 'empirical',
      permutations: options.permutations,
      random: seededRandom(options.seed),
      progress: context.progress,
      signal: context.signal,
    });
    for (const warning of result.warnings) context.progress.log(`warning: ${warning}`);

    const { table } = await loadArquero();
    await writeTable(
      join(options.out, 'scores.csv'),
      table({
        path: rows.map((i) => latents.paths[i]),
        group: rows.map((i) => groups[i]),
        label: rows.map((i) => labels[i]),
        fold: Array.from(result.fold, (fold) => result.perGroup[fold].group),
        score: result.scores,
      }),
    );
    const report = {
      method: result.method,
      label: options.label,
      positive: options.positive,
      group: options.group,
      cells: rows.length,
      auc: result.auc,
      accuracy: result.accuracy,
      balancedAccuracy: result.balancedAccuracy,
      perGroup: result.perGroup,
      permutation: result.permutation && {
        p: result.permutation.p,
        n: result.permutation.n,
        exact: result.permutation.exact,
        smallestP: result.permutation.smallestP,
      },
      warnings: result.warnings,
      options: { ...result.options, seed: options.seed },
    };
    writeFileAtomic(join(options.out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    writeFileAtomic(join(options.out, 'classifier.json'), `${JSON.stringify(result.classifier, null, 2)}\n`);
    writeFileAtomic(
      join(options.out, 'roc.svg'),
      await renderSvg(rocSpec(result.scores, truth, report.auc, options)),
    );
    const [low, high] = report.auc.ci95;
    context.print(
      `AUC ${report.auc.value.toFixed(3)} (95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}) over ${report.perGroup.length} left-out groups; results in ${options.out}`,
    );
    return report;
  },
});

function rocSpec(
  scores: Float64Array,
  truth: boolean[],
  auc: { value: number; ci95: [number, number] },
  options: { label: string; positive: string; group: string },
) {
  const curve = rocCurve(scores, truth);
  return rocPlot(
    Array.from(curve.falsePositiveRate, (falsePositiveRate, i) => ({
      falsePositiveRate,
      truePositiveRate: curve.truePositiveRate[i],
    })),
    {
      auc: auc.value,
      ci95: auc.ci95,
      title: `${options.label} = ${options.positive}, each ${options.group} left out`,
    },
  );
}

function isKnown(value: string): boolean {
  return value !== '' && value !== 'unknown' && value !== 'null' && value !== 'undefined';
}

/** A column as text, from the descriptors' table or, by path, from the metadata. */
function columnFor(
  name: string,
  latents: { table: ColumnTable; paths: string[] },
  latentsPath: string,
  metadata: ColumnTable | null,
  metadataPath: string | undefined,
): string[] {
  const text = (value: unknown) => (value === null || value === undefined ? '' : String(value));
  if (latents.table.columnNames().includes(name)) {
    return Array.from(latents.table.array(name) as ArrayLike<unknown>, text);
  }
  if (!metadata?.columnNames().includes(name)) {
    const known = [
      ...latents.table.columnNames().filter((column) => !/^z\d+$/.test(column)),
      ...(metadata?.columnNames() ?? []),
    ];
    const nearest = nearestName(name, known);
    throw new DataError(
      `lch classify: neither ${latentsPath}${metadataPath ? ` nor ${metadataPath}` : ''} has a column ${name}; ${nearest ? `nearest is ${nearest}` : `they have ${known.join(', ')}`}`,
    );
  }
  const values = metadata.array(name) as ArrayLike<unknown>;
  const byName = new Map<string, string>();
  Array.from(metadata.array('path') as ArrayLike<unknown>, text).forEach((path, i) => {
    byName.set(basename(path), text(values[i]));
  });
  return latents.paths.map((path) => byName.get(basename(path)) ?? '');
}
