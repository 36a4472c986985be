/** What an archive may hold. The same rules for every kind of archive. */
import { DataError } from '../../util/errors';
import { leavesFolder } from '../manifests/leaves-folder';

/** Bounds against archives that unpack to far more than they are ("bombs"). */
export interface ArchiveLimits {
  /** Bytes of all files together. */
  maximumBytes: number;
  /** Files and folders. */
  maximumEntries: number;
}

/**
 * The default bounds for an archive of `bytes` bytes: 20 times its size, at least 64 MiB; five million entries. Images hardly
 * compress, so honest archives of crops unpack to less than twice their size.
 */
export function archiveLimits(bytes: number): ArchiveLimits {
  return { maximumBytes: Math.max(64 * 2 ** 20, 20 * bytes), maximumEntries: 5_000_000 };
}

export type EntryKind = 'file' | 'folder' | 'link' | 'other';

/** Counts an archive's entries and refuses it at the first that breaks a rule. */
export class ArchiveGuard {
  private entries = 0;
  private bytes = 0;
  private readonly places = new Set<string>();

  /** @param archive the archive's name, for the messages */
  constructor(
    private readonly archive: string,
    private readonly limits: ArchiveLimits,
  ) {}

  /**
   * Admits one entry before it is unpacked.
   *
   * @returns false for entries that are left out: folders' own entries, and what macOS adds beside the files (`__MACOSX/`, `._name`)
   * @throws DataError for links, devices, names that leave the folder, two files of one name, and too many entries
   */
  admits(name: string, kind: EntryKind): boolean {
    this.entries += 1;
    if (this.entries > this.limits.maximumEntries)
      this.refuse(`holds more than ${this.limits.maximumEntries} entries`);
    const fault = leavesFolder(kind === 'folder' ? name.replace(/\/$/, '') : name);
    if (fault) this.refuse(`holds the name ${JSON.stringify(name)}, which ${fault}`);
    if (kind === 'link') this.refuse(`holds the link ${JSON.stringify(name)}`);
    if (kind === 'other') this.refuse(`holds ${JSON.stringify(name)}, which is neither a file nor a folder`);
    if (kind === 'folder' || /(^|\/)(__MACOSX\/|\._)/.test(name)) return false;
    const place = name.toLowerCase(); // one file on disks that ignore case
    if (this.places.has(place)) this.refuse(`holds ${JSON.stringify(name)} twice`);
    this.places.add(place);
    return true;
  }

  /** Counts bytes as they come out. @throws DataError when they are more than the bound */
  count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.limits.maximumBytes) {
      this.refuse(`unpacks to more than ${this.limits.maximumBytes} bytes, far more than it is`);
    }
  }

  private refuse(what: string): never {
    throw new DataError(
      `fetchDataset refuses the archive ${this.archive}: it ${what}; nothing of it is used`,
    );
  }
}
