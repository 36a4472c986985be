/** Unpacks a gzip-compressed tar archive, entry by entry under the rules of {@link ArchiveGuard}. */
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ArchiveGuard, EntryKind } from './archive-rules';

/**
 * Unpacks `archive` into the empty folder `folder`.
 *
 * The library `tar` writes the files (and has its own guards against links and absolute names); which entries it gets to see, and how
 * many bytes, is decided here first.
 *
 * @throws DataError when an entry is refused, or the archive is damaged
 */
export async function unpackTar(
  archive: string,
  folder: string,
  guard: ArchiveGuard,
  signal?: AbortSignal,
): Promise<void> {
  const { extract } = await import('tar'); // 20 ms that no other command need wait for
  let refusal: unknown;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        if (refusal) throw refusal;
        guard.count(chunk.length); // with the headers of 512 bytes an entry, which do no harm to the bound
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
    flush: (done) => done(refusal as Error | undefined),
  });
  const unpacked = extract({
    cwd: folder,
    strict: true,
    noMtime: true,
    preserveOwner: false,
    filter(path, entry) {
      try {
        return !refusal && guard.admits(path, kindOf('type' in entry ? entry.type : ''));
      } catch (error) {
        refusal = error; // thrown in here it would end the process
        return false;
      }
    },
  });
  await pipeline(createReadStream(archive), createGunzip(), counted, unpacked, { signal });
  if (refusal) throw refusal;
}

/** @param type the name that `tar` gives to an entry's type letter */
function kindOf(type: string): EntryKind {
  if (type === 'File' || type === 'OldFile' || type === 'ContiguousFile') return 'file';
  if (type === 'Directory' || type === 'GNUDumpDir') return 'folder';
  return type === 'Link' || type === 'SymbolicLink' ? 'link' : 'other';
}
