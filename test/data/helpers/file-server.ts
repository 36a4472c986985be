/** A small HTTP server on 127.0.0.1 that behaves as badly as real ones do. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One file on the server, and how it misbehaves. */
export interface ServedFile {
  body: Buffer;
  etag?: string;
  /** Answers range requests; default true. */
  ranges?: boolean;
  /** For the first answers, one after the other: how many bytes are sent before the connection is cut. */
  cutAfter?: number[];
  /** The first answers have these states and no body. */
  failFirst?: number[];
  /** Sends this many bytes, then nothing more, and leaves the connection open. */
  hangAfter?: number;
  redirect?: string;
  contentType?: string;
}

export interface FileServer {
  /** http://127.0.0.1:PORT */
  url: string;
  files: Map<string, ServedFile>;
  /** "GET /a.png" or "GET /a.png bytes=100-", in the order of the requests. */
  requests: string[];
  /** Resolves when `count` requests came in. */
  received(count: number): Promise<void>;
  /** Cuts every open connection. */
  dropConnections(): void;
  close(): Promise<void>;
}

export async function serveFiles(files: Record<string, ServedFile | Buffer>): Promise<FileServer> {
  const served = new Map(
    Object.entries(files).map(([path, file]) => [path, Buffer.isBuffer(file) ? { body: file } : { ...file }]),
  );
  const requests: string[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    requests.push(
      `${request.method} ${request.url}${request.headers.range ? ` ${request.headers.range}` : ''}`,
    );
    for (const check of waiting) check();
    const file = served.get(request.url ?? '');
    if (file) answer(request, response, file);
    else response.writeHead(404).end('no such file');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files: served,
    requests,
    received: (count) =>
      new Promise((resolve) => {
        const check = () => requests.length >= count && resolve();
        waiting.push(check);
        check();
      }),
    dropConnections: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, file: ServedFile): void {
  const failure = file.failFirst?.shift();
  if (failure) {
    response.writeHead(failure).end();
    return;
  }
  if (file.redirect) {
    response.writeHead(302, { location: file.redirect }).end();
    return;
  }
  const ifRange = request.headers['if-range'];
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const partial = range && file.ranges !== false && (!ifRange || ifRange === file.etag);
  const start = partial ? Number(range[1]) : 0;
  if (partial && start >= file.body.length) {
    response.writeHead(416, { 'content-range': `bytes */${file.body.length}` }).end();
    return;
  }
  const body = file.body.subarray(start);
  response.writeHead(partial ? 206 : 200, {
    'content-length': body.length,
    'content-type': file.contentType ?? 'application/octet-stream',
    ...(file.etag ? { etag: file.etag } : {}),
    ...(partial ? { 'content-range': `bytes ${start}-${file.body.length - 1}/${file.body.length}` } : {}),
  });
  const cut = file.cutAfter?.shift();
  if (cut !== undefined) response.write(body.subarray(0, cut), () => response.destroy());
  else if (file.hangAfter !== undefined) response.write(body.subarray(0, file.hangAfter));
  else response.end(body);
}
