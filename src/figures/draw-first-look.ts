/** The pictures and the page of a first look. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TopLevelSpec } from 'vega-lite';
import { countParameters } from '../autoencoder/architecture';
import type { Backend } from '../compute';
import type { Crops } from '../data/load-crops';
import { montagePng } from '../plots/montage';
import { renderPng, renderSvg } from '../plots/render-vega-lite';
import { type PageFigure, type PageSection, resultsPage } from '../plots/results-page';
import { rocPlot } from '../plots/roc-plot';
import { scatterPlot } from '../plots/scatter';
import { scoreAgainstShift } from '../plots/score-against-shift';
import { scoreDistribution } from '../plots/score-distribution';
import { trainingCurve } from '../plots/training-curve';
import { rocCurve } from '../stats/roc-curve';
import { packageVersion, writeFileAtomic } from '../util/files';
import { formatDuration } from '../util/progress';
import { seededRandom } from '../util/random';
import { type FirstLook, takeCrops } from './first-look';

export interface DrawOptions {
  /** Folder of the page; pictures go to its subfolder `figures`. */
  out: string;
  source: string;
  synthetic: boolean;
  seed: number;
  backend: Backend;
}

/** Columns of a map that are worth a colour, the first that is there and has at least two values. */
const colorColumns = ['cell_type', 'category', 'tumor'];
/** More colours than this cannot be told apart. */
const mostColors = 24;

/**
 * Draws every picture as SVG and PNG into OUT/figures.
 *
 * @returns the page, as HTML
 */
export async function drawFirstLook(look: FirstLook, crops: Crops, options: DrawOptions): Promise<string> {
  const artist = new Artist(options);
  const sections: PageSection[] = [
    await cellsSection(artist, crops, options.seed),
    await trainingSection(artist, look, crops),
    await mapSection(artist, look, crops),
    await efficiencySection(artist, look, crops),
    await amplificationSection(artist, look, crops),
    filesSection(options.out),
  ];
  const last = look.log.filter((entry) => entry.kind === 'epoch').at(-1);
  const parameters = countParameters(look.architecture);
  return resultsPage({
    title: 'Live cell histology: a first look',
    intro: options.synthetic
      ? 'These are synthetic cells, drawn by this program with known truth. They stand in until you bring your own: npm start -- --data FOLDER.'
      : `Single cells of ${options.source}, described by an autoencoder that was given no labels.`,
    synthetic: options.synthetic,
    sections,
    facts: [
      [
        'crops',
        `${crops.table.numRows().toLocaleString('en-US')}${crops.skipped.length > 0 ? `, ${crops.skipped.length} files skipped` : ''}`,
      ],
      ['crop size', `${crops.size} × ${crops.size} pixels`],
      ['features of a descriptor', String(look.architecture.latentDims)],
      ['weights', (parameters.encoder + parameters.decoder + parameters.adversary).toLocaleString('en-US')],
      [
        'training',
        `${last?.step ?? 0} steps, ${last?.epoch ?? 0} epochs${look.trainingSeconds > 0 ? `, ${formatDuration(look.trainingSeconds)}` : ', trained before'}`,
      ],
      ['seed', String(options.seed)],
      [
        'backend',
        options.backend.tensorflow
          ? `TensorFlow ${options.backend.tensorflow} (${options.backend.devices.join(', ')})`
          : 'WASM',
      ],
      ['version', packageVersion()],
    ],
  });
}

/** Writes pictures and remembers how the page names them. */
class Artist {
  readonly note: string | undefined;

  constructor(private readonly options: DrawOptions) {
    this.note = options.synthetic ? 'Synthetic cells' : undefined;
  }

  /** A chart as SVG (for the page) and PNG (for slides). */
  async chart(name: string, spec: TopLevelSpec, caption: string, alt: string): Promise<PageFigure> {
    writeFileAtomic(join(this.options.out, 'figures', `${name}.svg`), await renderSvg(spec));
    writeFileAtomic(join(this.options.out, 'figures', `${name}.png`), await renderPng(spec));
    return { file: `figures/${name}.svg`, caption, alt };
  }

