import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type FetchOptions, fetchDataset } from '../../../src/data/fetch/fetch-dataset';
import { incompleteLine } from '../../../src/data/fetch/fetch-report';
import { lockFile } from '../../../src/data/fetch/recorded-sums';
import { readManifest } from '../../../src/data/manifests/read-manifest';
import { tarGz } from '../helpers/archives';
import { type FileServer, type ServedFile, serveFiles } from '../helpers/file-server';
import {
  remoteResource,
  sha256,
  sharedFolder,
  someBytes,
  temporaryFolder,
  writeFiles,
  writeManifest,
} from '../helpers/folders';

const a = someBytes(30_000, 1);
const b = someBytes(20_000, 2);
const bad = Buffer.from(a.map((byte, at) => (at === 777 ? byte ^ 1 : byte))); // one flipped bit

function options(more: FetchOptions = {}): FetchOptions & { cache: string } {
  return {
    cache: temporaryFolder(),
    dataPath: [],
    download: { attempts: 2, pauseMs: () => 0 },
    ...more,
  } as FetchOptions & {
    cache: string;
  };
}

async function serve(files: Record<string, ServedFile | Buffer>): Promise<FileServer> {
  const server = await serveFiles(files);
  after(() => server.close());
  return server;
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('fetchDataset', () => {
  it('downloads what is not at hand, and asks for nothing twice', async () => {
    const server = await serve({ '/a.png': a, '/b.png': b });
    const manifest = writeManifest('two', [
      remoteResource('images/a.png', a, `${server.url}/a.png`),
      remoteResource('images/b.png', b, `${server.url}/b.png`),
    ]);
    const run = options();
    const report = await fetchDataset(manifest, run);
    assert.equal(report.complete, true);
    assert.deepEqual(
      report.files.map(({ file, state, sha256 }) => [file, state, sha256]),
      [
        ['images/a.png', 'downloaded', sha256(a)],
        ['images/b.png', 'downloaded', sha256(b)],
      ],
    );
    assert.ok(readFileSync(join(report.folder, 'images/a.png')).equals(a));
    const again = await fetchDataset(manifest, run);
    assert.deepEqual(
      again.files.map(({ state }) => state),
      ['present', 'present'],
    );
    assert.equal(server.requests.length, 2);
  });

  it('takes files from the folders of LCH_DATA_PATH before any download, and leaves them as they are', async () => {
    const server = await serve({});
    const local = writeFiles(temporaryFolder(), { 'two/a.png': a, 'b.png': b });
    const manifest = writeManifest('two', [
      remoteResource('images/a.png', a, `${server.url}/a.png`),
      remoteResource('images/b.png', b, `${server.url}/b.png`),
    ]);
    const report = await fetchDataset(manifest, options({ dataPath: [temporaryFolder(), local] }));
    assert.deepEqual(
      report.files.map(({ state, source }) => [state, source]),
      [
        ['copied', join(local, 'two/a.png')],
        ['copied', join(local, 'b.png')],
      ],
    );
    assert.ok(readFileSync(join(local, 'two/a.png')).equals(a));
    assert.deepEqual(server.requests, []);
  });

  it('does not use a local copy with one flipped bit, and says so', async () => {
    const server = await serve({});
    const local = writeFiles(temporaryFolder(), { 'one/a.png': bad });
    const manifest = writeManifest('one', [remoteResource('images/a.png', a, `${server.url}/a.png`)]);
    const report = await fetchDataset(manifest, options({ dataPath: [local] }));
    assert.equal(report.missing.length, 1);
    assert.match(
      report.missing[0].reason ?? '',
      new RegExp(`has sha256 ${sha256(bad)}, not ${sha256(a)}, and was not used`),
    );
    assert.ok(readFileSync(join(local, 'one/a.png')).equals(bad), 'the local copy is not touched');
    assert.deepEqual(filesBelow(report.folder), []);
  });

  it('puts a download with wrong bytes into quarantine and asks the next mirror', async () => {
    const server = await serve({ '/wrong.png': bad, '/a.png': a });
    const manifest = writeManifest('one', [
      remoteResource(
        'images/a.png',
        a,
        `${server.url}/gone.png`,
        `${server.url}/wrong.png`,
        `${server.url}/a.png`,
      ),
    ]);
    const report = await fetchDataset(manifest, options());
    assert.equal(report.complete, true);
    assert.equal(report.files[0].source, `${server.url}/a.png`);
    assert.deepEqual(server.requests, ['GET /gone.png', 'GET /wrong.png', 'GET /a.png']);
    assert.equal(report.quarantined.length, 1);
    assert.ok(readFileSync(report.quarantined[0]).equals(bad));
    assert.match(report.quarantined[0], /quarantine/);
  });

  it('never uses wrong bytes, even when nothing else is to be had', async () => {
    const server = await serve({ '/a.png': bad });
    const manifest = writeManifest('one', [remoteResource('images/a.png', a, `${server.url}/a.png`)]);
    const report = await fetchDataset(manifest, options());
    assert.equal(report.complete, false);
    assert.deepEqual(filesBelow(report.folder), []);
    assert.equal(server.requests.length, 1);
  });

  it('asks the same address again when the part left by an earlier run was bad', async () => {
    const server = await serve({ '/a.png': a });
    const manifest = writeManifest('one', [remoteResource('images/a.png', a, `${server.url}/a.png`)]);
    const run = options();
    writeFiles(run.cache, { 'downloads/one/images/a.png.part': bad.subarray(0, 10_000) });
    const report = await fetchDataset(manifest, run);
    assert.equal(report.complete, true);
    assert.deepEqual(server.requests, ['GET /a.png bytes=10000-', 'GET /a.png']);
  });

  it('continues at a second mirror what the first began', async () => {
    const server = await serve({ '/a.png': a, '/broken.png': { body: a, failFirst: [503, 503] } });
    const manifest = writeManifest('one', [
      remoteResource('images/a.png', a, `${server.url}/broken.png`, `${server.url}/a.png`),
    ]);
    const run = options();
    writeFiles(run.cache, { 'downloads/one/images/a.png.part': a.subarray(0, 10_000) });
    const report = await fetchDataset(manifest, run);
    assert.equal(report.complete, true);
    assert.equal(server.requests.at(-1), 'GET /a.png bytes=10000-');
  });

  it('finds a cached file that was changed since, puts it away and gets it again', async () => {
    const server = await serve({ '/a.png': a });
    const manifest = writeManifest('one', [remoteResource('images/a.png', a, `${server.url}/a.png`)]);
    const run = options();
    const { folder } = await fetchDataset(manifest, run);
    writeFileSync(join(folder, 'images/a.png'), bad);
    utimesSync(join(folder, 'images/a.png'), 1, 1); // whatever the clock of the file system
    const report = await fetchDataset(manifest, run);
    assert.equal(report.files[0].state, 'downloaded');
    assert.equal(report.quarantined.length, 1);
    assert.ok(readFileSync(join(folder, 'images/a.png')).equals(a));
  });

  it('goes on after it was killed half-way', async () => {
    const body = someBytes(400_000, 3);
    const server = await serve({ '/big.bin': { body, etag: '"1"', hangAfter: 150_000 } });
    const manifest = writeManifest('big', [remoteResource('big.bin', body, `${server.url}/big.bin`)]);
    const run = options();
    const part = join(run.cache, 'downloads/big/big.bin.part');
    const module = require.resolve('../../../src/data/fetch/fetch-dataset');
    const script = `require(${JSON.stringify(module)}).fetchDataset(${JSON.stringify(manifest)}, ${JSON.stringify({ cache: run.cache, dataPath: [] })})`;
    const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    while (!existsSync(part) || statSync(part).size < 150_000)
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGKILL');
    await ended;
    assert.ok(!existsSync(join(run.cache, 'datasets/big/big.bin')), 'half a file is not in the data set');

    server.files.set('/big.bin', { body, etag: '"1"' });
    const report = await fetchDataset(manifest, run);
    assert.equal(report.complete, true);
    assert.deepEqual(server.requests, ['GET /big.bin', 'GET /big.bin bytes=150000-']);
    assert.ok(readFileSync(join(report.folder, 'big.bin')).equals(body));
  });

  it('names, offline, the files wanted, their sizes, and where to put them; and asks a dead host once', async () => {
    const server = await serve({});
    await server.close();
    const names = Array.from({ length: 30 }, (_, at) => `images/${at}.png`);
    const manifest = writeManifest(
      'many',
      names.map((name) => remoteResource(name, a, `${server.url}/${name}`)),
    );
    const run = options();
    const report = await fetchDataset(manifest, run);
    const host = new URL(server.url).host;
    assert.equal(
      incompleteLine(report),
      'many is incomplete: 0 of 30 files are there and checked, missing images/0.png (30,000 bytes), images/1.png (30,000 bytes), ' +
        `images/2.png (30,000 bytes), and 27 more: ${host} cannot be reached (ECONNREFUSED); put what is missing into ` +
        `${join(run.cache, 'datasets/many/images')}, or into a folder named in LCH_DATA_PATH, and run it again`,
    );
  });

  it('accepts a file that was put where the message said', async () => {
    const server = await serve({});
    const manifest = writeManifest('one', [remoteResource('images/a.png', a, `${server.url}/a.png`)]);
    const run = options();
    writeFiles(run.cache, { 'datasets/one/images/a.png': a });
    const report = await fetchDataset(manifest, run);
    assert.equal(report.complete, true);
    assert.equal(report.files[0].state, 'present');
  });

  it('records the sum of a file without one at the first download, and holds every later one to it', async () => {
    const server = await serve({ '/model.t7': a });
    const resource = { name: 'model', path: `${server.url}/model.t7`, lch: { sumAtFirstDownload: true } };
    const manifest = writeManifest('model', [resource], { kind: 'model' });
    const run = options();
    const { folder } = await fetchDataset(manifest, run);
    assert.deepEqual(JSON.parse(readFileSync(lockFile(run.cache, 'model'), 'utf8')), {
      model: { bytes: a.length, sha256: sha256(a), source: `${server.url}/model.t7` },
    });
    rmSync(folder, { recursive: true });
    server.files.set('/model.t7', { body: bad });
    const report = await fetchDataset(manifest, run);
    assert.equal(report.complete, false);
    assert.match(report.missing[0].reason ?? '', /and was not used/);
  });

  it('holds downloads to a lock file that stands beside the manifest', async () => {
    const server = await serve({ '/model.t7': bad });
    const resource = { name: 'model', path: `${server.url}/model.t7`, lch: { sumAtFirstDownload: true } };
    const manifest = writeManifest('model', [resource], { kind: 'model' });
    const lock = { model: { bytes: a.length, sha256: sha256(a), source: 'a colleague' } };
    writeFileSync(join(manifest, '..', 'datapackage.lock.json'), JSON.stringify(lock));
    assert.equal((await fetchDataset(manifest, options())).complete, false);
    writeFileSync(join(manifest, '..', 'datapackage.lock.json'), '{');
    await assert.rejects(fetchDataset(manifest, options()), {
      name: 'ManifestError',
      message: /lock file .* cannot be read/,
    });
  });

  it('unpacks an archive, keeps it from being fetched again, and mends a file of it that was changed', async () => {
    const archive = tarGz([
      { name: 'a.png', content: a },
      { name: 'more/b.png', content: b },
    ]);
    const server = await serve({ '/download': archive });
    const manifest = writeManifest('packed', [
      {
        ...remoteResource('crops.tar.gz', archive, `${server.url}/download`),
        lch: { file: 'crops.tar.gz', unpack: { kind: 'tar.gz', to: 'images' } },
      },
    ]);
    const run = options();
    const first = await fetchDataset(manifest, run);
    assert.equal(first.files[0].unpackedFiles, 2);
    assert.ok(readFileSync(join(first.folder, 'images/more/b.png')).equals(b));
    assert.equal((await fetchDataset(manifest, run)).files[0].state, 'present');
    assert.equal(server.requests.length, 1);
    writeFileSync(join(first.folder, 'images/a.png'), bad);
    utimesSync(join(first.folder, 'images/a.png'), 1, 1);
    const mended = await fetchDataset(manifest, run);
    assert.equal(mended.files[0].state, 'downloaded');
    assert.equal(mended.quarantined.length, 1);
    assert.ok(readFileSync(join(first.folder, 'images/a.png')).equals(a));
  });

  it('puts an archive that tries to leave its folder into quarantine', async () => {
    const archive = tarGz([{ name: '../../evil.png', content: a }]);
    const server = await serve({ '/download': archive });
    const manifest = writeManifest('packed', [
      {
        name: 'crops',
        path: `${server.url}/download`,
        lch: { file: 'crops.tar.gz', unpack: { kind: 'tar.gz', to: 'images' }, sumAtFirstDownload: true },
      },
    ]);
    const run = options();
    const report = await fetchDataset(manifest, run);
    assert.equal(report.complete, false);
    assert.match(report.missing[0].reason ?? '', /refuses the archive .* climbs out/);
    assert.equal(report.quarantined.length, 1);
    assert.ok(!existsSync(lockFile(run.cache, 'packed')), 'its sum is not recorded');
    assert.deepEqual(
      filesBelow(run.cache).filter((name) => name === 'evil.png'),
      [],
    );
  });

  it('keeps, in a table of a set that lacks crops, the rows whose crop is there', async () => {
    const server = await serve({ '/a.png': a });
    const cells = 'path,cell_type\nimages/a.png,m481\nimages/b.png,"m498, again"\n';
    const manifest = writeManifest('two', [
      { name: 'cells', path: 'cells.csv', bytes: cells.length, hash: `sha256:${sha256(cells)}` },
      remoteResource('images/a.png', a, `${server.url}/a.png`),
      remoteResource('images/b.png', b, `${server.url}/b.png`),
    ]);
    writeFileSync(join(manifest, '../cells.csv'), cells);
    const run = options();
    const part = await fetchDataset(manifest, run);
    assert.equal(readFileSync(join(part.folder, 'cells.csv'), 'utf8'), 'path,cell_type\nimages/a.png,m481\n');
    assert.deepEqual(part.warnings, ['cells.csv there has 1 of its 2 rows: those whose crop is there']);
    assert.equal(part.total, 2);
    server.files.set('/b.png', { body: b });
    const whole = await fetchDataset(manifest, run);
    assert.equal(readFileSync(join(whole.folder, 'cells.csv'), 'utf8'), cells);
  });

  it('says what to do about a cache that cannot be written', async () => {
    const cache = join(writeFiles(temporaryFolder(), { occupied: 'a file' }), 'occupied');
    const manifest = writeManifest('one', [remoteResource('a.png', a, 'http://127.0.0.1:9/a.png')]);
    await assert.rejects(fetchDataset(manifest, options({ cache })), {
      name: 'DataError',
      message: `fetchDataset cannot write the cache ${cache} (ENOTDIR); set LCH_CACHE to another folder`,
    });
  });

  it('stops when interrupted, and goes on where it was', async () => {
    const body = someBytes(400_000, 4);
    const server = await serve({ '/big.bin': { body, etag: '"1"', hangAfter: 150_000 } });
    const manifest = writeManifest('big', [remoteResource('big.bin', body, `${server.url}/big.bin`)]);
    const stop = new AbortController();
    const run = options({ signal: stop.signal });
    const running = fetchDataset(manifest, run);
    await server.received(1);
    stop.abort();
    await assert.rejects(running, { name: 'InterruptedError' });
    server.files.set('/big.bin', { body, etag: '"1"' });
    assert.equal((await fetchDataset(manifest, { ...run, signal: undefined })).complete, true);
  });

  const shared = sharedFolder();
  it('finds the 72 real crops in the shared folder, verifies each, and names the 28 that it could not get', {
    skip: shared ? false : 'the real crops are not on this machine (LCH_SHARED)',
  }, async () => {
    const run = options({ dataPath: [join(shared ?? '', 'data')] });
    const report = await fetchDataset(sampleWithoutNetwork(), run);
    const copied = report.files.filter(({ state }) => state === 'copied');
    assert.deepEqual(
      [report.total, report.verified, copied.length, report.missing.length],
      [100, 72, 72, 28],
    );
    for (const { file, sha256: sum } of copied) {
      assert.equal(sha256(readFileSync(join(report.folder, file))), sum);
    }
    const sums = readFileSync(join(shared ?? '', 'data/openlch-sample.sha256'), 'utf8');
    for (const { file, sha256: sum } of report.missing) {
      assert.ok(sums.includes(`${sum}  ${file.replace('images/', '')}`), file);
      assert.ok(!existsSync(join(shared ?? '', 'data/openlch-sample', file.replace('images/', ''))), file);
    }
  });
});

/** The manifest of the 100 published crops, with addresses on this machine where nobody listens. */
function sampleWithoutNetwork(): string {
  const { path } = readManifest('openlch-sample');
  const descriptor = readFileSync(path, 'utf8').replaceAll(
    /https:\/\/[^/"]+\/(?=[^"]+\.png)/g,
    'http://127.0.0.1:9/',
  );
  const cells = readFileSync(join(path, '../cells.csv'));
  return join(
    writeFiles(temporaryFolder(), { 'datapackage.json': descriptor, 'cells.csv': cells }),
    'datapackage.json',
  );
}
