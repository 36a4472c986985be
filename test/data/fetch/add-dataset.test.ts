import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { addDataset } from '../../../src/data/fetch/add-dataset';
import { fetchDataset } from '../../../src/data/fetch/fetch-dataset';
import { verifyDataset } from '../../../src/data/fetch/verify-dataset';
import { listManifests } from '../../../src/data/manifests/list-manifests';
import { serveFiles } from '../helpers/file-server';
import { sha256, someBytes, temporaryFolder, writeFiles } from '../helpers/folders';

const a = someBytes(400, 1);
const b = someBytes(300, 2);
const cells = 'path,cell_type,metastatic_efficiency,clone_number\na.png,t1,high,3\nday 2/b.tif,t2,low,4\n';

function lab(more: Record<string, string | Buffer> = {}) {
  const files = { 'a.png': a, 'day 2/b.tif': b, 'notes.txt': 'not an image', '.hidden.png': 'x', ...more };
  return { folder: writeFiles(temporaryFolder(), files), cache: temporaryFolder() };
}

describe('addDataset', () => {
  it('sums the images of a folder, and writes nothing into it', async () => {
    const { folder, cache } = lab();
    const before = readdirSync(folder, { recursive: true });
    const manifest = await addDataset(folder, {
      name: 'screen-12',
      title: 'Screen 12',
      licence: 'Ask us.',
      cache,
    });
    assert.deepEqual(
      manifest.files.map(({ file, bytes, sha256 }) => [file, bytes, sha256]),
      [
        ['a.png', 400, sha256(a)],
        ['day 2/b.tif', 300, sha256(b)],
      ],
    );
    assert.deepEqual(
      [manifest.title, manifest.licence, manifest.folder, manifest.inPlace],
      ['Screen 12', 'Ask us.', folder, true],
    );
    assert.deepEqual(readdirSync(folder, { recursive: true }), before);
    assert.ok(listManifests({ cache }).some(({ name }) => name === 'screen-12'));
  });

  it('makes a set that is read where it lies, and whose damage is found but not touched', async () => {
    const { folder, cache } = lab({ 'cells.csv': cells });
    await addDataset(folder, { name: 'screen', cache });
    const report = await fetchDataset('screen', { cache, dataPath: [] });
    assert.deepEqual([report.complete, report.folder, report.total], [true, folder, 3]);
    writeFiles(folder, { 'a.png': someBytes(401, 1) });
    const { missing, quarantined } = await fetchDataset('screen', { cache, dataPath: [] });
    assert.deepEqual(
      [missing.map(({ state, file }) => `${state} ${file}`), quarantined],
      [['damaged a.png'], []],
    );
    assert.deepEqual(
      (await verifyDataset('screen', { cache, dataPath: [] })).damaged.map(({ file }) => file),
      ['a.png'],
    );
  });

  it('writes a manifest that can be published: with an address, and without the folder', async () => {
    const { folder, cache } = lab({ 'cells.csv': cells });
    const { path } = await addDataset(folder, { name: 'screen', cache });
    const server = await serveFiles({ '/screen/a.png': a, '/screen/day%202/b.tif': b });
    after(() => server.close());
    const descriptor = JSON.parse(readFileSync(path, 'utf8'));
    delete descriptor.lch.folder;
    descriptor.resources[0].lch.baseUrls = [`${server.url}/screen/`];
    const published = writeFiles(temporaryFolder(), {
      'datapackage.json': JSON.stringify(descriptor),
      'files.csv': readFileSync(join(path, '../files.csv')),
      'cells.csv': cells,
    });
    const report = await fetchDataset(published, { cache: temporaryFolder(), dataPath: [] });
    assert.deepEqual([report.complete, report.total], [true, 2]);
    assert.ok(readFileSync(join(report.folder, 'day 2/b.tif')).equals(b));
    assert.equal(readFileSync(join(report.folder, 'cells.csv'), 'utf8'), cells);
  });

  it('keeps what the folder says of title, licence and citation', async () => {
    const said = {
      title: 'From the lab',
      licenses: [{ name: 'CC-BY-4.0', title: 'CC BY 4.0' }],
      lch: { citation: 'Us, 2026' },
    };
    const { folder, cache } = lab({ 'datapackage.json': JSON.stringify(said) });
    const { title, licence, citation } = await addDataset(folder, { name: 'screen', cache });
    assert.deepEqual([title, licence, citation], ['From the lab', 'CC BY 4.0', 'Us, 2026']);
  });

  it('names the row of cells.csv that is wrong', async () => {
    const add = (table: string) => {
      const { folder, cache } = lab({ 'cells.csv': table });
      return addDataset(folder, { name: 'screen', cache });
    };
    await assert.rejects(
      add(cells.replace('high', 'hi')),
      /cells\.csv row 1 has metastatic_efficiency "hi"; use high, low, unknown/,
    );
    await assert.rejects(
      add(cells.replace('a.png', 'c.png')),
      /cells\.csv row 1 has path "c\.png", which is no image below/,
    );
    await assert.rejects(add(cells.replace('path,', 'file,')), /cells\.csv needs a column path/);
  });

  it('takes a name once, and none that comes with this package', async () => {
    const { folder, cache } = lab();
    await addDataset(folder, { name: 'screen', cache });
    await assert.rejects(addDataset(folder, { name: 'screen', cache }), /there is a data set screen already/);
    assert.equal((await addDataset(folder, { name: 'screen', cache, force: true })).name, 'screen');
    await assert.rejects(addDataset(folder, { name: 'openlch-sample', cache }), /comes with this package/);
    await assert.rejects(addDataset(folder, { name: '../x', cache }), /needs a name of a-z/);
  });

  it('needs a folder with images', async () => {
    const cache = temporaryFolder();
    await assert.rejects(addDataset(temporaryFolder(), { cache, name: 'x' }), /there are no images/);
    await assert.rejects(addDataset('/no/such/folder', { cache }), /needs a folder of images/);
  });
});
