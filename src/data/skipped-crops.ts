/** What is said about files that could not be read. */
import { DataError } from '../util/errors';
import type { Progress } from '../util/progress';

/** A file that was left out. */
export interface SkippedCrop {
  path: string;
  reason: string;
}

/** Skipped files that are named one by one; the rest are counted. */
const namedAtMost = 20;

/** Names skipped files, one line each. */
export function tellSkipped(skipped: readonly SkippedCrop[], progress: Progress): void {
  for (const { path, reason } of skipped.slice(0, namedAtMost)) progress.log(`skipped ${path}: ${reason}`);
  if (skipped.length > namedAtMost) progress.log(`skipped ${skipped.length - namedAtMost} more files`);
}

/** The error when no file of a source could be read. */
export function nothingLeft(source: string, skipped: readonly SkippedCrop[]): DataError {
  const [first] = skipped;
  return new DataError(
    `none of the ${skipped.length} files of ${source} can be read (${first.path} ${first.reason}); give PNG, TIFF or JPEG images of single cells`,
  );
}
