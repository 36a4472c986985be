import { checkLength } from '../stats/matrix';
import { segmentCell } from './segment-cell';

/**
 * Crops with the outline of the cell that was found in each, in white: to see by eye whether measures can be trusted. Each crop is enlarged first, so that the line is
 * thin beside the cell.
 *
 * @param images [count, size, size], 0..1
 * @param scale how often each pixel is repeated along both sides
 * @returns [count, size · scale, size · scale]; a crop without a cell is as it was, larger
 * @throws ShapeError when the images hold another number of crops
 * @example
 * await montagePng(outlineCells(images, 8, 64), { count: 8, size: 192, columns: 4 });
 */
export function outlineCells(images: Float32Array, count: number, size: number, scale = 3): Float32Array {
  checkLength('outlineCells', 'pixels', images, count * size * size);
  const side = size * scale;
  const drawn = new Float32Array(count * side * side);
  for (let crop = 0; crop < count; crop++) {
    const pixels = images.subarray(crop * size * size, (crop + 1) * size * size);
    const { mask } = segmentCell(pixels, size);
    const inside = (x: number, y: number) =>
      x >= 0 &&
      y >= 0 &&
      x < side &&
      y < side &&
      mask[Math.floor(y / scale) * size + Math.floor(x / scale)] === 1;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        // the first pixels outside the cell
        const onLine =
          !inside(x, y) && (inside(x - 1, y) || inside(x + 1, y) || inside(x, y - 1) || inside(x, y + 1));
        const grey = pixels[Math.floor(y / scale) * size + Math.floor(x / scale)];
        drawn[(crop * side + y) * side + x] = onLine ? 1 : grey;
      }
    }
  }
  return drawn;
}
