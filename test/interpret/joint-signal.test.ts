import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findSteps } from '../../src/interpret/find-steps';
import { jointSignal } from '../../src/interpret/joint-signal';
import { seededRandom } from '../../src/util/random';

describe('several signals of one change in time', () => {
  it('count alike, about the mean of their own track', () => {
    const tracks = ['a', 'a', 'b', 'b'];
    const joint = jointSignal(
      [
        [0, 2, 10, 12],
        [100, 300, 0, 200],
      ],
      tracks,
    );
    // each deviates by 1 and by 100, with standard deviations √2 and √2 · 100
    const expected = [-Math.SQRT2, Math.SQRT2, -Math.SQRT2, Math.SQRT2];
    joint.forEach((value, i) => {
      assert.ok(Math.abs(value - expected[i]) < 1e-12);
    });
  });

  it('show more steps together than each does alone', () => {
    const random = seededRandom(4);
    const [tracks, first, second, frames]: [string[], number[], number[], number[]] = [[], [], [], []];
    for (let track = 0; track < 200; track++) {
      const step = track < 20 ? 1.8 : 0;
      for (let t = 0; t < 24; t++) {
        tracks.push(`t${track}`);
        frames.push(t);
        first.push(track + (t < 12 ? 0 : step) + random.normal());
        second.push((t < 12 ? 0 : step) + random.normal());
      }
    }
    const right = (scores: ArrayLike<number>) =>
      findSteps({ scores, tracks, frames }).filter(({ row, at }) => row < 20 * 24 && Math.abs(at - 12) <= 2)
        .length;
    const together = right(jointSignal([first, second], tracks));
    assert.ok(
      together >= 18 && together > right(first) && together > right(second),
      `${together}, ${right(first)}, ${right(second)}`,
    );
  });

  it('need as many values as tracks, and some change; what is missing counts as no change', () => {
    assert.throws(() => jointSignal([[1, 2]], ['a']), /track for each of 2/);
    assert.throws(
      () =>
        jointSignal(
          [
            [1, 2],
            [3, 3],
          ],
          ['a', 'a'],
        ),
      /number 2/,
    );
    assert.equal(jointSignal([[1, Number.NaN, 3]], ['a', 'a', 'a'])[1], 0);
  });
});
