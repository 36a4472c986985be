/** `lch explain`: which features drive the classifier. */

import { join } from 'node:path';
import { decodedAuc } from '../interpret/decoded-auc';
import { explainScore } from '../interpret/explain-score';
import { barWithInterval } from '../plots/bar-with-interval';
import { heatmap } from '../plots/heatmap';
import { histogram } from '../plots/histogram';
import { montagePng } from '../plots/montage';
import { takeRows } from '../stats/matrix';
import { DataError } from '../util/errors';
import { claimFolder, writeFileAtomic } from '../util/files';
import { seededRandom } from '../util/random';
import { metadataOption, openCells, rowsWhere } from './cell-columns';
import { classifierOptions, readClassifierOptions } from './classifier-options';
import { defineCommand } from './command';
import {
  forceOption,
  latentsOption,
  loadData,
  modelOption,
  openModel,
  outOption,
  seedOption,
} from './shared';
import { writeBothTables, writePicture, writeReport } from './write-results';

/** Crops of a montage: from the lowest to the highest. */
const shownCells = 20;
/** Features whose crops are shown in order. */
const shownFeatures = 3;
/** Side of crops in montages, in pixels. */
const shownSize = 64;

export const explainCommand = defineCommand({
  name: 'explain',
  summary: 'Finds the features that drive a classifier, and whether that is more than chance.',
  details:
    'Writes features.csv/.parquet (correlation with the score per group with interval, weight, AUC alone and without, permutation importance, ' +
    'stability, p over labelings of the groups), report.json with the verdict, correlations.svg (groups × features), distribution.svg, ranking.svg, ' +
    'and with --data montages of cells in the order of the score and of the strongest features. With --model the report also says how much of the AUC is ' +
    'left when cells are decoded and encoded again (decoded.csv has the scores): where little is left, pictures without change mean nothing.',
  options: {
    latents: latentsOption,
    metadata: metadataOption,
    label: {
      type: 'string',
      placeholder: 'COLUMN',
      required: true,
      help: 'Column to be told, such as metastatic_efficiency.',
    },
    positive: {
      type: 'string',
      placeholder: 'VALUE',
      required: true,
      help: 'Value of the positive class, such as high.',
    },
    group: {
      type: 'string',
      placeholder: 'COLUMN',
      required: true,
      help: 'Column left out as a whole, such as tumor.',
    },
    category: {
      type: 'string',
      placeholder: 'VALUE',
      help: 'Uses cells of this category alone (column category), such as PDX.',
    },
    data: { type: 'string', placeholder: 'DIR|NAME', help: 'The crops, for montages.', path: true },
    model: {
      type: 'string',
      placeholder: modelOption.placeholder,
      help: 'The model that encoded the cells, for the AUC of decoded cells.',
      path: true,
    },
    ...classifierOptions,
    permutations: { type: 'integer', default: 1000, min: 1, help: 'Labelings of the groups at most.' },
    seed: seedOption,
    out: outOption('DIR', 'Folder for the results.'),
    force: forceOption,
  },
  examples: [
    'lch explain --latents z.csv --label metastatic_efficiency --positive high --group tumor --category PDX --out why',
  ],
  async run(options, context) {
    const who = 'lch explain';
    const settings = readClassifierOptions(who, options);
    const cells = await openCells(who, options);
    const [labels, groups] = [cells.column(options.label), cells.column(options.group)];
    const category = options.category ? cells.column('category') : null;
    const rows = rowsWhere([labels, groups]).filter((i) => !category || category[i] === options.category);
    const negatives = [...new Set(rows.map((i) => labels[i]))].filter((value) => value !== options.positive);
    if (rows.length === 0 || negatives.length === 0) {
      throw new DataError(
        `${who}: needs cells with ${options.label} "${options.positive}" and others, got ${rows.length} cells with ${[...new Set(rows.map((i) => labels[i]))].join(', ') || 'no label'}`,
      );
    }
    claimFolder(who, options.out, options.force);
    const { dims: d } = cells;
    const latents = takeRows(cells.values, d, rows);
    const random = seededRandom(options.seed);
    const study = {
      latents,
      n: rows.length,
      d,
      labels: rows.map((i) => labels[i] === options.positive),
      groups: rows.map((i) => groups[i]),
      progress: context.progress,
      signal: context.signal,
      ...settings,
    };
    const explained = await explainScore({
      ...study,
      classes: [negatives.length === 1 ? negatives[0] : `not ${options.positive}`, options.positive],
      permutations: options.permutations,
      random,
    });
    const { features, judged } = explained;
    await writeBothTables(options.out, 'features', {
      feature: features.map(({ feature }) => feature),
      correlation: features.map(({ correlation }) => correlation),
      correlation_low: features.map(({ correlationInterval }) => correlationInterval[0]),
      correlation_high: features.map(({ correlationInterval }) => correlationInterval[1]),
      weight_z: features.map(({ weightZ }) => weightZ),
      only_auc: features.map(({ onlyAuc }) => onlyAuc),
      drop_auc: features.map(({ dropAuc }) => dropAuc),
      permutation_importance: features.map(({ permutationImportance }) => permutationImportance),
      sign_stability: features.map(({ signStability }) => signStability),
      difference: features.map(({ difference }) => difference),
      p: features.map(({ p }) => p),
    });
    const long = features.flatMap(({ feature, correlations }) =>
      explained.groups.map((group, g) => ({ feature, group, correlation: correlations[g] })),
    );
    await writePicture(
      options.out,
      'correlations',
      heatmap(long, {
        x: 'feature',
        y: 'group',
        value: 'correlation',
        diverging: true,
        domain: [-1, 1],
        yTitle: options.group,
      }),
    );
    await writePicture(
      options.out,
      'distribution',
      histogram(long, {
        value: 'correlation',
        valueTitle: 'Correlation of feature and score',
        unit: 'feature and group',
      }),
    );
    await writePicture(
      options.out,
      'ranking',
      barWithInterval(
        features.slice(0, 15).map(({ feature, correlation, correlationInterval: [low, high] }) => ({
          feature: `feature ${feature}`,
          correlation,
          low,
          high,
        })),
        { category: 'feature', value: 'correlation', low: 'low', high: 'high', domain: [-1, 1] },
      ),
    );
    if (options.data) await writeMontages();
    const decoding = options.model ? await judgeDecoded(options.model) : null;
    const report = {
      verdict: explained.verdict,
      standOut: explained.standOut,
      smallestP: explained.smallestP,
      auc: judged.auc,
      decoding,
      warnings: judged.warnings,
      groups: explained.groups,
      features,
    };
    writeReport(options.out, report);
    context.print(
      `${explained.verdict} Strongest: feature ${features[0].feature}; results in ${options.out}`,
    );
    if (decoding) context.print(decoding.verdict);
    return report;

    async function judgeDecoded(path: string) {
      const { model } = await openModel(path);
      try {
        const { decodedScores, ...figures } = await decodedAuc(model, {
          ...study,
          judged,
          random: random.fork('decoded'),
        });
        await writeBothTables(options.out, 'decoded', {
          path: rows.map((i) => cells.paths[i]),
          score: judged.scores,
          decoded_score: decodedScores,
        });
        return figures;
      } finally {
        model.dispose();
      }
    }

    async function writeMontages(): Promise<void> {
      const crops = await loadData(options.data!, shownSize, context);
      const place = new Map(
        Array.from(crops.table.array('path') as ArrayLike<string>, (path, i) => [path, i]),
      );
      const pixels = shownSize ** 2;
      const orders: [string, (i: number) => number][] = [
        ['score', (i) => judged.scores[i]],
        ...features
          .slice(0, shownFeatures)
          .map(({ feature }): [string, (i: number) => number] => [
            `feature${feature}`,
            (i) => latents[i * d + feature - 1],
          ]),
      ];
      for (const [name, orderedBy] of orders) {
        const known = [...rows.keys()].filter((i) => place.has(cells.paths[rows[i]]));
        if (known.length === 0) {
          throw new DataError(
            `${who}: no path of ${options.latents} is among the crops of ${options.data}; give the crops that were encoded`,
          );
        }
        known.sort((a, b) => orderedBy(a) - orderedBy(b));
        const count = Math.min(shownCells, known.length);
        const chosen = Array.from(
          { length: count },
          (_, k) => known[Math.round((k * (known.length - 1)) / Math.max(1, count - 1))],
        );
        const images = new Float32Array(count * pixels);
        chosen.forEach((i, k) => {
          const crop = place.get(cells.paths[rows[i]])!;
          images.set(crops.images.subarray(crop * pixels, (crop + 1) * pixels), k * pixels);
        });
        const png = await montagePng(images, {
          count,
          size: shownSize,
          columns: 10,
          labels: chosen.map((i) => orderedBy(i).toFixed(1)),
          title: `Cells in the order of the ${name === 'score' ? 'score' : name.replace('feature', 'feature ')}`,
        });
        writeFileAtomic(join(options.out, `cells-by-${name}.png`), png);
      }
    }
  },
});
