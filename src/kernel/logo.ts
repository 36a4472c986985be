/** The kernel's logo: a cell with its nucleus and two pseudopods, seen in phase contrast. */
import { Resvg } from '@resvg/resvg-js';

export const LOGO_SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <rect width="64" height="64" rx="12" fill="#12263a"/>
  <path d="M14 40c-5-9 1-20 11-22 4-1 6-7 12-8 6 0 7 5 5 9-1 3 2 4 5 7 5 5 6 12 3 18 4 3 6 8 2 11-4 2-8-2-11-4-9 5-22 1-27-11z"
    fill="#7fc8c2" stroke="#e9fbf8" stroke-width="2.5" stroke-linejoin="round"/>
  <circle cx="32" cy="35" r="9" fill="#2c6e86" stroke="#e9fbf8" stroke-width="2"/>
  <circle cx="35" cy="33" r="2.6" fill="#ffd166"/>
  <circle cx="21" cy="30" r="1.7" fill="#ffd166"/>
  <circle cx="44" cy="42" r="1.7" fill="#ffd166"/>
</svg>
`;

/** The logo as PNG, `size` pixels wide. */
export function logoPng(size: number): Uint8Array {
  return new Resvg(LOGO_SVG, { fitTo: { mode: 'width', value: size } }).render().asPng();
}
