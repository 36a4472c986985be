import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSteps } from '../../src/interpret/find-steps';
import { matchSwitches, type Switch } from '../../src/interpret/plasticity';
import { simulateCells } from '../../src/simulate/simulate-cells';
import { seededRandom } from '../../src/util/random';

const frames = 24;

describe('steps in a cell’s own level', () => {
  it('are found where the simulator planted switches, from the true hallmarks: F1 at least 0.8 within two frames', () => {
    const { cells } = simulateCells({ cells: 200 * frames, size: 64, seed: 5, framesPerTrack: frames });
    const planted = cells.flatMap((cell, row): Switch[] => {
      const before = cells[row - 1];
      return before?.track === cell.track && before.state !== cell.state
        ? [{ track: cell.track, at: row % frames, row, to: cell.state }]
        : [];
    });
    assert.ok(planted.length > 5);
    const found = findSteps({
      scores: cells.map((cell) => cell.pseudopod_extension / 0.4 + cell.light_scattering / 0.16),
      tracks: cells.map(({ track }) => track),
      frames: cells.map(({ frame }) => frame),
    });
    const { f1 } = matchSwitches(found, planted, 2);
    assert.ok(f1 >= 0.8, `F1 ${f1}`);
    for (const { row, track } of found) assert.equal(cells[row].track, track);
  });

  it('are rarely seen in tracks without any, whatever the level, also where frames resemble their neighbours', () => {
    for (const carry of [0, 0.6]) {
      const random = seededRandom(3);
      const scores: number[] = [];
      const tracks: string[] = [];
      for (let i = 0; i < 300; i++) {
        const level = 5 * random.normal();
        let noise = random.normal();
        for (let t = 0; t < frames; t++) {
          noise = carry * noise + Math.sqrt(1 - carry * carry) * random.normal();
          scores.push(level + noise);
          tracks.push(`t${i}`);
        }
      }
      const found = findSteps({ scores, tracks, frames: scores.map((_, i) => i) });
      assert.ok(found.length <= 9, `${found.length} of 300 with carry ${carry}`);
    }
  });

  it('need a track and a frame for each score', () => {
    assert.throws(() => findSteps({ scores: [1, 2], tracks: ['a'], frames: [1, 2] }), /got 1 and 2/);
    assert.deepEqual(findSteps({ scores: [1, 2], tracks: ['a', 'a'], frames: [1, 2] }), []);
  });
});
