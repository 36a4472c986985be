import { quantile } from '../util/quantile';
import { distanceTo } from './distance-transform';
import { gaussianBlur } from './gaussian-blur';
import type { SegmentedCell } from './segment-cell';

/** What the light inside a cell tells. All are NaN when the body has no inside. */
export interface LightMeasures {
  /**
   * Light from the cell's inside: median grey value of the body away from its rim, above the background. Light that was scattered within the cell
   * brightens the inside, which phase contrast alone leaves dark. In grey values (0..1), so it grows with the lamp; compare within a day or
   * within a cell.
   */
  light_scattering: number;
  /**
   * Share of the inside that bright spots cover: pixels whose fine detail (half to one and a quarter 64ths of a crop) is above two fifths of the
   * strongest spots'. It counts spots rather than their light, but neighbours merge.
   */
  granularity: number;
  /**
   * How soft the body's outline is: the dim side of a narrow band along it (lower quartile) over the bright side (upper tenth). Out of focus, the rim's
   * light spreads outwards and the two draw near. Larger is less sharp; the lamp does not matter.
   */
  focus: number;
  /** Grey value (0..1) of the empty substrate, from the pixels well away from the cell: the day's lamp and camera. */
  background: number;
}

/** Pixels count as empty substrate from this distance to the cell on, in 64ths of a crop; nearer ones lie in its halo. */
const haloWidth = 6;
/** Width of the rim, in 64ths of a crop. */
const rimWidth = 2.5;
/** The band along the outline: so far outwards and inwards, in 64ths of a crop. */
const outlineBand = { out: 2, in: 1 };

/**
 * @param crop [size · size], 0..1
 * @param body mask of the cell without processes
 */
export function measureLight(
  crop: Float32Array,
  size: number,
  { mask, background }: SegmentedCell,
  body: Uint8Array,
): LightMeasures {
  const unit = size / 64;
  const depth = distanceTo(
    body.map((value) => 1 - value),
    size,
  );
  const isInside = (i: number) => body[i] === 1 && depth[i] >= rimWidth * unit;
  const inside = crop.filter((_, i) => isInside(i)).sort();
  const outside = distanceTo(body, size);
  const band = crop
    .filter((_, i) => (body[i] ? depth[i] <= outlineBand.in * unit : outside[i] <= outlineBand.out * unit))
    .sort();
  if (inside.length === 0 || band.length === 0) {
    return {
      light_scattering: Number.NaN,
      granularity: Number.NaN,
      focus: Number.NaN,
      background: Number.NaN,
    };
  }
  const away = distanceTo(mask, size);
  const empty = crop.filter((_, i) => away[i] > haloWidth * unit).sort();
  const fine = gaussianBlur(crop, size, 0.5 * unit);
  const coarse = gaussianBlur(crop, size, 1.2 * unit);
  const detail = fine.map((value, i) => value - coarse[i]).filter((_, i) => isInside(i));
  const spot = Math.max(0, 0.4 * quantile(detail.slice().sort(), 0.97));
  return {
    light_scattering: quantile(inside, 0.5) - background,
    granularity: detail.filter((value) => value > spot).length / detail.length,
    focus: (quantile(band, 0.25) - background) / (quantile(band, 0.9) - background),
    // a cell that fills the crop leaves the segmentation's estimate
    background: empty.length > 0 ? quantile(empty, 0.5) : background,
  };
}
