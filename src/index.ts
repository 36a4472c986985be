/**
 * Live Cell Histology: what single living cells look like, learnt without labels, and what tells aggressive cells from tame ones.
 *
 * @example
 * import { loadBackend, loadCrops, loadModel, encodeCells } from 'live-cell-histology';
 * await loadBackend();
 * const { model } = loadModel('results/model');
 * const crops = await loadCrops('my-cells', { size: model.architecture.imageSize });
 * const z = await encodeCells(model, crops.images); // [n, 56]
 */

// Autoencoder
export {
  type Architecture,
  countParameters,
  presets,
  type TrainingSettings,
} from './autoencoder/architecture';
export { Autoencoder, buildAutoencoder, describeModel } from './autoencoder/autoencoder';
export { type CropSource, cropsInMemory, selectCrops } from './autoencoder/crop-source';
export { type ExportFormat, type ExportReport, exportModel } from './autoencoder/export/export-model';
export { importTorch7 } from './autoencoder/import-torch7';
export { type LoadedModel, loadModel, type ModelDescription } from './autoencoder/model-files';
export { readTorch7 } from './autoencoder/torch7';
export {
  type EpochReport,
  type TrainingResult,
  type TrainOptions,
  trainAutoencoder,
} from './autoencoder/train';
export { type TrainingFigureOptions, trainingFigure } from './autoencoder/training-figure';
export { type LogEntry, readTrainingLog } from './autoencoder/training-log';
// Classification
export * from './classify';
// What magics of notebooks give
export type { CommandResults } from './commands';
// Backend
export { type Backend, type BackendOptions, loadBackend, measureSpeed, tf } from './compute';
// Crops and tables
export { type CropName, parseCropName } from './data/crop-name';
export { decodeCrop } from './data/decode-crop';
export { resolveData } from './data/fetch/resolve-data';
export { type CropRecord, findCrops } from './data/find-crops';
export { joinCellTypes, withCellTypes } from './data/join-cell-types';
export { type JoinOptions, joinMetadata } from './data/join-metadata';
export { type Crops, type LoadOptions, loadCrops } from './data/load-crops';
export { type OpenCrops, type OpenCropsOptions, openCrops } from './data/open-crops';
export { type FixedPreprocessing, prepareCrops } from './data/prepare-crops';
export { type Preprocessing, preprocessCrop } from './data/preprocess/preprocess-crop';
export { eachTable, type QueryOptions, queryTables, queryToFile } from './data/query-tables';
export { checkNoLeak } from './data/splits/check-no-leak';
export type { Fold, NestedFold } from './data/splits/fold';
export { groupRows, type Unit } from './data/splits/group-rows';
export { groupedKFold, holdOut, leaveOneGroupOut, nestedFolds } from './data/splits/split-rows';
export {
  type CropBatch,
  type CropReader,
  openCropFiles,
  openPackedCrops,
  type ReaderOptions,
} from './data/stream/crop-reader';
export { packCrops } from './data/stream/pack-crops';
export { latentColumns, latentMatrix, readTable, writeTable } from './data/table-io';
export { type CropCheck, verifyCrops } from './data/verify-crops';
// The notebooks' study
export {
  column,
  type Descriptors,
  describeCells,
  numbers,
  openStudy,
  type Study,
  type StudyOptions,
  studyClassifier,
  studySettings,
  type TrainedModel,
  type TumorCells,
  takeCrops,
  takeRows,
  trainStudy,
  tumorCells,
} from './figures/study';
export { withoutDays } from './figures/without-days';
// Interpretation
export {
  type Amplification,
  type AmplifyOptions,
  amplificationDirection,
  amplifyCells,
} from './interpret/amplify-cells';
export { type CellRange, fitCellRange } from './interpret/cell-range';
export { type AmplificationCheck, checkAmplification } from './interpret/check-amplification';
export { type Counterfactual, counterfactual } from './interpret/counterfactual';
export { type AmplificationFrame, amplificationFrames, decodeShift } from './interpret/decode-shift';
export { type DecodedAuc, type DecodedAucOptions, decodedAuc } from './interpret/decoded-auc';
export {
  type ExplainOptions,
  explainScore,
  type FeatureReport,
  reencodedAuc,
  type ScoreExplanation,
} from './interpret/explain-score';
export { findSteps } from './interpret/find-steps';
export { type Hallmarks, measureHallmarks } from './interpret/hallmarks';
export {
  type HallmarkChange,
  hallmarkChanges,
  hallmarksAgainstShift,
  measureImages,
} from './interpret/hallmarks-against-shift';
export { decodeStates, fitHiddenMarkov, type HiddenMarkov, stateChances } from './interpret/hidden-markov';
export { jointSignal } from './interpret/joint-signal';
export {
  type NuisanceChange,
  type NuisanceOptions,
  nuisanceAgainstShift,
  nuisanceMeasures,
} from './interpret/nuisance-against-shift';
export { outlineCells } from './interpret/outline-cells';
export { patternWithin } from './interpret/pattern-within';
export {
  analysePlasticity,
  matchSwitches,
  type Plasticity,
  type PlasticityOptions,
  type Switch,
} from './interpret/plasticity';
export { type SegmentedCell, segmentCell } from './interpret/segment-cell';
// Latent space
export { decodeDescriptors, encodeCells } from './latent/encode-cells';
export { latentTable } from './latent/latent-table';
export {
  type Exploration,
  exploreCell,
  type Interpolation,
  interpolateCells,
  nearestCells,
  samplePrior,
} from './latent/latent-tour';
export { type MapQuality, type MapQualityOptions, mapQuality } from './latent/map-quality';
export { type NeighborPurity, neighborPurity } from './latent/neighbor-purity';
export { pcaEmbedding } from './latent/pca-embedding';
export { trustworthiness } from './latent/trustworthiness';
export { embedUmap, fitUmap, type Umap, type UmapOptions } from './latent/umap';
// Pictures
export { type AnimationOptions, animationOf } from './plots/animation';
export { barWithInterval } from './plots/bar-with-interval';
export { heatmap } from './plots/heatmap';
export { histogram } from './plots/histogram';
export { type LinePlotOptions, linePlot } from './plots/line-plot';
export { cropPng, differencePng, montagePng } from './plots/montage';
export { renderPng, renderSvg } from './plots/render-vega-lite';
export { resultsPage } from './plots/results-page';
export { rocPlot } from './plots/roc-plot';
export { scatterPlot } from './plots/scatter';
export { scoreAgainstShift } from './plots/score-against-shift';
export { scoreDistribution } from './plots/score-distribution';
export { trainingCurve } from './plots/training-curve';
export { type Claim, type ClaimOptions, Claims } from './reproduce/claims';
// Synthetic cells
export { simulateCells } from './simulate/simulate-cells';
// Statistics
export * from './stats';
// Helpers
export { type ColumnTable, loadArquero } from './util/arquero';
export * from './util/errors';
export type { Progress } from './util/progress';
export { defaultProgress, silentProgress, terminalProgress } from './util/progress';
export { type Random, seededRandom } from './util/random';
