import type { TopLevelSpec } from 'vega-lite';
import { trainingCurve } from '../plots/training-curve';
import type { LogEntry } from './training-log';

/** Panels in the order of the figure, those that the log has. */
const panels = [
  'reconstructionLoss',
  'validationMseMean',
  'adversaryLoss',
  'generatorLoss',
  'sharpnessLoss',
  'dayLoss',
  'principalLoss',
  'imagesPerSecond',
] as const;

export interface TrainingFigureOptions {
  title?: string;
  /** Small print, such as "Synthetic cells". */
  note?: string;
  /** Shows crops per second too, which differs from run to run. Default true. */
  speed?: boolean;
}

/**
 * A run so far as one Vega-Lite picture: losses by step, the error of held-out crops by epoch, crops per second. In a notebook, training
 * shows it and keeps it up to date by itself.
 *
 * @example
 * trainingFigure(readTrainingLog('run1'));
 */
export function trainingFigure(log: readonly LogEntry[], options: TrainingFigureOptions = {}): TopLevelSpec {
  const { title = 'Training', note, speed = true } = options;
  const rows = log.map((entry): Record<string, number | null> => {
    if (entry.kind === 'epoch') return { step: entry.step, validationMseMean: entry.validationMseMean };
    const { kind, epoch, crops, learningRate, ...shown } = entry;
    return shown;
  });
  const losses = panels.filter(
    (name) => (speed || name !== 'imagesPerSecond') && rows.some((row) => typeof row[name] === 'number'),
  );
  return trainingCurve(rows, {
    x: 'step',
    losses: losses.length > 0 ? losses : ['reconstructionLoss'],
    title,
    note,
  });
}
