import assert from 'node:assert/strict';
import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fetchDataset } from '../../../src/data/fetch/fetch-dataset';
import { verifyDataset } from '../../../src/data/fetch/verify-dataset';
import { tarGz } from '../helpers/archives';
import { serveFiles } from '../helpers/file-server';
import { remoteResource, someBytes, temporaryFolder, writeFiles, writeManifest } from '../helpers/folders';

const a = someBytes(30_000, 1);
const b = someBytes(20_000, 2);

async function fetched() {
  const archive = tarGz([{ name: 'c.png', content: b }]);
  const server = await serveFiles({ '/a.png': a, '/b.png': b, '/c.tar.gz': archive });
  after(() => server.close());
  const manifest = writeManifest('three', [
    remoteResource('images/a.png', a, `${server.url}/a.png`),
    remoteResource('images/b.png', b, `${server.url}/b.png`),
    {
      ...remoteResource('c.tar.gz', archive, `${server.url}/c.tar.gz`),
      lch: { file: 'c.tar.gz', unpack: { kind: 'tar.gz', to: 'packed' } },
    },
  ]);
  const cache = temporaryFolder();
  const { folder } = await fetchDataset(manifest, { cache, dataPath: [] });
  return { manifest, cache, folder };
}

describe('verifyDataset', () => {
  it('finds everything right after a fetch, also what came out of an archive', async () => {
    const { manifest, cache } = await fetched();
    const report = await verifyDataset(manifest, { cache, dataPath: [] });
    assert.deepEqual([report.ok, report.right], [true, 3]);
  });

  it('catches one flipped bit, even when the file looks untouched from outside', async () => {
    const { manifest, cache, folder } = await fetched();
    for (const file of ['images/a.png', 'packed/c.png']) {
      const path = join(folder, file);
      const { atime, mtime, size } = statSync(path);
      const bytes = Buffer.from(size === a.length ? a : b);
      bytes[1234] ^= 1;
      writeFileSync(path, bytes);
      utimesSync(path, atime, mtime);
    }
    const report = await verifyDataset(manifest, { cache, dataPath: [] });
    assert.equal(report.ok, false);
    assert.deepEqual(
      report.damaged.map(({ file }) => file),
      ['images/a.png', 'packed/c.png'],
    );
  });

  it('has the next fetch mend what it found damaged', async () => {
    const { manifest, cache, folder } = await fetched();
    const path = join(folder, 'images/a.png');
    const { atime, mtime } = statSync(path);
    writeFileSync(path, Buffer.alloc(a.length));
    utimesSync(path, atime, mtime);
    await verifyDataset(manifest, { cache, dataPath: [] });
    const report = await fetchDataset(manifest, { cache, dataPath: [] });
    assert.deepEqual([report.complete, report.quarantined.length], [true, 1]);
    assert.ok((await verifyDataset(manifest, { cache, dataPath: [] })).ok);
  });

  it('names one missing file, with its size', async () => {
    const { manifest, cache, folder } = await fetched();
    rmSync(join(folder, 'images/b.png'));
    const { missing } = await verifyDataset(manifest, { cache, dataPath: [] });
    assert.deepEqual(
      missing.map(({ file, bytes }) => [file, bytes]),
      [['images/b.png', 20_000]],
    );
  });

  it('looks at the copies in the folders of LCH_DATA_PATH as well, before anything was fetched', async () => {
    const { manifest } = await fetched();
    const bad = Buffer.from(a);
    bad[0] ^= 1;
    const local = writeFiles(temporaryFolder(), { 'three/a.png': bad, 'three/b.png': b });
    const report = await verifyDataset(manifest, { cache: temporaryFolder(), dataPath: [local] });
    assert.deepEqual(
      report.damaged.map(({ path }) => path),
      [join(local, 'three/a.png')],
    );
    assert.equal(report.right, 1);
    assert.deepEqual(
      report.missing.map(({ file }) => file),
      ['c.tar.gz'],
    );
  });
});
