/** Resizing as the reference does it: Torch7's `image.scale(…, 'bilinear')`. */

/** For each target position, the source positions it takes from and their shares. */
interface Weights {
  first: Int32Array;
  /** [target][…] shares, `length[target]` of them. */
  shares: Float64Array[];
}

const known = new Map<string, Weights>();

/**
 * Resizes a greyscale picture. Shrinking averages the area that a target pixel covers; enlarging interpolates linearly with the
 * corner pixels on top of each other; the same size is a copy. Torch7 does so, unlike most libraries' "bilinear".
 *
 * @param source [height, width] row by row
 * @returns [targetHeight, targetWidth] row by row
 */
export function resizeBilinear(
  source: Float32Array,
  height: number,
  width: number,
  targetHeight: number,
  targetWidth: number,
): Float32Array {
  if (height === targetHeight && width === targetWidth) return source.slice();
  const across = weightsFor(width, targetWidth);
  const narrowed = new Float32Array(height * targetWidth);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < targetWidth; x++) {
      const shares = across.shares[x];
      const from = y * width + across.first[x];
      let sum = 0;
      for (let k = 0; k < shares.length; k++) sum += shares[k] * source[from + k];
      narrowed[y * targetWidth + x] = sum;
    }
  }
  const down = weightsFor(height, targetHeight);
  const result = new Float32Array(targetHeight * targetWidth);
  for (let y = 0; y < targetHeight; y++) {
    const shares = down.shares[y];
    for (let k = 0; k < shares.length; k++) {
      const share = shares[k];
      const from = (down.first[y] + k) * targetWidth;
      for (let x = 0; x < targetWidth; x++) result[y * targetWidth + x] += share * narrowed[from + x];
    }
  }
  return result;
}

function weightsFor(source: number, target: number): Weights {
  const key = `${source}→${target}`;
  let weights = known.get(key);
  if (!weights) {
    weights = target < source ? averaging(source, target) : interpolating(source, target);
    known.set(key, weights);
  }
  return weights;
}

function averaging(source: number, target: number): Weights {
  const step = source / target;
  const first = new Int32Array(target);
  const shares = Array.from({ length: target }, (_, i) => {
    const start = i * step;
    const end = Math.min(source, (i + 1) * step);
    first[i] = Math.floor(start);
    const covered = Array.from({ length: Math.ceil(end - 1e-9) - first[i] }, (_, k) => {
      const pixel = first[i] + k;
      return Math.min(end, pixel + 1) - Math.max(start, pixel);
    });
    return Float64Array.from(covered, (share) => share / (end - start));
  });
  return { first, shares };
}

function interpolating(source: number, target: number): Weights {
  const step = target > 1 ? (source - 1) / (target - 1) : 0;
  const first = new Int32Array(target);
  const shares = Array.from({ length: target }, (_, i) => {
    const at = Math.min(source - 1, i * step);
    first[i] = Math.min(Math.floor(at), Math.max(0, source - 2));
    const share = at - first[i];
    return source === 1 ? Float64Array.of(1) : Float64Array.of(1 - share, share);
  });
  return { first, shares };
}
