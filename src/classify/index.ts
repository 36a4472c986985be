/**
 * Classifiers of cell type and metastatic efficiency, and their honest evaluation: whole tumors, days or both left out, scores carried over to
 * other cells, batch effects measured.
 */
export { type Audit, type AuditOptions, auditStudy, type SplitPair } from './audit-study';
export { averageTracks, type TrackAverages } from './average-tracks';
export {
  type BatchReport,
  type BatchReportOptions,
  batchReport,
  type Correction,
  type CorrectionReport,
  correctBatches,
} from './batch-report';
export { type CellsNeededOptions, type CellsNeededResult, cellsNeeded } from './cells-needed';
export { type Classifier, parseClassifier, rawWeights, scoreCells } from './classifier';
export {
  type Evaluation,
  type EvaluationOptions,
  evaluateByGroup,
  type GroupMeans,
  type RivalResult,
  type WithInterval,
} from './evaluate-by-group';
export { type ClassifierOptions, fitClassifier } from './fit-classifier';
export {
  type ByGroupOptions,
  type ByGroupResult,
  classifyByGroup,
  type GroupResult,
} from './leave-one-group-out';
export {
  type LeavePairOutOptions,
  type LeavePairOutResult,
  leavePairOut,
  type PairResult,
} from './leave-pair-out';
export { linearProbe, type ProbeOptions, type ProbeResult } from './linear-probe';
export { fitNetwork, type NetworkOptions } from './network';
export { type NetworkByGroupOptions, networkByGroup } from './network-by-group';
export { oneAgainstAll, type PairwiseOptions, pairwiseAuc, type TypeAuc } from './pairwise-auc';
export {
  type TransferGroup,
  type TransferOptions,
  type TransferResult,
  transferClassifier,
} from './transfer';
