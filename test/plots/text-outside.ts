import { Resvg } from '@resvg/resvg-js';
import { resvgFont } from '../../src/plots/font';

/**
 * The texts of an SVG that reach beyond its edges, as drawn: every text is measured by resvg, alone, at its place.
 *
 * @returns "text: left, top, right, bottom" of each offender
 */
export function textOutside(svg: string): string[] {
  const [, root] = /<svg([^>]*)>/.exec(svg)!;
  const [x0, y0, width, height] = /viewBox="([^"]*)"/
    .exec(root)![1]
    .split(/[\s,]+/)
    .map(Number);
  const outside: string[] = [];
  const open: string[] = []; // the opening tags of the groups around the current place
  for (const [tag] of svg.matchAll(/<g\b[^>]*?\/?>|<\/g>|<text\b[^>]*>[\s\S]*?<\/text>/g)) {
    if (tag === '</g>') open.pop();
    else if (tag.startsWith('<g')) {
      if (!tag.endsWith('/>')) open.push(tag);
    } else {
      const alone = `<svg${root}>${open.join('')}${tag}${'</g>'.repeat(open.length)}</svg>`;
      const box = new Resvg(alone, { font: resvgFont }).getBBox();
      if (!box) continue;
      const right = box.x + box.width;
      const bottom = box.y + box.height;
      if (box.x < x0 - 0.5 || box.y < y0 - 0.5 || right > x0 + width + 0.5 || bottom > y0 + height + 0.5) {
        outside.push(`${tag.replace(/<[^>]*>/g, '')}: ${[box.x, box.y, right, bottom].map(Math.round)}`);
      }
    }
  }
  return outside;
}
