/**
 * Statistics on typed arrays: linear classifiers, ROC curves and their intervals, resampling, principal components, batch effects. Knows no
 * files and no tensors. `docs/statistics.md` says what to use when.
 */

export { median, quantile } from '../util/quantile';
export { type Calibration, calibration, toProbability } from './calibration';
export { type CenterBatchesOptions, centerBatches } from './center-batches';
export { type ClusteredAuc, clusteredAuc } from './clustered-auc';
export { type BootstrapOptions, type BootstrapResult, clusteredBootstrap } from './clustered-bootstrap';
export { type Combat, type CombatOptions, fitCombat } from './combat';
export {
  type ClusteredComparison,
  type CompareClusteredOptions,
  compareClustered,
} from './compare-clustered';
export { type Confusion, confusionByGroup } from './confusion';
export { pearson, spearman } from './correlation';
export {
  type CurveBandOptions,
  curveBands,
  type PrecisionBandPoint,
  type RocBandPoint,
} from './curve-bands';
export { type AucComparison, type AucInterval, compareAuc, type DelongOptions, delong } from './delong';
export { type EffectSize, effectSize } from './effect-size';
export { type HarmonyOptions, harmonise } from './harmony';
export { fitLda, type Lda, type LdaOptions, scoreLda } from './lda';
export { ldaPattern, type ScorePattern } from './lda-pattern';
export { ledoitWolfShrinkage, shrinkCovariance } from './ledoit-wolf';
export { fitLogistic, type Logistic, type LogisticOptions } from './logistic';
export type { FloatArray } from './matrix';
export { adjustP } from './multiple-testing';
export { type Interval, normalCdf, normalQuantile } from './normal';
export { fitPca, type Pca, type PcaOptions } from './pca';
export { type PermutationOptions, type PermutationResult, permuteUnits } from './permutation';
export { type PrecisionRecall, precisionRecall } from './precision-recall';
export { midranks } from './ranks';
export { auc, type RocCurve, rocCurve, rocPoints } from './roc-curve';
export { studentCdf, studentQuantile } from './student-t';
export {
  type Factors,
  type FactorVariance,
  type Permanova,
  permanova,
  type VarianceExplained,
  varianceExplained,
} from './variance-explained';
