/**
 * Axes of the ellipse that has a mask's second moments, as standard deviations along them in pixels.
 *
 * @param mask [size · size]
 * @returns NaN for an empty mask
 */
export function ellipseAxes(mask: Uint8Array, size: number): { long: number; short: number } {
  let [area, sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (!mask[i]) continue;
    const x = i % size;
    const y = Math.floor(i / size);
    area++;
    sx += x;
    sy += y;
    sxx += x * x;
    syy += y * y;
    sxy += x * y;
  }
  if (area === 0) return { long: Number.NaN, short: Number.NaN };
  // a twelfth is a pixel's own second moment
  const xx = sxx / area - (sx / area) ** 2 + 1 / 12;
  const yy = syy / area - (sy / area) ** 2 + 1 / 12;
  const xy = sxy / area - (sx * sy) / area ** 2;
  const half = Math.hypot((xx - yy) / 2, xy);
  const middle = (xx + yy) / 2;
  return { long: Math.sqrt(middle + half), short: Math.sqrt(Math.max(1 / 12, middle - half)) };
}