  async picture(name: string, png: Uint8Array, caption: string, alt: string): Promise<PageFigure> {
    writeFileAtomic(join(this.options.out, 'figures', `${name}.png`), png);
    return { file: `figures/${name}.png`, caption, alt };
  }
}

function textColumn(crops: Crops, name: string): string[] | null {
  if (!crops.table.columnNames().includes(name)) return null;
  return Array.from(crops.table.array(name) as ArrayLike<unknown>, (value) => String(value ?? ''));
}

/** The column that colours maps, with its values. */
function coloring(crops: Crops): { name: string; values: string[] } | null {
  for (const name of colorColumns) {
    const values = textColumn(crops, name);
    const different = new Set(values ?? []).size;
    if (values && different > 1 && different <= mostColors) return { name, values };
  }
  return null;
}

async function cellsSection(artist: Artist, crops: Crops, seed: number): Promise<PageSection> {
  const count = Math.min(24, crops.table.numRows());
  const chosen = Array.from(
    seededRandom(seed).fork('shown crops').permutation(crops.table.numRows()).slice(0, count),
  ).sort((a, b) => a - b);
  const types = textColumn(crops, 'cell_type');
  const png = await montagePng(takeCrops(crops, chosen), {
    count,
    size: crops.size,
    columns: 8,
    ...(types ? { labels: chosen.map((i) => types[i]) } : {}),
    ...(artist.note ? { note: artist.note } : {}),
  });
  return {
    heading: 'The cells',
    text: `${count} of ${crops.table.numRows().toLocaleString('en-US')} crops, drawn at random${types ? ', each with its cell type' : ''}.`,
    figures: [
      await artist.picture('cells', png, 'Crops as the network sees them.', 'A grid of single-cell crops'),
    ],
    ...(crops.skipped.length > 0
      ? {
          table: {
            columns: ['skipped file', 'reason'],
            rows: crops.skipped.slice(0, 20).map(({ path, reason }) => [path, reason]),
          },
        }
      : {}),
  };
}

async function trainingSection(artist: Artist, look: FirstLook, crops: Crops): Promise<PageSection> {
  const steps = look.log.filter((entry) => entry.kind === 'step').map((entry) => ({ ...entry }));
  const curve = await artist.chart(
    'training',
    trainingCurve(steps, { x: 'step', ...(artist.note ? { note: artist.note } : {}) }),
    'Losses along training. The adversary is at a coin toss at 1.39 (its own loss) and 0.69 (the generator’s).',
    'Curves of reconstruction, adversary and generator loss against the training step',
  );
  const last = look.log.filter((entry) => entry.kind === 'epoch').at(-1);
  const held = new Set(look.validation);
  const notHeld = Array.from({ length: crops.table.numRows() }, (_, i) => i).filter((i) => !held.has(i));
  // as many of each, so that the grid has no hole
  const shown = Math.min(8, notHeld.length, held.size || 8);
  const trained = notHeld.slice(0, shown);
  const heldOut = Array.from(look.validation.slice(0, shown));
  const columns = shown;
  const pixels = crops.size ** 2;
  const grid = new Float32Array((heldOut.length > 0 ? 5 : 3) * columns * pixels);
  const rowLabels: string[] = [];
  for (const [name, cells] of [
    ['trained on', trained],
    ['held out', heldOut],
  ] as const) {
    if (cells.length === 0) continue;
    const images = takeCrops(crops, cells);
    grid.set(images, rowLabels.length * columns * pixels);
    grid.set(look.model.reconstruct(images), (rowLabels.length + 1) * columns * pixels);
    rowLabels.push(`crop, ${name}`, 'its reconstruction');
  }
  const random = seededRandom(1).fork('prior samples');
  const codes = Float32Array.from({ length: columns * look.architecture.latentDims }, () => random.normal());
  grid.set(look.model.decode(codes), rowLabels.length * columns * pixels);
  rowLabels.push('drawn from the prior');
  const png = await montagePng(grid, {
    count: rowLabels.length * columns,
    size: crops.size,
    columns,
    rowLabels,
    ...(artist.note ? { note: artist.note } : {}),
  });
  const error = last?.kind === 'epoch' ? last.validationMseMean : null;
  return {
    heading: 'What the network learnt to draw',
    text:
      `An adversarial autoencoder squeezes every crop into ${look.architecture.latentDims} numbers and draws it again from them.` +
      (error === null
        ? ''
        : ` Mean squared error per pixel of crops held out of training: ${error.toFixed(4)}.`),
    figures: [
      await artist.picture(
        'reconstructions',
        png,
        'Crops over their reconstructions; below, cells that do not exist.',
        'Crops and reconstructions',
      ),
      curve,
    ],
  };
}

