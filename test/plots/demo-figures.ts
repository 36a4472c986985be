/** One figure of every kind on made-up cells: what the snapshots hold and what a person looks at. */
import type { TopLevelSpec } from 'vega-lite';
import { barWithInterval } from '../../src/plots/bar-with-interval';
import { heatmap } from '../../src/plots/heatmap';
import { histogram } from '../../src/plots/histogram';
import { linePlot } from '../../src/plots/line-plot';
import { rocPlot } from '../../src/plots/roc-plot';
import { scatterPlot } from '../../src/plots/scatter';
import { scoreAgainstShift } from '../../src/plots/score-against-shift';
import { scoreDistribution } from '../../src/plots/score-distribution';
import { trainingCurve } from '../../src/plots/training-curve';
import { seededRandom } from '../../src/util/random';

const note = 'Synthetic cells';
const tumors = [
  ['m481', 'high', 1.1],
  ['m405', 'high', 0.8],
  ['m634', 'high', 0.5],
  ['m610', 'low', -0.4],
  ['m498', 'low', -0.7],
  ['m528', 'low', -0.6],
  ['m597', 'low', -1.0],
] as const;

/** Cells with scores, two coordinates and a hallmark. */
export function demoCells(cellsPerTumor: number) {
  const random = seededRandom(3);
  return tumors.flatMap(([tumor, efficiency, shift], t) =>
    Array.from({ length: cellsPerTumor + 3 * t }, (_, i) => {
      const score = shift + random.normal();
      return {
        path: `${tumor}_${i}.png`,
        tumor,
        metastatic_efficiency: efficiency,
        score,
        umap1: 6 * Math.cos(t * 0.9) + 1.3 * random.normal(),
        umap2: 6 * Math.sin(t * 0.9) + 1.3 * random.normal(),
        pseudopod_extension: Math.exp(0.4 * score + 0.5 * random.normal()),
      };
    }),
  );
}

/** A run's log: losses that fall with noise. */
export function demoLog(steps: number, seed = 4) {
  const random = seededRandom(seed);
  return Array.from({ length: steps }, (_, step) => ({
    kind: 'step',
    step,
    reconstructionLoss: 0.21 + 0.4 * Math.exp((-6 * step) / steps) + 0.006 * random.normal(),
    adversaryLoss: 0.55 + 0.13 * Math.exp((-9 * step) / steps) + 0.05 * random.normal(),
    generatorLoss: 1.1 - 0.4 * Math.exp((-9 * step) / steps) + 0.11 * random.normal(),
  }));
}

