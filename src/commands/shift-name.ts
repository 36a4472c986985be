/** A shift as it stands in file names and captions, with four digits at most: +1.0, -2.5, +0.0, -0.25, +2.455. */
export function shiftName(shift: number): string {
  // a millionth and less is what equal steps leave of 0
  const size = Number(Number(Math.abs(shift).toFixed(6)).toPrecision(4));
  const digits = Number.isInteger(size) ? 1 : String(size).split('.')[1].length;
  return `${shift < 0 && size > 0 ? '-' : '+'}${size.toFixed(digits)}`;
}
