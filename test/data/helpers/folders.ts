/** Temporary folders, and data sets to put into them. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { packageRoot } from '../../../src/util/files';

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lch-data-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files into `folder`, making the folders on the way; returns `folder`. */
export function writeFiles(folder: string, files: Record<string, string | Buffer>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Bytes that look random and are the same every time. */
export function someBytes(length: number, start = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = start;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

/** Writes a datapackage.json named `name` with these resources into a new folder; returns its path. */
export function writeManifest(name: string, resources: unknown[], lch: Record<string, unknown> = {}): string {
  const descriptor = { name, title: `The set ${name}`, lch: { kind: 'crops', ...lch }, resources };
  const path = join(temporaryFolder(), 'datapackage.json');
  writeFileSync(path, JSON.stringify(descriptor, null, 2));
  return path;
}

/** A resource that is downloaded from `urls`, with the size and sum of `content`. */
export function remoteResource(file: string, content: Buffer, ...urls: string[]): Record<string, unknown> {
  const [path, ...mirrors] = urls;
  const name = file.replace(/\W+/g, '-');
  return { name, path, bytes: content.length, hash: `sha256:${sha256(content)}`, lch: { file, mirrors } };
}

/** The folder with the real crops, when this machine has it: LCH_SHARED, or `shared` beside the repository. */
export function sharedFolder(): string | undefined {
  const folder = process.env.LCH_SHARED ?? join(packageRoot(), '..', 'shared');
  return existsSync(join(folder, 'data', 'openlch-sample')) ? folder : undefined;
}
