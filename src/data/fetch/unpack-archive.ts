/** Unpacks a checked archive into a folder that appears only when everything is in it. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { DataError, messageOf, throwIfInterrupted, UserError } from '../../util/errors';
import type { ArchiveKind } from '../manifests/manifest';
import { ArchiveGuard, type ArchiveLimits, archiveLimits } from './archive-rules';
import { type FileSum, folderSums } from './file-sum';
import { replaceFolder } from './fresh-folder';
import { unpackTar } from './unpack-tar';
import { unpackZip } from './unpack-zip';

/**
 * Unpacks `archive` and renames the result to `folder`, replacing what was there.
 *
 * @param options.limits bounds against bombs; default {@link archiveLimits}
 * @returns the sums of the unpacked files, by path from `folder` with `/` between the parts
 * @throws DataError when the archive is damaged, holds a link, a device, a name that leaves the folder, or more than the bounds;
 *   `folder` is then as before
 */
export async function unpackArchive(
  archive: string,
  kind: ArchiveKind,
  folder: string,
  options: { limits?: ArchiveLimits; signal?: AbortSignal } = {},
): Promise<Map<string, FileSum>> {
  const { limits = archiveLimits(statSync(archive).size), signal } = options;
  const unpack = kind === 'zip' ? unpackZip : unpackTar;
  try {
    return await replaceFolder(folder, async (empty) => {
      await unpack(archive, empty, new ArchiveGuard(basename(archive), limits), signal);
      return folderSums(empty, signal);
    });
  } catch (error) {
    throwIfInterrupted(signal, 'fetchDataset');
    if (error instanceof UserError) throw error;
    const message = `fetchDataset cannot unpack ${basename(archive)}: ${messageOf(error)}; nothing of it is used`;
    throw new DataError(message, { cause: error });
  }
}