async function mapSection(artist: Artist, look: FirstLook, crops: Crops): Promise<PageSection> {
  const color = coloring(crops);
  const dates = textColumn(crops, 'date');
  const rows = Array.from({ length: crops.table.numRows() }, (_, i) => ({
    pc1: look.pca[2 * i],
    pc2: look.pca[2 * i + 1],
    ...(look.umap ? { umap1: look.umap[2 * i], umap2: look.umap[2 * i + 1] } : {}),
    ...(color ? { [color.name]: color.values[i] } : {}),
    ...(dates ? { date: dates[i] } : {}),
  }));
  const text = { ...(artist.note ? { note: artist.note } : {}), width: 400, height: 400 };
  const colored = color ? { color: color.name } : {};
  const figures: PageFigure[] = [];
  const umap = (by: { color?: string }) =>
    scatterPlot(rows, {
      x: 'umap1',
      y: 'umap2',
      xTitle: 'UMAP 1',
      yTitle: 'UMAP 2',
      axes: false,
      ...by,
      ...text,
    });
  if (look.umap) {
    figures.push(
      await artist.chart(
        'umap',
        umap(colored),
        'UMAP of the descriptors: near cells look alike; distances between far groups mean nothing.',
        'Scatter plot of the UMAP',
      ),
    );
  }
  const percent = (share: number) => `${(100 * share).toFixed(0)} % of variance`;
  figures.push(
    await artist.chart(
      'pca',
      scatterPlot(rows, {
        x: 'pc1',
        y: 'pc2',
        xTitle: `principal component 1 (${percent(look.pcaShares[0])})`,
        yTitle: `principal component 2 (${percent(look.pcaShares[1] ?? 0)})`,
        ...colored,
        ...text,
      }),
      'Principal components of the descriptors.',
      'Scatter plot of two principal components',
    ),
  );
  const days = new Set(dates ?? []).size;
  if (look.umap && dates && days > 1 && days <= mostColors) {
    figures.push(
      await artist.chart(
        'umap-by-day',
        umap({ color: 'date' }),
        'The same map by day. Where cells sort by day, the microscope speaks, not the biology.',
        'Scatter plot of the UMAP, coloured by day',
      ),
    );
  }
  return {
    heading: 'A map of the cells',
    text: 'The descriptors in two dimensions. The network has never seen the labels that colour them.',
    figures,
  };
}

