import { categoryColors, efficiencyColors } from './theme';

/** Categories that colours alone can tell apart. */
export const numberOfColors = categoryColors.length;

const shapes = ['circle', 'triangle-up', 'square', 'cross', 'diamond', 'triangle-down'];

/** Vega-Lite scales, one entry per category. */
export interface CategoryScale {
  color: { domain: string[]; range: string[] };
  shape: { domain: string[]; range: string[] };
}

/**
 * Colours and shapes for categories. Colours come round again after seven categories, each round with another shape, so that 42
 * categories stay distinct. "high", "low" and "unknown" always have the colours of metastatic efficiency.
 *
 * @param alone shapes are the only distinction: every category gets its own, while they last
 */
export function categoryScale(categories: readonly string[], { alone = false } = {}): CategoryScale {
  const domain = [...categories];
  const isEfficiency = domain.length > 0 && domain.every((name) => name in efficiencyColors);
  const round = (i: number) => (alone ? i : Math.floor(i / categoryColors.length)) % shapes.length;
  return {
    color: {
      domain,
      range: domain.map((name, i) =>
        isEfficiency ? efficiencyColors[name] : categoryColors[i % categoryColors.length],
      ),
    },
    shape: { domain, range: domain.map((_, i) => shapes[round(i)]) },
  };
}
