import { textWidth } from './font';

/**
 * Breaks text into lines that are at most `width` pixels wide: at spaces, and inside a word only when it is wider than a line.
 *
 * @param size of the font, in pixels
 * @returns at least one line; line breaks of the text are kept
 * @example
 * wrapText('Scores of cells of tumors never seen', 120, 12); // ['Scores of cells of', 'tumors never seen']
 */
export function wrapText(text: string, width: number, size: number, weight: number | string = 400): string[] {
  const fits = (line: string) => textWidth(line, size, weight) <= width;
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (fits(longer)) {
        line = longer;
        continue;
      }
      if (line !== '') lines.push(line);
      line = '';
      for (const character of word) {
        if (line !== '' && !fits(line + character)) {
          lines.push(line);
          line = '';
        }
        line += character;
      }
    }
    lines.push(line);
  }
  return lines;
}
