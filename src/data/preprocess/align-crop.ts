/** Where a cell lies in its crop. */
export interface CellPose {
  /** Centre of the cell in pixels from the upper left pixel's middle. */
  x: number;
  y: number;
  /** Direction of the longer axis in radians, towards the end with the longer tail; x right, y down. */
  angle: number;
  /** Grey value of the background. */
  background: number;
}

/** Neighbours at the edge count little: weights fall off with this standard deviation, as a share of the side. */
const windowSigma = 0.25;

/**
 * Finds a cell's centre and principal axis from how much pixels differ from the background (their median), weighted towards the middle.
 * Second moments give the axis, the third moment along it says which end is the tail.
 *
 * @param pixels [height, width] row by row
 * @returns the middle of the crop and angle 0 when nothing stands out
 */
export function findPose(pixels: Float32Array, height: number, width: number): CellPose {
  const background = medianOf(pixels);
  const spread = medianOf(pixels.map((value) => Math.abs(value - background)));
  const weights = new Float64Array(pixels.length);
  let total = 0;
  let x = 0;
  let y = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      const contrast = Math.abs(pixels[at] - background) - 3 * spread; // 3: beyond what background noise does
      if (contrast <= 0) continue;
      const dx = (column - (width - 1) / 2) / (windowSigma * width);
      const dy = (row - (height - 1) / 2) / (windowSigma * height);
      const weight = contrast * Math.exp(-(dx * dx + dy * dy) / 2);
      weights[at] = weight;
      total += weight;
      x += weight * column;
      y += weight * row;
    }
  }
  if (total === 0) return { x: (width - 1) / 2, y: (height - 1) / 2, angle: 0, background };
  x /= total;
  y /= total;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  forEachWeight(weights, width, (weight, column, row) => {
    xx += weight * (column - x) ** 2;
    xy += weight * (column - x) * (row - y);
    yy += weight * (row - y) ** 2;
  });
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let third = 0;
  forEachWeight(weights, width, (weight, column, row) => {
    third += weight * (cos * (column - x) + sin * (row - y)) ** 3;
  });
  return { x, y, angle: third < 0 ? angle + Math.PI : angle, background };
}

/**
 * Moves a cell to the middle of its crop and turns it so that its longer axis lies level with the tail to the right. An autoencoder then
 * spends no features on position and angle: in a first trial the planted pseudopods became readable from the descriptors at
 * R² 0.58 instead of 0.45. Linear interpolation; what comes from outside has the background's grey.
 *
 * @param pixels [height, width] row by row
 * @returns a new picture of the same size
 */
export function alignCrop(pixels: Float32Array, height: number, width: number): Float32Array {
  const pose = findPose(pixels, height, width);
  const cos = Math.cos(pose.angle);
  const sin = Math.sin(pose.angle);
  const aligned = new Float32Array(pixels.length);
  for (let row = 0; row < height; row++) {
    const down = row - (height - 1) / 2;
    for (let column = 0; column < width; column++) {
      const right = column - (width - 1) / 2;
      const x = pose.x + cos * right - sin * down;
      const y = pose.y + sin * right + cos * down;
      aligned[row * width + column] = between(pixels, height, width, x, y, pose.background);
    }
  }
  return aligned;
}

function between(
  pixels: Float32Array,
  height: number,
  width: number,
  x: number,
  y: number,
  outside: number,
): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const at = (column: number, row: number) =>
    column >= 0 && column < width && row >= 0 && row < height ? pixels[row * width + column] : outside;
  const upper = at(left, top) + (x - left) * (at(left + 1, top) - at(left, top));
  const lower = at(left, top + 1) + (x - left) * (at(left + 1, top + 1) - at(left, top + 1));
  return upper + (y - top) * (lower - upper);
}

function forEachWeight(
  weights: Float64Array,
  width: number,
  visit: (weight: number, column: number, row: number) => void,
): void {
  for (let at = 0; at < weights.length; at++) {
    if (weights[at] > 0) visit(weights[at], at % width, Math.floor(at / width));
  }
}

function medianOf(values: Float32Array): number {
  return values.slice().sort()[values.length >> 1];
}