async function efficiencySection(artist: Artist, look: FirstLook, crops: Crops): Promise<PageSection> {
  const heading = 'Metastatic efficiency of tumors the classifier never saw';
  if (!look.efficiency) {
    return {
      heading,
      text: 'Left out: it needs crops of at least two PDX tumors of high and two of low metastatic efficiency (columns category, metastatic_efficiency and tumor, or cell types of the study in the file names).',
      figures: [],
    };
  }
  const { result, rows, truth } = look.efficiency;
  const tumor = textColumn(crops, 'tumor') as string[];
  const curve = rocCurve(result.scores, truth);
  const { value, ci95 } = result.auc;
  const text = artist.note ? { note: artist.note } : {};
  const roc = rocPlot(
    Array.from(curve.falsePositiveRate, (falsePositiveRate, i) => ({
      falsePositiveRate,
      truePositiveRate: curve.truePositiveRate[i],
    })),
    { auc: value, ci95, ...text },
  );
  const scores = scoreDistribution(
    rows.map((row, i) => ({
      score: result.scores[i],
      tumor: tumor[row],
      'metastatic efficiency': truth[i] ? 'high' : 'low',
    })),
    {
      group: 'tumor',
      color: 'metastatic efficiency',
      scoreTitle: 'classifier score (above 0: high)',
      ...text,
    },
  );
  return {
    heading,
    text: `A linear classifier, trained on all PDX tumors but one, scores the cells of the one left out. AUC ${value.toFixed(2)} (95 % interval ${ci95[0].toFixed(2)} to ${ci95[1].toFixed(2)}; ${rows.length.toLocaleString('en-US')} cells of ${result.perGroup.length} tumors).${rows.length < 500 ? ' With so few cells this says little.' : ''}`,
    figures: [
      await artist.chart(
        'roc',
        roc,
        'Scores of left-out tumors, pooled, with equal class priors.',
        'ROC curve',
      ),
      await artist.chart('scores', scores, 'Scores of the cells, by tumor.', 'Scores by tumor'),
    ],
    table: {
      columns: ['tumor', 'metastatic efficiency', 'cells', 'mean score', 'cells called right'],
      rows: result.perGroup.map(({ group, label, cells, meanScore, accuracy }) => [
        group,
        label,
        String(cells),
        meanScore.toFixed(2),
        `${(100 * accuracy).toFixed(0)} %`,
      ]),
    },
  };
}

async function amplificationSection(artist: Artist, look: FirstLook, crops: Crops): Promise<PageSection> {
  const heading = 'What the classifier sees, exaggerated';
  if (!look.amplified) return { heading, text: 'Left out: it needs the classifier above.', figures: [] };
  const { cells, result } = look.amplified;
  const { shifts } = result;
  const paths = textColumn(crops, 'path') as string[];
  const types = textColumn(crops, 'cell_type');
  const text = artist.note ? { note: artist.note } : {};
  const png = await montagePng(result.images, {
    count: cells.length * shifts.length,
    size: crops.size,
    columns: shifts.length,
    rowLabels: cells.map((cell) => types?.[cell] ?? `cell ${cell + 1}`),
    columnLabels: shifts.map((shift) =>
      shift === 0 ? 'reconstruction' : `${shift > 0 ? '+' : '−'}${Math.abs(shift)} SD`,
    ),
    ...text,
  });
  const rows = cells.flatMap((cell, i) =>
    shifts.map((shift, s) => ({ path: paths[cell], shift, score: result.scores[i * shifts.length + s] })),
  );
  return {
    heading,
    text: 'Each row is one cell, moved in latent space along the classifier’s pattern: to the left towards low, to the right towards high metastatic efficiency.',
    figures: [
      await artist.picture(
        'amplification',
        png,
        'Cells decoded after shifts of −3 to +3 standard deviations of the score.',
        'Amplified cells',
      ),
      await artist.chart(
        'amplification-scores',
        scoreAgainstShift(rows, { threshold: 0, scoreTitle: 'score of the picture, encoded again', ...text }),
        'Does the classifier see it too? Scores of the decoded pictures, encoded again.',
        'Classifier score against shift',
      ),
    ],
  };
}

function filesSection(out: string): PageSection {
  const what: Record<string, string> = {
    'z.csv': 'descriptors of all cells, with what their file names say',
    'z.parquet': 'the same, for larger tables',
    'umap.csv': 'the map',
    'pca.csv': 'principal components',
    classifier: 'the classifier, fitted on all labelled cells',
    model: 'the trained network (lch encode --model …)',
    figures: 'every picture as PNG and SVG',
  };
  const present = new Set(readdirSync(out));
  return {
    heading: 'Files',
    text: 'What lies beside this page.',
    figures: [],
    table: {
      columns: ['file', 'content'],
      rows: Object.entries(what)
        .filter(([name]) => present.has(name))
        .map(([name, content]) => [name, content]),
    },
  };
}
