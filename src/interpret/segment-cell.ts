import { ShapeError } from '../util/errors';
import { connectedRegions } from './connected-regions';
import { distanceTo } from './distance-transform';
import { gaussianBlur } from './gaussian-blur';
import { maskWhere } from './mask-where';

/** A cell found in a crop. */
export interface SegmentedCell {
  /** 1 where the cell is, its processes included: [size · size]. All 0 when no cell was found. */
  mask: Uint8Array;
  /** Grey value of the empty substrate: the crop's median. */
  background: number;
  /** Standard deviation of the substrate's grey values. */
  noise: number;
  /** Brightness of the rim above the background. */
  rimContrast: number;
}

/**
 * Finds the cell in the middle of a phase-contrast crop: a bright rim on a dark ground.
 *
 * The cell is what has a third of the rim's brightness, gaps closed and holes filled; of several regions the one with most pixels near
 * the middle. What is not brighter than the substrate stays out: the dark thin processes of some real cells, and cells far out of focus.
 *
 * @param crop [size · size], 0..1; lengths scale with size / 64
 * @throws ShapeError when the crop has another number of pixels
 * @example
 * const { mask } = segmentCell(crop, 64);
 */
export function segmentCell(crop: Float32Array, size: number): SegmentedCell {
  if (crop.length !== size * size) {
    throw new ShapeError(`segmentCell needs a crop of ${size} × ${size} pixels, got ${crop.length} values`);
  }
  const unit = size / 64;
  const smooth = gaussianBlur(crop, size, 0.5 * unit);
  const { median: background, deviation: noise } = robustSpread(smooth);
  const rimContrast = contrastOfBright(smooth, background, noise);

  const least = Math.max(4 * noise, rimContrast * 0.35);
  const bright = maskWhere(smooth.length, (i) => smooth[i] - background > least);
  const region = middleRegion(fillHoles(close(bright, size, 1.5 * unit), size), size);
  return { mask: region, background, noise, rimContrast };
}

/** Median and the standard deviation that a normal distribution with the same median absolute deviation has. */
function robustSpread(values: Float32Array): { median: number; deviation: number } {
  const middle = (sorted: Float32Array) => sorted[sorted.length >> 1];
  const median = middle(values.slice().sort());
  return { median, deviation: 1.4826 * middle(values.map((value) => Math.abs(value - median)).sort()) };
}

/** Mean height above the background of what is brighter than half of it: where the threshold and the mean agree. */
function contrastOfBright(image: Float32Array, background: number, noise: number): number {
  let contrast = 4 * noise;
  for (let round = 0; round < 20; round++) {
    let sum = 0;
    let n = 0;
    for (const value of image) {
      if (value - background <= contrast / 2) continue;
      sum += value - background;
      n++;
    }
    const next = n > 0 ? Math.max(4 * noise, sum / n) : contrast;
    if (Math.abs(next - contrast) < 1e-4) return next;
    contrast = next;
  }
  return contrast;
}

/** Grows by `radius` and shrinks again: gaps narrower than twice the radius close. */
function close(mask: Uint8Array, size: number, radius: number): Uint8Array {
  const away = distanceTo(mask, size);
  const grown = maskWhere(mask.length, (i) => away[i] <= radius);
  const outside = distanceTo(
    grown.map((inside) => 1 - inside),
    size,
  );
  return maskWhere(mask.length, (i) => outside[i] > radius || mask[i] === 1);
}

/** Sets what the mask encloses. */
function fillHoles(mask: Uint8Array, size: number): Uint8Array {
  const { labels, count } = connectedRegions(
    mask.map((inside) => 1 - inside),
    size,
    false,
  );
  const open = new Uint8Array(count + 1);
  for (let i = 0; i < size; i++) {
    for (const at of [i, (size - 1) * size + i, i * size, i * size + size - 1]) open[labels[at]] = 1;
  }
  return maskWhere(mask.length, (i) => mask[i] === 1 || !open[labels[i]]);
}

/** The region with most pixels near the middle: each counts by a Gaussian of a sixth of the crop. */
function middleRegion(mask: Uint8Array, size: number): Uint8Array {
  const { labels, count } = connectedRegions(mask, size, false);
  const weights = new Float64Array(count + 1);
  const sd = size / 6;
  for (let i = 0; i < labels.length; i++) {
    if (!labels[i]) continue;
    const dx = (i % size) - (size - 1) / 2;
    const dy = Math.floor(i / size) - (size - 1) / 2;
    weights[labels[i]] += Math.exp((-0.5 * (dx * dx + dy * dy)) / (sd * sd));
  }
  let best = 1;
  for (let label = 2; label <= count; label++) if (weights[label] > weights[best]) best = label;
  return maskWhere(labels.length, (i) => labels[i] === best);
}
