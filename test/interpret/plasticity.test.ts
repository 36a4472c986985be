import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analysePlasticity, matchSwitches, type Switch } from '../../src/interpret/plasticity';
import { simulateCells } from '../../src/simulate/simulate-cells';
import { seededRandom } from '../../src/util/random';

describe('plasticity', () => {
  // scores as a classifier of AUC 0.87 on single frames gives them: the planted hallmarks, summed, of simulated time-lapses
  const frames = 24;
  const simulation = simulateCells({ cells: 200 * frames, size: 64, seed: 5, framesPerTrack: frames });
  const { cells } = simulation;
  const z = (name: 'pseudopod_extension' | 'light_scattering') => {
    const values = cells.map((cell) => cell[name]);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return values.map((value) => (value - mean) / sd);
  };
  const [extension, scattering] = [z('pseudopod_extension'), z('light_scattering')];

  it('finds planted switches within two frames where the states stand apart: F1 at least 0.8', () => {
    const random = seededRandom(2);
    const tracks: string[] = [];
    const scores: number[] = [];
    const planted: Switch[] = [];
    for (let i = 0; i < 100; i++) {
      const at = i % 2 ? 8 + random.integer(9) : -1;
      const start = random.integer(2);
      if (at > 0) planted.push({ track: `t${i}`, at, row: 0, to: start ? 'low' : 'high' });
      for (let t = 0; t < frames; t++) {
        const state = at > 0 && t >= at ? 1 - start : start;
        tracks.push(`t${i}`);
        scores.push((state ? 1.2 : -1.2) + random.normal());
      }
    }
    const { switches } = analysePlasticity({ scores, tracks, frames: tracks.map((_, i) => i) });
    const { f1 } = matchSwitches(switches, planted, 2);
    assert.ok(f1 >= 0.8, `F1 ${f1}`);
  });

  it('finds the switches of simulated cells, each with a level of its own and slow drift: F1 at least 0.8', () => {
    const planted: Switch[] = [];
    cells.forEach(({ track, state }, i) => {
      if (i > 0 && cells[i - 1].track === track && cells[i - 1].state !== state)
        planted.push({ track, at: i % frames, row: i, to: state });
    });
    assert.ok(planted.length > 5);
    const { switches, model } = analysePlasticity({
      scores: extension.map((value, i) => value + scattering[i]),
      tracks: cells.map(({ track }) => track),
      frames: cells.map(({ frame }) => frame),
    });
    assert.ok(model.carry > 0.8, `carry ${model.carry}`);
    const { f1 } = matchSwitches(switches, planted, 2);
    assert.ok(f1 >= 0.8, `F1 ${f1}`);
  });

  it('sees both hallmarks rise around switches to high', () => {
    const result = analysePlasticity({
      scores: extension.map((value, i) => value + scattering[i]),
      tracks: cells.map(({ track }) => track),
      frames: cells.map(({ frame }) => frame),
      measures: { extension, scattering },
    });
    const before = result.around.filter(({ offset }) => offset < 0);
    const after = result.around.filter(({ offset }) => offset >= 0);
    const mean = (rows: typeof before, name: string) =>
      rows.reduce((sum, { measures }) => sum + measures[name], 0) / rows.length;
    for (const name of ['extension', 'scattering'])
      assert.ok(mean(after, name) > mean(before, name) + 0.3, name);
  });

  it('keeps states with their rows, and counts stays', () => {
    const scores = [-2, -2.1, -1.9, -2, 2, 2.1, 1.9, 2, 2.2, 1.8, -2, -2.2, -1.8, -2.1, -1.9];
    const order = seededRandom(1).permutation(scores.length);
    const result = analysePlasticity({
      scores: Array.from(order, (i) => scores[i]),
      tracks: scores.map(() => 'a'),
      frames: order,
    });
    order.forEach((frame, row) => {
      assert.equal(result.states[row], scores[frame] > 0 ? 'high' : 'low');
    });
    assert.deepEqual(
      result.switches.map(({ at, to }) => [at, to]),
      [
        [4, 'high'],
        [10, 'low'],
      ],
    );
    assert.deepEqual(result.dwell, [
      { state: 'high', stays: 1, meanFrames: 6, medianFrames: 6 },
      { state: 'low', stays: 2, meanFrames: 4.5, medianFrames: 4.5 },
    ]);
  });

  it('pairs each planted switch once', () => {
    const at = (frame: number, to: 'high' | 'low' = 'high'): Switch => ({
      track: 't',
      at: frame,
      row: 0,
      to,
    });
    const { precision, recall, f1 } = matchSwitches([at(5), at(6), at(20, 'low')], [at(7), at(30)], 2);
    assert.deepEqual([precision, recall, f1], [1 / 3, 0.5, 0.4]);
  });

  it('needs arrays of one length', () => {
    assert.throws(
      () => analysePlasticity({ scores: [1, 2], tracks: ['a'], frames: [1, 2] }),
      /needs 2 tracks, one for each score, got 1/,
    );
  });
});
