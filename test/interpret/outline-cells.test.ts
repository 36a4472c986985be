import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outlineCells } from '../../src/interpret/outline-cells';
import { simulateCells } from '../../src/simulate/simulate-cells';

describe('outlines of cells', () => {
  const simulation = simulateCells({ cells: 1, size: 64, seed: 3 });
  const crop = Float32Array.from(simulation.renderCrop(0), (grey) => 0.9 * (grey / 255));
  const drawn = outlineCells(crop, 1, 64, 2);

  it('run along the rim of the planted cell, and leave all other pixels as they are', () => {
    const mask = simulation.renderMask(0);
    let [line, near] = [0, 0];
    for (let y = 0; y < 128; y++) {
      for (let x = 0; x < 128; x++) {
        const [column, row] = [x >> 1, y >> 1];
        if (drawn[y * 128 + x] !== 1) {
          assert.equal(drawn[y * 128 + x], crop[row * 64 + column]);
          continue;
        }
        line++;
        // within three crop pixels there are both cell and ground
        const around = new Set<number>();
        for (let dy = -3; dy <= 3; dy++) {
          for (let dx = -3; dx <= 3; dx++) around.add(mask[(row + dy) * 64 + column + dx]);
        }
        if (around.size === 2) near++;
      }
    }
    assert.ok(line > 100 && near > 0.9 * line, `${near} of ${line}`);
  });

  it('are left out where no cell is found; the number of pixels must fit', () => {
    assert.ok(outlineCells(new Float32Array(64 * 64).fill(0.2), 1, 64).every((grey) => grey < 0.21));
    assert.throws(() => outlineCells(crop, 2, 64), /outlineCells/);
  });
});
