/** Jupyter counts cursor positions in Unicode code points, JavaScript in UTF-16 units; an emoji is one of the former, two of the latter. */

/** Position in UTF-16 units of the code point with index `codePoints`. */
export function toUtf16(text: string, codePoints: number): number {
  let offset = 0;
  for (let left = codePoints; left > 0 && offset < text.length; left--) {
    offset += (text.codePointAt(offset) as number) > 0xffff ? 2 : 1;
  }
  return offset;
}

/** Number of code points before the UTF-16 position `offset`. */
export function toCodePoints(text: string, offset: number): number {
  let count = 0;
  for (let at = 0; at < offset && at < text.length; count++) {
    at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  }
  return count;
}
