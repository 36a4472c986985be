import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type DownloadOptions, download } from '../../../src/data/fetch/download';
import { type FileServer, type ServedFile, serveFiles } from '../helpers/file-server';
import { someBytes, temporaryFolder } from '../helpers/folders';

const body = someBytes(200_000);
const known: DownloadOptions = { sumIsKnown: true, pauseMs: () => 0 };

async function serve(file: ServedFile): Promise<{ server: FileServer; url: string; part: string }> {
  const server = await serveFiles({ '/a.bin': file });
  after(() => server.close());
  return { server, url: `${server.url}/a.bin`, part: join(temporaryFolder(), 'a.bin.part') };
}

describe('download', () => {
  it('takes a dropped connection up again where it was cut', async () => {
    const { server, url, part } = await serve({ body, etag: '"1"', hangAfter: 50_000 });
    const cuts = [50_000, 110_000];
    const onBytes = (received: number) => {
      if (received !== cuts[0]) return;
      cuts.shift();
      server.files.set('/a.bin', { body, etag: '"1"', hangAfter: cuts.length > 0 ? 60_000 : undefined });
      server.dropConnections();
    };
    await download(url, part, { ...known, onBytes });
    assert.ok(readFileSync(part).equals(body));
    assert.deepEqual(server.requests, ['GET /a.bin', 'GET /a.bin bytes=50000-', 'GET /a.bin bytes=110000-']);
  });

  it('goes on with the part that a killed process left', async () => {
    const { server, url, part } = await serve({ body, etag: '"1"' });
    writeFileSync(part, body.subarray(0, 70_000));
    await download(url, part, known);
    assert.ok(readFileSync(part).equals(body));
    assert.deepEqual(server.requests, ['GET /a.bin bytes=70000-']);
  });

  it('does not go on with a part of unknown origin when the sum is unknown', async () => {
    const { server, url, part } = await serve({ body, etag: '"1"' });
    writeFileSync(part, 'something else');
    await download(url, part, { ...known, sumIsKnown: false });
    assert.ok(readFileSync(part).equals(body));
    assert.deepEqual(server.requests, ['GET /a.bin']);
  });

  it('starts again when the file on the server has changed since', async () => {
    const { server, url, part } = await serve({ body, etag: '"1"', cutAfter: [50_000] });
    const changed = someBytes(150_000, 99);
    await assert.rejects(download(url, part, { ...known, sumIsKnown: false, attempts: 1 }));
    server.files.set('/a.bin', { body: changed, etag: '"2"' });
    await download(url, part, { ...known, sumIsKnown: false });
    assert.ok(readFileSync(part).equals(changed));
  });

  it('starts again when the server knows no ranges', async () => {
    const { url, part } = await serve({ body, ranges: false, cutAfter: [50_000] });
    await download(url, part, known);
    assert.ok(readFileSync(part).equals(body));
  });

  it('starts again when its part is longer than the file has become', async () => {
    const { url, part } = await serve({ body, etag: '"1"' });
    writeFileSync(part, someBytes(300_000));
    await download(url, part, known);
    assert.ok(readFileSync(part).equals(body));
  });

  it('follows redirects', async () => {
    const { server, part } = await serve({ body });
    server.files.set('/moved', { body: Buffer.alloc(0), redirect: '/a.bin' });
    await download(`${server.url}/moved`, part, known);
    assert.ok(readFileSync(part).equals(body));
  });

  it('waits out errors of the server', async () => {
    const { server, url, part } = await serve({ body, failFirst: [503, 429] });
    await download(url, part, known);
    assert.ok(readFileSync(part).equals(body));
    assert.equal(server.requests.length, 3);
  });

  it('gives up at once where there is no such file', async () => {
    const { server, part } = await serve({ body });
    await assert.rejects(download(`${server.url}/b.bin`, part, known), {
      name: 'DownloadError',
      message: `${server.url}/b.bin answered 404 Not Found`,
    });
    assert.equal(server.requests.length, 1);
  });

  it('gives up after as many failures as asked, and keeps what it has', async () => {
    const { server, url, part } = await serve({ body, failFirst: [503, 503, 503] });
    writeFileSync(part, body.subarray(0, 70_000));
    await assert.rejects(download(url, part, { ...known, attempts: 3 }), {
      name: 'DownloadError',
      message: `${url} answered 503 Service Unavailable`,
    });
    assert.equal(server.requests.length, 3);
    assert.equal(readFileSync(part).length, 70_000);
  });

  it('takes silence for a dropped connection', async () => {
    const { server, url, part } = await serve({ body, etag: '"1"', hangAfter: 50_000 });
    const done = download(url, part, { ...known, silenceMs: 200 });
    await server.received(1);
    server.files.set('/a.bin', { body, etag: '"1"' });
    await done;
    assert.ok(readFileSync(part).equals(body));
  });

  it('refuses a web page, as servers send instead of a file that they moved', async () => {
    const { url, part } = await serve({
      body: Buffer.from('<html>sign in'),
      contentType: 'text/html; charset=utf-8',
    });
    await assert.rejects(download(url, part, { ...known, sumIsKnown: false }), /answered with a web page/);
  });

  it('stops one byte behind the size that the file should have', async () => {
    const { url, part } = await serve({ body });
    await download(url, part, { ...known, bytes: 1000 });
    assert.equal(readFileSync(part).length, 1001);
  });

  it('says that a host is out of reach', async () => {
    const { server, part } = await serve({ body });
    await server.close();
    await assert.rejects(download(`${server.url}/a.bin`, part, known), {
      name: 'DownloadError',
      unreachable: true,
      message: `${new URL(server.url).host} cannot be reached (ECONNREFUSED)`,
    });
  });

  it('keeps the part when it is interrupted', async () => {
    const { url, part } = await serve({ body, hangAfter: 50_000 });
    const stop = new AbortController();
    const onBytes = (received: number) => received >= 50_000 && stop.abort();
    await assert.rejects(download(url, part, { ...known, signal: stop.signal, onBytes }), {
      name: 'InterruptedError',
    });
    assert.ok(existsSync(part));
  });
});
