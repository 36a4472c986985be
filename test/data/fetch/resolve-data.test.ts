import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { addDataset } from '../../../src/data/fetch/add-dataset';
import type { GenerateDataset } from '../../../src/data/fetch/generate-dataset';
import { resolveData } from '../../../src/data/fetch/resolve-data';
import { verifyDataset } from '../../../src/data/fetch/verify-dataset';
import { silentProgress } from '../../../src/util/progress';
import { serveFiles } from '../helpers/file-server';
import {
  remoteResource,
  sha256,
  someBytes,
  temporaryFolder,
  writeFiles,
  writeManifest,
} from '../helpers/folders';

const a = someBytes(3000);
const cells = 'path,cell_type\nimages/1.png,m481\n';

/** A generator that draws one cell, and counts how often it was asked. */
function oneCell(): { generate: GenerateDataset; asked: unknown[] } {
  const asked: unknown[] = [];
  const generate: GenerateDataset = async (settings, folder) => {
    asked.push(settings);
    writeFiles(folder, { 'cells.csv': cells, 'images/1.png': a });
  };
  return { generate, asked };
}

function generated(hash: string | undefined) {
  const resource = { name: 'cells', path: 'cells.csv', ...(hash ? { hash: `sha256:${hash}` } : {}) };
  return writeManifest('drawn', [resource], {
    generator: { command: 'simulate', options: { cells: 1, size: 64, seed: 7 } },
  });
}

function listening() {
  const lines: string[] = [];
  return { lines, progress: { ...silentProgress, log: (line: string) => void lines.push(line) } };
}

describe('resolveData', () => {
  it('returns a folder or a list that exists as it is', async () => {
    const folder = writeFiles(temporaryFolder(), { 'list.txt': 'a.png\n' });
    assert.equal(await resolveData(folder), folder);
    assert.equal(await resolveData(join(folder, 'list.txt')), join(folder, 'list.txt'));
  });

  it('fetches what a datapackage.json describes', async () => {
    const server = await serveFiles({ '/a.png': a });
    after(() => server.close());
    const path = writeManifest('one', [remoteResource('images/a.png', a, `${server.url}/a.png`)]);
    const cache = temporaryFolder();
    assert.equal(await resolveData(path, { cache, dataPath: [] }), join(cache, 'datasets/one'));
  });

  it('names the nearest data set when it is neither', async () => {
    await assert.rejects(resolveData('openlch-smaple', { cache: temporaryFolder() }), {
      name: 'ManifestError',
      message: /there is no data set openlch-smaple, .*; nearest is openlch-sample/,
    });
  });

  it('uses a set that lacks files as far as it goes, with a line that names them', async () => {
    const server = await serveFiles({ '/a.png': a });
    after(() => server.close());
    const cache = temporaryFolder();
    const { lines, progress } = listening();
    const path = writeManifest('two', [
      remoteResource('images/a.png', a, `${server.url}/a.png`),
      remoteResource('images/b.png', someBytes(500, 2), `${server.url}/b.png`),
    ]);
    writeFiles(cache, {
      'manifests/two/datapackage.json': readFileSync(path),
    });
    const folder = await resolveData('two', { cache, dataPath: [], progress });
    assert.equal(folder, join(cache, 'datasets/two'));
    assert.match(lines.join('\n'), /two is incomplete: 1 of 2 files .* missing images\/b\.png \(500 bytes\)/);
  });

  it('throws when nothing of the set could be had', async () => {
    const server = await serveFiles({});
    after(() => server.close());
    const cache = temporaryFolder();
    const path = writeManifest('none', [remoteResource('a.png', a, `${server.url}/a.png`)]);
    writeFiles(cache, { 'manifests/none/datapackage.json': readFileSync(path) });
    await assert.rejects(resolveData('none', { cache, dataPath: [] }), {
      name: 'IncompleteDataError',
      message: /404/,
    });
  });

  it('draws a synthetic set once, with the settings of its manifest', async () => {
    const cache = temporaryFolder();
    const { generate, asked } = oneCell();
    writeFiles(cache, { 'manifests/drawn/datapackage.json': readFileSync(generated(sha256(cells))) });
    const { lines, progress } = listening();
    const folder = await resolveData('drawn', { cache, generate, progress });
    assert.equal(await resolveData('drawn', { cache, generate, progress }), folder);
    assert.deepEqual(asked, [{ cells: 1, size: 64, seed: 7 }]);
    assert.ok(statSync(join(folder, 'images/1.png')).isFile());
    assert.deepEqual(lines, []);
    assert.equal((await verifyDataset('drawn', { cache })).right, 2);
  });

  it('draws a synthetic set again when a file of it was changed', async () => {
    const cache = temporaryFolder();
    const { generate, asked } = oneCell();
    writeFiles(cache, { 'manifests/drawn/datapackage.json': readFileSync(generated(sha256(cells))) });
    const folder = await resolveData('drawn', { cache, generate });
    appendFileSync(join(folder, 'images/1.png'), 'x');
    assert.deepEqual(
      (await verifyDataset('drawn', { cache })).damaged.map(({ file }) => file),
      ['images/1.png'],
    );
    await resolveData('drawn', { cache, generate });
    assert.equal(asked.length, 2);
    assert.ok((await verifyDataset('drawn', { cache })).ok);
  });

  it('warns when the drawn table has another sum than the manifest says', async () => {
    const cache = temporaryFolder();
    const { generate, asked } = oneCell();
    writeFiles(cache, { 'manifests/drawn/datapackage.json': readFileSync(generated(sha256('other cells'))) });
    const { lines, progress } = listening();
    await resolveData('drawn', { cache, generate, progress });
    assert.match(
      lines.join('\n'),
      /drawn: cells\.csv has sha256 .* another version of the simulator drew other cells/,
    );
    await resolveData('drawn', { cache, generate, progress });
    assert.equal(asked.length, 1);
    assert.equal((await verifyDataset('drawn', { cache })).ok, false);
  });

  it("reads a lab's own set where it lies", async () => {
    const cache = temporaryFolder();
    const folder = writeFiles(temporaryFolder(), { 'a.png': a });
    await addDataset(folder, { name: 'screen', cache });
    assert.equal(await resolveData('screen', { cache }), folder);
  });
});
