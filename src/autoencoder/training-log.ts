/** The run's log: `log.jsonl`, one JSON object per step and per epoch. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFailure, writeFileAtomic } from '../util/files';
import { lossNames, type StepLosses } from './step-losses';

/** One line of the log: a step (losses of its batch), or an epoch (means over its steps, and the held-out crops). */
export type LogEntry =
  | ({
      kind: 'step';
      step: number;
      epoch: number;
      crops: number;
      learningRate: number;
      imagesPerSecond: number;
    } & StepLosses)
  | ({
      kind: 'epoch';
      step: number;
      epoch: number;
      imagesPerSecond: number;
      /** Mean cross-entropy per pixel of held-out crops; null when none are held out. */
      validationLoss: number | null;
      /** Squared error per pixel of held-out crops: mean and standard deviation over crops. */
      validationMseMean: number | null;
      validationMseSd: number | null;
    } & StepLosses);

/** Reads a run's log; a last line that was cut short by a kill is left out. */
export function readTrainingLog(run: string): LogEntry[] {
  const path = join(run, 'log.jsonl');
  if (!existsSync(path)) return [];
  const entries: LogEntry[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (!line) continue;
    try {
      entries.push(JSON.parse(line));
    } catch {
      break;
    }
  }
  return entries;
}

/**
 * Opens a run's log behind `step`: what a killed run had logged past its last checkpoint will be done, and logged, again.
 *
 * @param midEpoch the step lies within an epoch that goes on: a line for it as a whole came too early
 * @throws DataError when the disk is full or the folder cannot be written
 */
export function openTrainingLog(
  run: string,
  step: number,
  midEpoch = false,
): { entries: LogEntry[]; append(entry: LogEntry): void } {
  const path = join(run, 'log.jsonl');
  const entries = readTrainingLog(run).filter(
    (entry) => entry.step < step || (entry.step === step && !(midEpoch && entry.kind === 'epoch')),
  );
  writeFileAtomic(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  return {
    entries,
    append(entry) {
      entries.push(entry);
      try {
        appendFileSync(path, `${JSON.stringify(entry)}\n`);
      } catch (error) {
        throw writeFailure(path, error);
      }
    },
  };
}

/** Means over the steps that the log has of an epoch, weighted by their crops; a resumed epoch counts as a whole. */
export function epochMean(
  log: readonly LogEntry[],
  epoch: number,
): { losses: StepLosses; imagesPerSecond: number } {
  const losses: StepLosses = { reconstructionLoss: 0, adversaryLoss: 0, generatorLoss: 0 };
  const steps = log.filter((entry) => entry.kind === 'step' && entry.epoch === epoch);
  let crops = 0;
  let seconds = 0;
  for (const entry of steps) {
    if (entry.kind !== 'step') continue;
    for (const name of lossNames) {
      const loss = entry[name];
      if (loss !== undefined) losses[name] = (losses[name] ?? 0) + loss * entry.crops;
    }
    crops += entry.crops;
    seconds += entry.crops / entry.imagesPerSecond;
  }
  for (const name of lossNames) {
    const sum = losses[name];
    if (sum !== undefined) losses[name] = sum / crops;
  }
  return { losses, imagesPerSecond: crops / seconds };
}
