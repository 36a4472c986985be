/** Unpacks a zip archive, entry by entry under the rules of {@link ArchiveGuard}. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Entry } from 'yauzl';
import { throwIfInterrupted } from '../../util/errors';
import type { ArchiveGuard, EntryKind } from './archive-rules';

/**
 * Unpacks `archive` into the empty folder `folder`.
 *
 * The library `yauzl` reads the archive: it refuses names that leave the folder by itself, and checks that every file is as long as the
 * archive says.
 *
 * @throws DataError when an entry is refused; Error when the archive is damaged or encrypted
 */
export async function unpackZip(
  archive: string,
  folder: string,
  guard: ArchiveGuard,
  signal?: AbortSignal,
): Promise<void> {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(archive, { lazyEntries: true, strictFileNames: true, autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      throwIfInterrupted(signal, 'fetchDataset');
      if (!guard.admits(entry.fileName, kindOf(entry))) continue;
      const place = join(folder, entry.fileName);
      mkdirSync(dirname(place), { recursive: true });
      const counted = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          try {
            guard.count(chunk.length);
            done(null, chunk);
          } catch (error) {
            done(error as Error);
          }
        },
      });
      await pipeline(
        await zip.openReadStreamPromise(entry),
        counted,
        createWriteStream(place, { flags: 'wx' }),
        { signal },
      );
    }
  } finally {
    zip.close();
  }
}

/** Unix archives keep the file's mode in the upper half of the external attributes; its type bits say what the entry is. */
function kindOf(entry: Entry): EntryKind {
  const type = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (type === 0o120000) return 'link';
  if (type === 0o040000 || entry.fileName.endsWith('/')) return 'folder';
  return type === 0 || type === 0o100000 ? 'file' : 'other';
}
