/** Remembers which files of a data set were summed, so that a set of a million crops is not read again before every use. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../util/files';
import { type FileSum, fileSum } from './file-sum';

/** What was known of one file when it was summed. */
interface CheckedFile extends FileSum {
  mtimeMs: number;
  /** The archive that it was unpacked from, by resource name. */
  archive?: string;
}

interface Content {
  folder: string;
  files: Record<string, CheckedFile>;
  /** SHA-256 of archives that were unpacked in full, by resource name. */
  archives: Record<string, string>;
  /** The settings that generated files were made with, and the sum that their manifest gave then. */
  generated?: string;
}

/**
 * The sums of a data set's files as last seen. A file whose size and time of change are still the same is taken as unchanged, as git
 * does with its index; `lch data verify` reads every byte instead.
 */
export class CheckedFiles {
  private readonly path: string;
  private readonly content: Content;

  constructor(
    cache: string,
    name: string,
    readonly folder: string,
  ) {
    this.path = join(cache, 'checked', `${name}.json`);
    const stored = readContent(this.path);
    this.content = stored?.folder === folder ? stored : { folder, files: {}, archives: {} };
  }

  /** The sum of `file` (a path from the data set's folder), read only when it changed since; undefined when it is not there. */
  async sum(file: string, signal?: AbortSignal): Promise<FileSum | undefined> {
    const stats = statSync(join(this.folder, file), { throwIfNoEntry: false });
    if (!stats?.isFile()) return undefined;
    const known = this.content.files[file];
    if (known && known.bytes === stats.size && known.mtimeMs === stats.mtimeMs) return known;
    const sum = await fileSum(join(this.folder, file), signal);
    // an unpacked file's sum is given by its archive: what is there now must not replace it
    if (!known?.archive) this.content.files[file] = { ...sum, mtimeMs: stats.mtimeMs };
    return sum;
  }

  /** Notes files that were just written, with the archive or generator that they came from. */
  note(file: string, sum: FileSum, archive?: string): void {
    const { mtimeMs } = statSync(join(this.folder, file));
    this.content.files[file] = { ...sum, mtimeMs, archive };
  }

  /** Has a file summed again before its next use: it was found damaged, though it looks untouched. */
  distrust(file: string): void {
    const known = this.content.files[file];
    if (known) known.mtimeMs = -1;
  }

  /** The files that came from an archive of this sum; undefined when it was never unpacked in full. */
  unpacked(archive: string, sha256: string | undefined): Map<string, FileSum> | undefined {
    const known = this.content.archives[archive];
    if (!known || (sha256 && known !== sha256)) return undefined;
    return new Map(Object.entries(this.content.files).filter(([, file]) => file.archive === archive));
  }

  /** Notes that an archive was unpacked in full; forgets what an earlier one of that name held. */
  noteArchive(archive: string, sha256: string, files: ReadonlyMap<string, FileSum>): void {
    for (const [file, known] of Object.entries(this.content.files)) {
      if (known.archive === archive) delete this.content.files[file];
    }
    for (const [file, sum] of files) this.note(file, sum, archive);
    this.content.archives[archive] = sha256;
  }

  /** All files with their sums. */
  list(): [file: string, sum: FileSum][] {
    return Object.entries(this.content.files).map(([file, { bytes, sha256 }]) => [file, { bytes, sha256 }]);
  }

  /** The settings of the generator that made the files. */
  get generated(): string | undefined {
    return this.content.generated;
  }

  /** Notes files that a generator just made; forgets all others. */
  noteGenerated(settings: string, files: ReadonlyMap<string, FileSum>): void {
    this.content.files = {};
    for (const [file, sum] of files) this.note(file, sum);
    this.content.generated = settings;
  }

  /** Writes what is known to the cache. */
  save(): void {
    writeFileAtomic(this.path, JSON.stringify(this.content));
  }
}

function readContent(path: string): Content | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // nothing known yet, or not readable: then everything is summed again
  }
}
