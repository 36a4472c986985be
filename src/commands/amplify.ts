/** `lch amplify`: exaggerate in cells what the classifier sees. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Autoencoder } from '../autoencoder/autoencoder';
import { type Classifier, parseClassifier } from '../classify/classifier';
import { writeTable } from '../data/table-io';
import { amplificationDirection, amplifyCells } from '../interpret/amplify-cells';
import { fitCellRange } from '../interpret/cell-range';
import { type Counterfactual, counterfactual } from '../interpret/counterfactual';
import { reencodedAuc } from '../interpret/explain-score';
import { hallmarkChanges, measureImages } from '../interpret/hallmarks-against-shift';
import { nuisanceAgainstShift } from '../interpret/nuisance-against-shift';
import { decodeDescriptors, encodeCells, type PassOptions } from '../latent/encode-cells';
import { nearestCells } from '../latent/latent-tour';
import { animationOf } from '../plots/animation';
import { cropPng, differencePng, montagePng } from '../plots/montage';
import { scoreAgainstShift } from '../plots/score-against-shift';
import { takeRows } from '../stats/matrix';
import { loadArquero } from '../util/arquero';
import { DataError, messageOf, OptionError, throwIfInterrupted } from '../util/errors';
import { claimFolder, writeFileAtomic } from '../util/files';
import { seededRandom } from '../util/random';
import { type Cells, metadataOption, openCells, rowsWhere } from './cell-columns';
import { defineCommand } from './command';
import { uniqueNames } from './decode';
import { patternOf } from './pattern-of';
import { forceOption, latentsOption, modelOption, openModel, outOption, seedOption } from './shared';
import { shiftName } from './shift-name';
import { writePicture, writeReport } from './write-results';

/** Labelled cells that are decoded and encoded again for the AUC: enough for an error of about 0.02. */
const reencodedCells = 500;

