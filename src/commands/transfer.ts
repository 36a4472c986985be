/** `lch transfer`: a classifier trained on some cells (tumors) judges others (cell lines). */
import { type TransferGroup, transferClassifier } from '../classify/transfer';
import { barWithInterval } from '../plots/bar-with-interval';
import { scoreDistribution } from '../plots/score-distribution';
import { clusteredAuc } from '../stats/clustered-auc';
import { takeRows } from '../stats/matrix';
import { DataError, OptionError, ShapeError } from '../util/errors';
import { claimFolder } from '../util/files';
import { seededRandom } from '../util/random';
import { readClassifier } from './amplify';
import { type Cells, isKnown, metadataOption, onlyOption, openCells } from './cell-columns';
import { defineCommand } from './command';
import { forceOption, latentsOption, outOption, seedOption } from './shared';
import { writeBothTables, writePicture, writeReport } from './write-results';

export const transferCommand = defineCommand({
  name: 'transfer',
  summary: 'Scores cells that a classifier never saw, and ranks their cell lines with intervals.',
  details:
    'Writes scores.csv (path, group, score, called), groups.csv (mean score, share called positive and rank of every cell line, with 95 % ' +
    'bootstrap intervals), with --track the same per track in tracks.csv, each also as Parquet; report.json; groups.svg and scores.svg. ' +
    'The descriptors must come from the model that the classifier was trained with.',
  options: {
    classifier: {
      type: 'string',
      placeholder: 'DIR',
      required: true,
      help: 'Folder that lch classify wrote, with classifier.json.',
      path: true,
    },
    latents: latentsOption,
    metadata: metadataOption,
    only: onlyOption,
    group: {
      type: 'string',
      placeholder: 'COLUMN',
      help: 'Column with what is ranked; by default cell_type or, without it, tumor.',
    },
    day: {
      type: 'string',
      placeholder: 'COLUMN',
      help: 'Column with the day of imaging: the bootstrap draws whole days, since cells of a day are alike.',
    },
    track: {
      type: 'string',
      placeholder: 'COLUMN',
      help: 'Column with the track of a living cell: ranks tracks as well.',
    },
    label: {
      type: 'string',
      placeholder: 'COLUMN',
      help: 'Column with what is known of the cells, to compare with: adds an AUC (needs --positive).',
    },
    positive: { type: 'string', placeholder: 'VALUE', help: 'Value of the label that counts as positive.' },
    resamples: { type: 'integer', default: 1000, min: 2, help: 'Resamples of the bootstrap.' },
    seed: seedOption,
    out: outOption('DIR', 'Folder for the results.'),
    force: forceOption,
  },
  examples: ['lch transfer --classifier lda --latents lines.csv --group cell_type --day date --out lines'],
  async run(options, context) {
    const who = 'lch transfer';
    if ((options.label === undefined) !== (options.positive === undefined)) {
      throw new OptionError(`${who}: --label and --positive go together; give both or none`);
    }
    const classifier = readClassifier(who, options.classifier);
    const cells = await openCells(who, options);
    if (cells.dims !== classifier.features) {
      throw new ShapeError(
        `${who}: ${options.latents} has ${cells.dims} features, the classifier in ${options.classifier} needs ${classifier.features}; encode with the model that it was trained with`,
      );
    }
    const { name: groupName, values: groups } = groupColumn(cells, options.group);
    const days = options.day ? cells.column(options.day) : null;
    const tracks = options.track ? cells.column(options.track) : null;
    const labels = options.label ? cells.column(options.label) : null;
    const rows = [...groups.keys()].filter((i) => isKnown(groups[i]));
    if (rows.length === 0) {
      throw new DataError(`${who}: column ${groupName} is empty; choose another with --group`);
    }
    claimFolder(who, options.out, options.force);
    const random = seededRandom(options.seed);
    const judge = (members: readonly number[], names: string[], stream: string) =>
      transferClassifier({
        classifier,
        latents: takeRows(cells.values, cells.dims, members),
        n: members.length,
        groups: names,
        clusters: days ? members.map((i) => days[i]) : undefined,
        resamples: options.resamples,
        random: random.fork(stream),
        progress: context.progress,
        signal: context.signal,
      });
    const result = await judge(
      rows,
      rows.map((i) => groups[i]),
      'groups',
    );
    const [negative, positive] = classifier.classes;
    await writeBothTables(options.out, 'scores', {
      path: rows.map((i) => cells.paths[i]),
      group: rows.map((i) => groups[i]),
      ...(tracks ? { track: rows.map((i) => tracks[i]) } : {}),
      ...(labels ? { label: rows.map((i) => labels[i]) } : {}),
      score: result.scores,
      called: Array.from(result.scores, (score) => (score > 0 ? positive : negative)),
    });
    await writeBothTables(options.out, 'groups', columnsOf(result.groups));
    if (tracks) {
      const tracked = rows.filter((i) => isKnown(tracks[i]));
      // numbers of tracks repeat from cell line to cell line and from day to day
      const names = tracked.map((i) => [groups[i], ...(days ? [days[i]] : []), tracks[i]].join('/'));
      await writeBothTables(options.out, 'tracks', columnsOf((await judge(tracked, names, 'tracks')).groups));
    }
    const known = labels ? compareWithKnown(result.scores, rows, groups, labels, options.positive!) : null;
    const warnings = days
      ? []
      : ['the intervals take cells as independent; name the day with --day, since cells of a day are alike'];
    const few = days
      ? result.groups.filter(
          ({ group }) => new Set(rows.filter((i) => groups[i] === group).map((i) => days[i])).size < 2,
        )
      : [];
    if (few.length > 0) {
      warnings.push(
        `${few.map(({ group }) => group).join(', ')} ${few.length === 1 ? 'was' : 'were'} imaged on a single day: the interval cannot contain what days do`,
      );
    }
    for (const warning of warnings) context.progress.log(`warning: ${warning}`);
    const report = {
      classifier: { classes: classifier.classes, method: classifier.method, cells: classifier.cells },
      group: groupName,
      cells: rows.length,
      groups: result.groups,
      known,
      warnings,
      options: { day: options.day ?? null, resamples: options.resamples, seed: options.seed },
    };
    writeReport(options.out, report);
    const title = `Cells that the classifier of ${positive} against ${negative} never saw`;
    await writePicture(
      options.out,
      'groups',
      barWithInterval(
        result.groups.map(({ group, meanScore, scoreInterval: [low, high] }) => ({
          group,
          meanScore,
          low,
          high,
        })),
        {
          category: 'group',
          value: 'meanScore',
          low: 'low',
          high: 'high',
          reference: { value: 0, label: `right of it called ${positive}` },
          valueTitle: 'Mean classifier score',
          title,
        },
      ),
    );
    await writePicture(
      options.out,
      'scores',
      scoreDistribution(
        rows.map((i, k) => ({ score: result.scores[k], group: groups[i] })),
        { score: 'score', group: 'group', groupOrder: result.groups.map(({ group }) => group), title },
      ),
    );
    context.print(
      `${result.groups
        .slice(0, 5)
        .map(
          ({ group, meanScore, rank }) =>
            `${rank}. ${group} (${meanScore >= 0 ? '+' : ''}${meanScore.toFixed(2)})`,
        )
        .join(', ')}${result.groups.length > 5 ? ', …' : ''}; results in ${options.out}`,
    );
    return report;
  },
});