/** Every chart kind by name; `cellsPerTumor` sets how full they are. */
export function demoFigures(cellsPerTumor: number): Record<string, TopLevelSpec> {
  const cells = demoCells(cellsPerTumor);
  const random = seededRandom(5);

  const points = Array.from({ length: 41 }, (_, i) => {
    const falsePositiveRate = i / 40;
    const truePositiveRate = falsePositiveRate ** 0.42;
    const half = 0.5 * falsePositiveRate * (1 - falsePositiveRate) + 0.02;
    return {
      falsePositiveRate,
      truePositiveRate,
      lower: Math.max(0, truePositiveRate - half),
      upper: Math.min(1, truePositiveRate + half),
    };
  });
  const shifted = cells.slice(0, 30).flatMap(({ path, score }) => {
    const gain = 0.8 + 0.2 * random.normal();
    return [-3, -2, -1, 0, 1, 2, 3].map((shift) => ({
      path,
      shift,
      score: score * 0.6 + gain * shift - 0.04 * shift ** 3 + 0.12 * random.normal(),
    }));
  });
  const correlations = tumors.flatMap(([tumor]) =>
    Array.from({ length: 56 }, (_, k) => ({
      tumor,
      feature: k + 1,
      correlation: Math.tanh((k === 55 ? 0.9 : k === 11 ? -0.6 : 0) + 0.22 * random.normal()),
    })),
  );

  return {
    scatter: scatterPlot(cells, {
      x: 'umap1',
      y: 'umap2',
      color: 'tumor',
      axes: false,
      xTitle: 'UMAP 1',
      yTitle: 'UMAP 2',
      title: 'Latent cell descriptors of seven tumors',
      tooltip: ['path', 'tumor'],
      note,
    }),
    'scatter-efficiency': scatterPlot(cells, {
      x: 'umap1',
      y: 'score',
      color: 'metastatic_efficiency',
      colorOrder: ['high', 'low'],
      title: 'Score along the first coordinate',
      note,
    }),
    'scatter-continuous': scatterPlot(cells, {
      x: 'umap1',
      y: 'umap2',
      color: 'score',
      shape: 'metastatic_efficiency',
      title: 'Score over the map',
      note,
    }),
    'training-curve': trainingCurve(demoLog(200 * Math.min(10, Math.ceil(cellsPerTumor / 10)) + 10), {
      title: 'Losses of the demo run',
      scale: 'linear',
      note,
    }),
    'training-curve-log': trainingCurve(
      [20, 21].flatMap((run) => demoLog(20, run).map((row) => ({ ...row, run: `seed ${run}` }))),
      { title: 'Losses per epoch', scale: 'log', run: 'run', x: 'step', columns: 2, note },
    ),
    roc: rocPlot(points, {
      auc: 0.704,
      ci95: [0.581, 0.812],
      title: 'High against low metastatic efficiency, each tumor left out',
      note,
    }),
    'line-bands': linePlot(
      [1, 2, 5, 10, 20, 50, 100, 200].map((cells) => ({
        cells,
        accuracy: 1 - 0.35 / Math.sqrt(cells),
        low: Math.max(0, 0.9 - 0.5 / Math.sqrt(cells)),
        high: 1,
      })),
      {
        x: 'cells',
        y: 'accuracy',
        low: 'low',
        high: 'high',
        xScale: 'log',
        yDomain: [0, 1.02],
        reference: { at: 0.95, label: '95 %' },
        xTitle: 'Cells per tumor',
        yTitle: 'Tumors called right',
        title: 'How many cells until a tumor is called right',
        note,
      },
    ),
    'line-series': linePlot(
      Array.from({ length: 9 }, (_, t) => t).flatMap((t) =>
        [1, 3, 10, 30, 100].map((cells) => ({
          cells,
          tumor: `m${400 + t}`,
          share: 1 - (0.1 + 0.04 * t) / Math.sqrt(cells),
        })),
      ),
      {
        x: 'cells',
        y: 'share',
        series: 'tumor',
        xScale: 'log',
        title: 'More tumors than colours',
        note,
      },
    ),
    'line-diagonal': linePlot(
      [0.05, 0.2, 0.4, 0.6, 0.8, 0.95].map((predicted) => ({ predicted, observed: predicted ** 1.3 })),
      {
        x: 'predicted',
        y: 'observed',
        xDomain: [0, 1],
        yDomain: [0, 1],
        reference: { at: 'diagonal', label: 'perfect' },
        title: 'Reliability of the probabilities',
        note,
      },
    ),
    'score-distribution': scoreDistribution(cells, {
      group: 'tumor',
      color: 'metastatic_efficiency',
      title: 'Scores of cells of tumors that the classifier never saw',
      note,
    }),
    'score-against-shift': scoreAgainstShift(shifted, {
      threshold: 0,
      title: 'The score follows the shift',
      note,
    }),
    histogram: histogram(cells, {
      value: 'score',
      mark: { value: 1.72, label: 'observed' },
      title: 'Scores of all cells',
      note,
    }),
    'histogram-groups': histogram(cells, {
      value: 'pseudopod_extension',
      color: 'metastatic_efficiency',
      colorOrder: ['high', 'low'],
      valueTitle: 'Pseudopod extension (cell radii)',
      title: 'Pseudopods of high and low tumors',
      note,
    }),
    'heatmap-features': heatmap(correlations, {
      x: 'feature',
      y: 'tumor',
      value: 'correlation',
      diverging: true,
      domain: [-1, 1],
      title: 'Correlation of each feature with the score',
      xTitle: 'Latent feature',
      note,
    }),
    'heatmap-numbers': heatmap(
      tumors.flatMap(([a], i) =>
        tumors.map(([b], j) => ({ a, b, auc: i === j ? null : 0.5 + 0.06 * Math.abs(i - j) })),
      ),
      {
        x: 'a',
        y: 'b',
        value: 'auc',
        title: 'Tumor against tumor',
        valueTitle: 'AUC',
        xTitle: '',
        yTitle: '',
        note,
      },
    ),
    'bar-with-interval': barWithInterval(
      tumors.map(([tumor, efficiency, shift]) => ({
        tumor,
        efficiency,
        auc: 0.55 + 0.25 * Math.abs(shift),
        low: 0.45 + 0.25 * Math.abs(shift),
        high: Math.min(1, 0.63 + 0.25 * Math.abs(shift)),
      })),
      {
        category: 'tumor',
        value: 'auc',
        low: 'low',
        high: 'high',
        color: 'efficiency',
        reference: { value: 0.5, label: 'chance' },
        domain: [0, 1],
        valueTitle: 'AUC when left out',
        title: 'Each tumor predicted by the others',
        note,
      },
    ),
  };
}