export const amplifyCommand = defineCommand({
  name: 'amplify',
  summary:
    'Shifts cells along the classifier’s pattern or one feature, decodes them, and scores and measures what came out.',
  details:
    'Writes frames/<cell>_shift<+1.0>.png, scores.csv (path, shift, score of the frame encoded again, latent_score before decoding, distance from ' +
    'the real cells, in_range, the nearest real cell), hallmarks.csv (which measures change with the shift), nuisance.csv (how far size and shape of the ' +
    'body, focus and background move beside the hallmarks), counterfactuals.csv and .png (the ' +
    'smallest shift that crosses the decision line), cells.png, differences.png, amplified.gif and .webp, score.svg and report.json. Without ' +
    '--feature the shift goes along the classifier’s pattern (covariance times weights), which shows what differs between cells when the score ' +
    'differs; with --within date what differs between cells of one day, so that the day’s lamp stays out; a single feature is the paper’s way. With --label and --positive it also states how much of the classifier’s AUC survives decoding.',
  options: {
    model: modelOption,
    latents: latentsOption,
    metadata: metadataOption,
    classifier: {
      type: 'string',
      placeholder: 'DIR',
      required: true,
      help: 'Folder that lch classify wrote, with classifier.json.',
      path: true,
    },
    shifts: {
      type: 'numbers',
      default: [-3, -2, -1, 0, 1, 2, 3],
      unit: 'standard deviations',
      help: 'Shifts, of the score along the pattern or of the feature.',
    },
    feature: { type: 'integer', min: 1, help: 'Shifts this feature alone, counting from 1.' },
    within: {
      type: 'string',
      placeholder: 'COLUMN',
      help: 'Takes the pattern inside the values of this column, such as date: what sets days apart is not shifted along.',
    },
    cells: { type: 'integer', default: 12, min: 1, help: 'How many cells, drawn at random.' },
    label: {
      type: 'string',
      placeholder: 'COLUMN',
      help: 'Column that the classifier tells, for the AUC of decoded cells.',
    },
    positive: { type: 'string', placeholder: 'VALUE', help: 'Value of its positive class, such as high.' },
    seed: seedOption,
    out: outOption('DIR', 'Folder for the frames.'),
    force: forceOption,
  },
  examples: ['lch amplify --model run1 --latents z.csv --classifier lda --shifts -3,0,3 --out amplified'],
  async run(options, context) {
    const { shifts, out } = options;
    const cells = await openCells('lch amplify', options);
    const stored = readClassifier('lch amplify', options.classifier);
    const classifier = patternOf(stored, cells, options, context.progress);
    const labelled = readLabels(cells, options);
    claimFolder('lch amplify', out, options.force);
    const { model, description } = await openModel(options.model);
    const note = description?.data.synthetic ? { note: 'Synthetic cells' } : {};
    try {
      const { dims, n } = cells;
      const random = seededRandom(options.seed);
      const draw = (rows: readonly number[], count: number) =>
        Array.from(random.permutation(rows.length).slice(0, count), (i) => rows[i]).sort((a, b) => a - b);
      const chosen = draw([...Array(n).keys()], options.cells);
      const codes = Float32Array.from(takeRows(cells.values, dims, chosen));
      const result = await amplifyCells(model, codes, classifier, {
        shifts,
        ...(options.feature === undefined ? {} : { feature: options.feature }),
        ...context,
      });
      const shown: Shown = {
        images: result.images,
        size: model.architecture.imageSize,
        paths: chosen.map((row) => cells.paths[row]),
        names: uniqueNames(chosen.map((row) => cells.paths[row])),
        shifts,
        note,
      };
      await writeFrames(out, shown, context.signal);
      await writePictures(out, shown);

      const range = fitCellRange(cells.values, n, dims);
      const direction = amplificationDirection(classifier, options.feature);
      const rows = chosen.flatMap((row, cell) =>
        shifts.map((shift, s) => {
          const code = Float64Array.from(direction, (step, j) => cells.values[row * dims + j] + shift * step);
          const [nearest] = nearestCells(code, cells.values, n, 1);
          const distance = range.distance(code);
          return {
            path: cells.paths[row],
            shift,
            score: result.scores[cell * shifts.length + s],
            latent_score: result.latentScores[cell * shifts.length + s],
            distance,
            in_range: distance <= range.limit,
            nearest_cell: cells.paths[nearest.cell],
            nearest_distance: nearest.distance,
          };
        }),
      );
      const { from } = await loadArquero();
      await writeTable(join(out, 'scores.csv'), from(rows));
      await writePicture(out, 'score', scoreAgainstShift(rows, { threshold: 0, ...note }));
      const measured =
        shifts.length > 1 ? await measureImages(result.images, shown.size, context.signal) : [];
      const hallmarks = measured.length > 0 ? hallmarkChanges(measured, shifts) : [];
      const nuisance = measured.length > 0 ? nuisanceAgainstShift(measured, shifts) : [];
      if (measured.length > 0) {
        await writeTable(join(out, 'hallmarks.csv'), from(hallmarks));
        const flat = nuisance.map(({ interval: [low, high], ...row }) => ({ ...row, low, high }));
        await writeTable(join(out, 'nuisance.csv'), from(flat));
      }
      const crossings = chosen.map((_, cell) =>
        counterfactual(codes.subarray(cell * dims, (cell + 1) * dims), classifier, range),
      );
      await writeCounterfactuals(out, model, codes, crossings, shown, context);

      const outside = shifts.map((shift) => {
        const there = rows.filter((row) => row.shift === shift);
        return there.filter((row) => !row.in_range).length / there.length;
      });
      const far = shifts.filter((_, s) => outside[s] > 0.5);
      if (far.length > 0) {
        context.progress.log(
          `warning: at ${far.map(shiftName).join(', ')} more than half of the cells leave the range of real cells (farther out than 99 % of ` +
            `the ${n} given); take those pictures as exaggerations, or use smaller --shifts`,
        );
      }
      const report = {
        direction: options.feature === undefined ? 'pattern' : `feature ${options.feature}`,
        within: options.within ?? null,
        shifts,
        cells: chosen.length,
        meanScore: shifts.map((_, s) => meanOf(result.scores, s, shifts.length)),
        meanLatentScore: shifts.map((_, s) => meanOf(result.latentScores, s, shifts.length)),
        outsideRange: outside,
        rangeLimit: range.limit,
        hallmarks,
        nuisance,
        decoding: labelled ? await aucOfDecoded(model, classifier, cells, labelled, draw, context) : null,
      };
      writeReport(out, report);
      context.print(`${chosen.length} cells at ${shifts.length} shifts in ${out}`);
      return report;
    } finally {
      model.dispose();
    }
  },
});

/** Amplified cells as they are drawn: cell by cell, each from the first shift to the last. */
interface Shown {
  images: Float32Array;
  size: number;
  paths: readonly string[];
  /** File names of the frames, one for each path. */
  names: readonly string[];
  shifts: readonly number[];
  note: { note?: string };
}

async function writeFrames(out: string, { images, size, names, shifts }: Shown, signal: AbortSignal) {
  for (let i = 0; i < names.length * shifts.length; i++) {
    throwIfInterrupted(signal, 'lch amplify');
    const name = `${names[Math.floor(i / shifts.length)]}_shift${shiftName(shifts[i % shifts.length])}`;
    const image = images.subarray(i * size ** 2, (i + 1) * size ** 2);
    writeFileAtomic(join(out, 'frames', `${name}.png`), await cropPng(image, size));
  }
}

