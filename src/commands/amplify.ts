/** `lch amplify`: exaggerate in cells what the classifier sees. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Classifier, parseClassifier } from '../classify/classifier';
import { writeTable } from '../data/table-io';
import { amplifyCells } from '../interpret/amplify-cells';
import { cropPng } from '../plots/montage';
import { loadArquero } from '../util/arquero';
import { DataError, messageOf, throwIfInterrupted } from '../util/errors';
import { claimFolder, writeFileAtomic } from '../util/files';
import { seededRandom } from '../util/random';
import { defineCommand } from './command';
import { uniqueNames } from './decode';
import {
  forceOption,
  latentsOption,
  modelOption,
  openModel,
  outOption,
  readLatents,
  seedOption,
} from './shared';

export const amplifyCommand = defineCommand({
  name: 'amplify',
  summary:
    'Shifts cells along the classifier’s pattern or one feature, decodes them, and scores what came out.',
  details:
    'Writes frames/<cell>_shift<+1.0>.png, scores.csv (path, shift, score of the frame encoded again, latent_score before decoding) ' +
    'and report.json. Without --feature the shift goes along the classifier’s pattern (covariance times weights), which shows what ' +
    'differs between cells when the score differs; a single feature is the paper’s way.',
  options: {
    model: modelOption,
    latents: latentsOption,
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
    cells: { type: 'integer', default: 12, min: 1, help: 'How many cells, drawn at random.' },
    seed: seedOption,
    out: outOption('DIR', 'Folder for the frames.'),
    force: forceOption,
  },
  examples: ['lch amplify --model run1 --latents z.csv --classifier lda --shifts -3,0,3 --out amplified'],
  async run(options, context) {
    const latents = await readLatents(options.latents);
    const classifier = readClassifier('lch amplify', options.classifier);
    claimFolder('lch amplify', options.out, options.force);
    const { model } = await openModel(options.model);
    try {
      const { dims, n } = latents;
      const chosen = Array.from(seededRandom(options.seed).permutation(n).slice(0, options.cells)).sort(
        (a, b) => a - b,
      );
      const codes = new Float32Array(chosen.length * dims);
      chosen.forEach((row, i) => {
        codes.set(latents.values.subarray(row * dims, (row + 1) * dims), i * dims);
      });
      const result = await amplifyCells(model, codes, classifier, {
        shifts: options.shifts,
        ...(options.feature === undefined ? {} : { feature: options.feature }),
        progress: context.progress,
        signal: context.signal,
      });
      const size = model.architecture.imageSize;
      const names = uniqueNames(chosen.map((row) => latents.paths[row]));
      for (let i = 0; i < chosen.length * options.shifts.length; i++) {
        throwIfInterrupted(context.signal, 'lch amplify');
        const cell = Math.floor(i / options.shifts.length);
        const shift = shiftName(options.shifts[i % options.shifts.length]);
        const image = result.images.subarray(i * size ** 2, (i + 1) * size ** 2);
        writeFileAtomic(
          join(options.out, 'frames', `${names[cell]}_shift${shift}.png`),
          await cropPng(image, size),
        );
      }
      const { table } = await loadArquero();
      await writeTable(
        join(options.out, 'scores.csv'),
        table({
          path: chosen.flatMap((row) => options.shifts.map(() => latents.paths[row])),
          shift: chosen.flatMap(() => options.shifts),
          score: result.scores,
          latent_score: result.latentScores,
        }),
      );
      const report = {
        direction: options.feature === undefined ? 'pattern' : `feature ${options.feature}`,
        shifts: options.shifts,
        cells: chosen.length,
        meanScore: options.shifts.map((_, s) => meanOf(result.scores, s, options.shifts.length)),
        meanLatentScore: options.shifts.map((_, s) => meanOf(result.latentScores, s, options.shifts.length)),
      };
      writeFileAtomic(join(options.out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
      context.print(`${chosen.length} cells at ${options.shifts.length} shifts in ${options.out}`);
      return report;
    } finally {
      model.dispose();
    }
  },
});

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

/** +1.0, -2.5, +0.0. */
function shiftName(shift: number): string {
  const digits = Number.isInteger(shift * 10) ? shift.toFixed(1) : String(Math.abs(shift));
  return `${shift < 0 ? '-' : '+'}${digits.replace('-', '')}`;
}

/** Mean over cells at one shift. */
function meanOf(values: Float64Array, shift: number, shifts: number): number {
  let sum = 0;
  for (let i = shift; i < values.length; i += shifts) sum += values[i];
  return sum / (values.length / shifts);
}
