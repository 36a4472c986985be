/** `lch plasticity`: states of cells along their tracks. */

import { scoreCells } from '../classify/classifier';
import { readTable } from '../data/table-io';
import { findSteps } from '../interpret/find-steps';
import { jointSignal } from '../interpret/joint-signal';
import { analysePlasticity } from '../interpret/plasticity';
import { DataError, ShapeError } from '../util/errors';
import { claimFolder } from '../util/files';
import { readClassifier } from './amplify';
import { metadataOption, openCells, rowsWhere } from './cell-columns';
import { defineCommand } from './command';
import { forceOption, latentsOption, outOption } from './shared';
import { writeBothTables, writeReport } from './write-results';

/** Measures of a hallmark table that are averaged around switches. */
const averaged = ['area', 'eccentricity', 'pseudopod_extension', 'light_scattering', 'granularity', 'focus'];

/** Of steps in score and hallmarks together; best on two simulated films of 600 cells, where scores alone are best at 20. */
const jointThreshold = 25;

export const plasticityCommand = defineCommand({
  name: 'plasticity',
  summary: 'Finds the state of every cell along its track, and when it switches.',
  details:
    'Scores every frame, fits a hidden Markov model of two states, and writes states.csv (path, track, frame, score, state, chance of the high state), ' +
    'switches.csv, steps.csv (steps in a cell’s own level, which depend less on the model of states; with --hallmarks those of score, pseudopod extension and light scattering together), tracks.csv, around.csv (means around switches, those to low mirrored) and report.json (dwell times, the model). Each table as Parquet too.',
  options: {
    latents: latentsOption,
    metadata: metadataOption,
    classifier: {
      type: 'string',
      placeholder: 'DIR',
      required: true,
      help: 'Folder that lch classify wrote.',
      path: true,
    },
    track: { type: 'string', placeholder: 'COLUMN', default: 'track', help: 'Column that names the cell.' },
    frame: { type: 'string', placeholder: 'COLUMN', default: 'frame', help: 'Column of the time.' },
    hallmarks: {
      type: 'string',
      placeholder: 'H.csv',
      help: 'Table of lch hallmarks, to average around switches.',
      path: true,
    },
    window: { type: 'integer', default: 4, min: 1, unit: 'frames', help: 'To each side of a switch.' },
    out: outOption('DIR', 'Folder for the results.'),
    force: forceOption,
  },
  examples: ['lch plasticity --latents z.csv --metadata cells.csv --classifier lda --out states'],
  async run(options, context) {
    const who = 'lch plasticity';
    const classifier = readClassifier(who, options.classifier);
    const cells = await openCells(who, options);
    if (cells.dims !== classifier.features) {
      throw new ShapeError(
        `${who}: ${options.latents} has ${cells.dims} features, the classifier needs ${classifier.features}; encode with the model that it was trained with`,
      );
    }
    const [tracks, frames] = [cells.column(options.track), cells.column(options.frame)];
    const rows = rowsWhere([tracks, frames]);
    if (rows.length === 0)
      throw new DataError(`${who}: no cell has a ${options.track} and a ${options.frame}`);
    claimFolder(who, options.out, options.force);
    const all = scoreCells(classifier, cells.values, cells.n);
    const inTime = {
      scores: rows.map((i) => all[i]),
      tracks: rows.map((i) => tracks[i]),
      frames: rows.map((i) => Number(frames[i])),
    };
    const paths = rows.map((i) => cells.paths[i]);
    const measures = options.hallmarks ? await readMeasures(who, options.hallmarks, paths) : undefined;
    const result = analysePlasticity({
      ...inTime,
      window: options.window,
      measures,
    });
    await writeBothTables(options.out, 'states', {
      path: paths,
      track: inTime.tracks,
      frame: inTime.frames,
      score: inTime.scores,
      state: result.states,
      high_chance: result.highChance,
    });
    const table = (name: string, records: readonly object[], columns: readonly string[]) =>
      writeBothTables(
        options.out,
        name,
        Object.fromEntries(
          columns.map((column) => [
            column,
            records.map((record) => (record as Record<string, unknown>)[column]),
          ]),
        ),
      );
    await table('switches', result.switches, ['track', 'at', 'to']);
    const { pseudopod_extension: extension, light_scattering: scattering } = measures ?? {};
    const steps =
      extension && scattering
        ? findSteps({
            ...inTime,
            scores: jointSignal(
              [inTime.scores, jointSignal([extension, scattering], inTime.tracks)],
              inTime.tracks,
            ),
            threshold: jointThreshold,
          })
        : findSteps(inTime);
    await table('steps', steps, ['track', 'at', 'to', 'size', 'gain']);
    await table('tracks', result.tracks, ['track', 'frames', 'meanScore', 'highShare', 'switches']);
    const around = result.around.map(({ measures, ...row }) => ({ ...row, ...measures }));
    await table('around', around, Object.keys(around[0]));
    const report = {
      tracks: result.tracks.length,
      frames: rows.length,
      switches: result.switches.length,
      steps: steps.length,
      dwell: result.dwell,
      model: result.model,
      around,
    };
    writeReport(options.out, report);
    context.print(
      `${result.switches.length} switches in ${result.tracks.length} tracks of ${rows.length} frames; results in ${options.out}`,
    );
    return report;
  },
});

/** Columns of a hallmark table in the order of `paths`; NaN where it has none. */
async function readMeasures(
  who: string,
  file: string,
  paths: readonly string[],
): Promise<Record<string, Float64Array>> {
  const table = await readTable(file);
  if (!table.columnNames().includes('path')) {
    throw new DataError(`${who}: ${file} has no column path; make it with lch hallmarks`);
  }
  const place = new Map(
    Array.from(table.array('path') as ArrayLike<unknown>, (path, i) => [String(path), i]),
  );
  return Object.fromEntries(
    averaged
      .filter((name) => table.columnNames().includes(name))
      .map((name) => {
        const values = table.array(name) as ArrayLike<number>;
        return [
          name,
          Float64Array.from(paths, (path) => Number(values[place.get(path) ?? -1] ?? Number.NaN)),
        ];
      }),
  );
}