/** All cells at all shifts, what changed against the shift nearest to 0, and the shifts one after the other as an animation. */
async function writePictures(out: string, { images, size, names, shifts, note }: Shown): Promise<void> {
  const pixels = size ** 2;
  const grid = {
    count: names.length * shifts.length,
    size,
    columns: shifts.length,
    columnLabels: shifts.map((shift) => `${shiftName(shift)} SD`),
    ...note,
  };
  writeFileAtomic(join(out, 'cells.png'), await montagePng(images, grid));

  const middle = shifts.reduce((best, shift, s) => (Math.abs(shift) < Math.abs(shifts[best]) ? s : best), 0);
  const differences = images.map((value, at) => {
    const cell = Math.floor(at / (pixels * shifts.length));
    return value - images[(cell * shifts.length + middle) * pixels + (at % pixels)];
  });
  writeFileAtomic(join(out, 'differences.png'), await differencePng(differences, grid));

  const order = [...shifts.keys()].sort((a, b) => shifts[a] - shifts[b]);
  const pictures = await Promise.all(
    order.map((s) => {
      const frame = new Float32Array(names.length * pixels);
      names.forEach((_, cell) => {
        const at = (cell * shifts.length + s) * pixels;
        frame.set(images.subarray(at, at + pixels), cell * pixels);
      });
      const title = `Shift ${shiftName(shifts[s])} SD`;
      return montagePng(frame, { count: names.length, size, title, ...note });
    }),
  );
  for (const format of ['gif', 'webp'] as const) {
    writeFileAtomic(join(out, `amplified.${format}`), await animationOf(pictures, { format }));
  }
}

async function writeCounterfactuals(
  out: string,
  model: Autoencoder,
  codes: Float32Array,
  crossings: readonly Counterfactual[],
  { size, paths, note }: Shown,
  context: PassOptions,
): Promise<void> {
  const { from } = await loadArquero();
  const table = crossings.map(({ shift, scoreBefore, scoreAfter, withinRange }, cell) => ({
    path: paths[cell],
    shift,
    score_before: scoreBefore,
    score_after: scoreAfter,
    in_range: withinRange,
  }));
  await writeTable(join(out, 'counterfactuals.csv'), from(table));
  const both = new Float32Array(2 * codes.length);
  both.set(codes);
  crossings.forEach(({ code }, cell) => {
    both.set(code, codes.length + cell * code.length);
  });
  writeFileAtomic(
    join(out, 'counterfactuals.png'),
    await montagePng(await decodeDescriptors(model, both, context), {
      count: 2 * paths.length,
      size,
      columns: paths.length,
      rowLabels: ['reconstruction', 'across the line'],
      columnLabels: crossings.map(({ shift }) => `${shift < 0 ? '−' : '+'}${Math.abs(shift).toFixed(1)} SD`),
      ...note,
    }),
  );
}

/** Rows of labelled cells and whether they are positive; null without --label. @throws OptionError, DataError */
function readLabels(cells: Cells, { label, positive }: { label?: string; positive?: string }) {
  if (label === undefined && positive === undefined) return null;
  if (label === undefined || positive === undefined) {
    throw new OptionError(
      'lch amplify: --label and --positive go together: the column and its positive value',
    );
  }
  const values = cells.column(label);
  const rows = rowsWhere([values]);
  const isPositive = new Map(rows.map((row) => [row, values[row] === positive]));
  if (new Set(isPositive.values()).size < 2) {
    throw new DataError(
      `lch amplify: needs cells with ${label} "${positive}" and others, got ${[...new Set(rows.map((row) => values[row]))].join(', ') || 'none'}`,
    );
  }
  return { rows, isPositive };
}

/** AUC before and after decoding, of the same cells; both are of a classifier that may have seen them, so only their difference counts. */
async function aucOfDecoded(
  model: Autoencoder,
  classifier: Classifier,
  cells: Cells,
  { rows, isPositive }: NonNullable<ReturnType<typeof readLabels>>,
  draw: (rows: readonly number[], count: number) => number[],
  context: PassOptions,
) {
  const drawn = [true, false].flatMap((side) =>
    draw(
      rows.filter((row) => isPositive.get(row) === side),
      reencodedCells / 2,
    ),
  );
  const labels = drawn.map((row) => isPositive.get(row) === true);
  const codes = Float32Array.from(takeRows(cells.values, cells.dims, drawn));
  const again = await encodeCells(model, await decodeDescriptors(model, codes, context), context);
  return {
    cells: drawn.length,
    aucOfDescriptors: reencodedAuc({ classifier }, codes, labels),
    aucOfDecoded: reencodedAuc({ classifier }, again, labels),
  };
}

/** Reads DIR/classifier.json. @throws DataError */
export function readClassifier(who: string, folder: string): Classifier {
  const path = join(folder, 'classifier.json');
  if (!existsSync(path))
    throw new DataError(
      `${who}: ${folder} has no classifier.json; make one with lch classify --out ${folder}`,
    );
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new DataError(
      `${who}: ${path} cannot be read (${messageOf(error)}); make it anew with lch classify`,
      { cause: error },
    );
  }
  return parseClassifier(content, path);
}

/** Mean over cells at one shift. */
function meanOf(values: Float64Array, shift: number, shifts: number): number {
  let sum = 0;
  for (let i = shift; i < values.length; i += shifts) sum += values[i];
  return sum / (values.length / shifts);
}
