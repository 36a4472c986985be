import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { alignCrop, findPose } from '../../../src/data/preprocess/align-crop';
import { flipLeftRight } from '../../../src/data/preprocess/flip-left-right';
import { bell, maskGaussian } from '../../../src/data/preprocess/gaussian-mask';
import { laplacian, normalizeLocalContrast } from '../../../src/data/preprocess/local-contrast';
import { blurSame, lowPass } from '../../../src/data/preprocess/low-pass';
import { checkPreprocessing, preprocessCrop } from '../../../src/data/preprocess/preprocess-crop';
import { rotateNearest } from '../../../src/data/preprocess/rotate-nearest';
import { shiftIllumination } from '../../../src/data/preprocess/shift-illumination';
import { seededRandom } from '../../../src/util/random';
import { golden } from '../../helpers/golden';
import { assertClose } from '../../helpers/tensors';

// Torch7's own numbers (torch7 814ea4a, image 5aa1881)
const { values: input } = golden('pre.input64');
const n = 64;

describe("preprocessing gives Torch7's numbers", () => {
  it('mirroring and turning, exactly', () => {
    assert.deepEqual(flipLeftRight(input, n), golden('pre.hflip').values);
    assert.deepEqual(rotateNearest(input, n, n, 0.7), golden('pre.rotate0.7').values);
    assert.deepEqual(rotateNearest(input, n, n, 4.0), golden('pre.rotate4.0').values);
    const mirrored = flipLeftRight(input, n);
    assert.deepEqual(rotateNearest(mirrored, n, n, 2.5), golden('pre.hflip_rotate2.5').values);
  });

  it('Gaussian mask', () => {
    const mask = maskGaussian(new Float32Array(n * n).fill(1), n, n, 0.25);
    assertClose(mask, golden('pre.gauss_mask_0.25').values, 2e-6);
    assertClose(maskGaussian(input, n, n, 0.25), golden('pre.masked').values, 2e-6);
  });

  it('low-pass: kernel, raw and stretched', () => {
    const kernel = bell(25, 0.1);
    const square = Float64Array.from({ length: 625 }, (_, i) => kernel[i % 25] * kernel[Math.floor(i / 25)]);
    assertClose(square, golden('pre.lpf_kernel_25_0.1').values, 2e-6);
    assertClose(blurSame(input, n, n, kernel), golden('pre.lpf_raw').values, 2e-5);
    assertClose(lowPass(input, n, n, { sigma: 0.1 }), golden('pre.lpf').values, 2e-6);
  });

  it('local contrast: kernel and result', () => {
    assertClose(laplacian(9), golden('pre.laplacian_kernel_9').values, 2e-6);
    assertClose(normalizeLocalContrast(input, n, n, 9), golden('pre.lcn_9').values, 2e-6);
  });

  it('illumination shift', () => {
    assertClose(shiftIllumination(input, 0.3), golden('pre.illum_shift_0.3').values, 2e-6);
  });
});

describe('preprocessCrop', () => {
  it('without settings only resizes, and returns a copy', () => {
    const same = preprocessCrop(input, n, n, n, {});
    assert.deepEqual(same, input);
    assert.notEqual(same, input);
    assertClose(preprocessCrop(input, n, n, 96, {}), golden('pre.scale64to96').values, 2e-6);
  });

  it('turns the asked share of crops, the same ones for a seed', () => {
    const turned = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 1000 }, (_, i) => {
        const small = Float32Array.from({ length: 16 }, (_, k) => k + 1);
        const result = preprocessCrop(small, 4, 4, 4, { turnShare: 0.2 }, random.fork(i));
        return result.some((value, k) => value !== small[k]);
      });
    };
    const once = turned(7);
    assert.deepEqual(once, turned(7));
    const share = once.filter(Boolean).length / 1000;
    assert.ok(Math.abs(share - 0.2) < 0.05, `${share}`);
  });

  it('names a setting that cannot be used', () => {
    assert.throws(
      () => checkPreprocessing('train', { localContrastKernel: 8 }),
      /^OptionError: train: localContrastKernel must be an odd number of pixels, got 8/,
    );
    assert.throws(() => checkPreprocessing('train', { turnShare: 2 }), /turnShare must be in 0..1, got 2/);
    assert.throws(() => checkPreprocessing('train', { lowPass: { sigma: 0 } }), /lowPass.sigma/);
    checkPreprocessing('train', { turnShare: 0.2, maskSigma: 0.25, lowPass: { sigma: 0.1 } });
  });
});

/** A round cell with one process in direction `angle`, off the middle. */
function cellWithProcess(angle: number, centreX: number, centreY: number): Float32Array {
  const side = 64;
  return Float32Array.from({ length: side * side }, (_, i) => {
    const x = (i % side) - centreX;
    const y = Math.floor(i / side) - centreY;
    const along = x * Math.cos(angle) + y * Math.sin(angle);
    const aside = -x * Math.sin(angle) + y * Math.cos(angle);
    const body = Math.exp(-(x * x + y * y) / 50);
    const process = along > 0 && along < 18 ? Math.exp(-(aside * aside) / 6) : 0;
    return 0.1 + 0.8 * Math.max(body, 0.6 * process);
  });
}

describe('alignCrop', () => {
  it('finds the direction of a process within 5 degrees', () => {
    for (const angle of [0, 0.5, 1.5, 2.6, 3.5, 5]) {
      const pose = findPose(cellWithProcess(angle, 30, 33), 64, 64);
      const off = Math.atan2(Math.sin(pose.angle - angle), Math.cos(pose.angle - angle));
      assert.ok(Math.abs(off) < 0.09, `angle ${angle}: ${pose.angle}`);
    }
  });

  it('gives nearly the same picture whichever way the cell lay', () => {
    const reference = alignCrop(cellWithProcess(0, 30, 32), 64, 64);
    for (const [angle, x, y] of [
      [1.1, 33, 29],
      [2.9, 29, 35],
      [4.4, 34, 33],
    ]) {
      const crop = cellWithProcess(angle, x, y);
      const error = (a: Float32Array) =>
        a.reduce((sum, value, i) => sum + Math.abs(value - reference[i]), 0) / a.length;
      assert.ok(error(alignCrop(crop, 64, 64)) < 0.35 * error(crop), `angle ${angle}`);
    }
  });

  it('leaves an empty crop as it is', () => {
    const empty = new Float32Array(100).fill(0.25);
    assert.deepEqual(alignCrop(empty, 10, 10), empty);
  });
});
