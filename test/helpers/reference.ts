import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/util/files';

/** Values written by a script of test/reference/, which names its versions. */
export function readReference<T>(name: string): T {
  return JSON.parse(readFileSync(join(packageRoot(), 'test', 'fixtures', 'stats', name), 'utf8')) as T;
}

/** The table of cells and the values of test/reference/scikit_learn.py. */
export interface ScikitLearn {
  versions: Record<string, string>;
  n: number;
  d: number;
  x: number[];
  labels2: number[];
  labels3: number[];
  groups: number[];
  lda: {
    solver: 'svd' | 'lsqr' | 'eigen';
    shrinkage: null | 'auto' | number;
    priors: 'empirical' | 'equal';
    classes: 2 | 3;
    scores: number[];
  }[];
  ldaRankDeficient: number[];
  ldaFewCells: number[];
  ledoitWolf: number;
  ledoitWolfFew: number;
  pca: { components: number[]; variance: number[]; ratio: number[]; scores: number[] };
  pcaFew: { variance: number[]; scores: number[] };
  ties: number[];
  auc: number;
  aucTies: number;
  averagePrecision: number;
  probability: number[];
  brier: number;
  calibrationObserved: number[];
  calibrationPredicted: number[];
  logistic: { penalty: number; balanced: boolean; scores: number[] }[];
  logo: number[];
  logoAuc: number;
  trustworthiness: number;
  normalQuantile: number[];
  studentQuantile: number[];
}

/** Largest difference, relative to the largest reference value. */
export function relativeError(ours: ArrayLike<number>, reference: readonly number[]): number {
  assert.equal(ours.length, reference.length);
  const size = Math.max(...reference.map(Math.abs));
  return Math.max(...reference.map((value, i) => Math.abs(ours[i] - value))) / size;
}

/** Asserts that two lists agree to `tolerance`, relative to the largest reference value. */
export function assertClose(
  ours: ArrayLike<number>,
  reference: readonly number[],
  tolerance: number,
  what = '',
): void {
  const error = relativeError(ours, reference);
  assert.ok(error <= tolerance, `${what} differs by ${error.toExponential(1)}, more than ${tolerance}`);
}