/** The column to rank by: the one asked for, else the first of the usual ones that is there. */
function groupColumn(cells: Cells, asked: string | undefined): { name: string; values: string[] } {
  if (asked !== undefined) return { name: asked, values: cells.column(asked) };
  for (const name of ['cell_type', 'tumor']) {
    try {
      return { name, values: cells.column(name) };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  }
  throw new DataError(
    'lch transfer: the descriptors have neither a column cell_type nor tumor; name what is ranked with --group, or give a table with --metadata',
  );
}

/** One column per number of a ranked group. */
function columnsOf(groups: readonly TransferGroup[]): Record<string, unknown[]> {
  const of = (value: (group: TransferGroup) => unknown) => groups.map(value);
  return {
    rank: of(({ rank }) => rank),
    rank_low: of(({ rankInterval }) => rankInterval[0]),
    rank_high: of(({ rankInterval }) => rankInterval[1]),
    group: of(({ group }) => group),
    cells: of(({ cells }) => cells),
    mean_score: of(({ meanScore }) => meanScore),
    mean_score_low: of(({ scoreInterval }) => scoreInterval[0]),
    mean_score_high: of(({ scoreInterval }) => scoreInterval[1]),
    standardised_score: of(({ standardisedScore }) => standardisedScore),
    positive_share: of(({ positiveShare }) => positiveShare),
    positive_share_low: of(({ positiveInterval }) => positiveInterval[0]),
    positive_share_high: of(({ positiveInterval }) => positiveInterval[1]),
  };
}

/** The AUC against what is known, groups as the units of evidence; null with the reason where a class is missing. */
function compareWithKnown(
  scores: Float64Array,
  rows: readonly number[],
  groups: readonly string[],
  labels: readonly string[],
  positive: string,
) {
  const known = [...rows.keys()].filter((k) => isKnown(labels[rows[k]]));
  const truth = known.map((k) => labels[rows[k]] === positive);
  if (!truth.includes(true) || !truth.includes(false)) {
    return {
      auc: null,
      cells: known.length,
      why: `cells of both kinds are needed, "${positive}" and another`,
    };
  }
  const { auc, low, high, positiveGroups, negativeGroups } = clusteredAuc(
    known.map((k) => scores[k]),
    truth,
    known.map((k) => groups[rows[k]]),
  );
  return {
    auc: { value: auc, ci95: [low, high] },
    cells: known.length,
    positiveGroups,
    negativeGroups,
    why: null,
  };
}
