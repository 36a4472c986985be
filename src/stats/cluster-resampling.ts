import type { Random } from '../util/random';
import { checkLength } from './matrix';

/** Cells sorted into nested clusters, ready to be drawn again with replacement. */
export interface ClusterResampling {
  /** [n] innermost unit of each cell. */
  unit: Int32Array;
  units: number;
  /** Clusters of the outermost level. */
  outer: number;
  /** How often each unit counts in one resample, [units]; the same array again at each call. */
  draw(random: Random): Float64Array;
}

/**
 * Prepares resampling of whole clusters: clusters of the first level are drawn with replacement, then those of the next level inside
 * each drawn one, and so on. Cells of the innermost clusters stay together.
 *
 * Where every outermost cluster holds one class only (tumors), the classes are drawn separately, so that each resample has both.
 *
 * @param who name of the calling function
 * @param levels per cell, from the outermost, such as [tumors, days]; no level at all draws single cells
 * @param labels class of each cell
 */
export function clusterResampling(
  who: string,
  levels: readonly ArrayLike<string | number>[],
  labels: ArrayLike<number | boolean>,
): ClusterResampling {
  const n = labels.length;
  for (const level of levels) checkLength(who, 'cluster names', level, n);
  interface Node {
    children: Map<string | number, Node>;
    unit: number;
    classes: number; // bit 0: has negatives, bit 1: has positives
  }
  const node = (): Node => ({ children: new Map(), unit: -1, classes: 0 });
  const root = node();
  const unit = new Int32Array(n);
  let units = 0;
  for (let i = 0; i < n; i++) {
    const mark = labels[i] ? 2 : 1;
    let at = root;
    for (const name of levels.length > 0 ? levels.map((level) => level[i]) : [i]) {
      let child = at.children.get(name);
      if (!child) {
        child = node();
        at.children.set(name, child);
      }
      child.classes |= mark;
      at = child;
    }
    if (at.unit < 0) at.unit = units++;
    unit[i] = at.unit;
  }
  const tops = [...root.children.values()];
  const pure = tops.every((top) => top.classes !== 3);
  const strata = pure ? [1, 2].map((mark) => tops.filter((top) => top.classes === mark)) : [tops];
  const childrenOf = new Map<Node, Node[]>();
  const list = (parent: Node) => {
    let children = childrenOf.get(parent);
    if (!children) {
      children = [...parent.children.values()];
      childrenOf.set(parent, children);
    }
    return children;
  };
  const weights = new Float64Array(units);
  const drawInside = (parent: Node, random: Random): void => {
    if (parent.children.size === 0) {
      weights[parent.unit]++;
      return;
    }
    const children = list(parent);
    for (let i = 0; i < children.length; i++) drawInside(children[random.integer(children.length)], random);
  };
  return {
    unit,
    units,
    outer: tops.length,
    draw(random) {
      weights.fill(0);
      for (const stratum of strata) {
        for (let i = 0; i < stratum.length; i++) drawInside(stratum[random.integer(stratum.length)], random);
      }
      return weights;
    },
  };
}
