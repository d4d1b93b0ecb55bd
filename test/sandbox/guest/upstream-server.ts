import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

const text = JSON.stringify({ greeting: 'grüß dich', list: [1, 2, 3] });

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL, body: Buffer) => void;

/** What an upstream may do to a client, by path. */
const routes: Record<string, Handler> = {
  '/echo': (request, response, url, body) => {
    const { host, connection, ...headers } = request.headers;
    const echoed = {
      method: request.method,
      url: url.pathname + url.search,
      headers,
      body: body.toString('latin1'),
    };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(echoed));
  },
  '/json': (_request, response) => response.setHeader('content-type', 'application/json').end(text),
  '/bom': (_request, response) => response.end(`\ufeff${text}`),
  '/latin1': (_request, response) => response.end(Buffer.from('grüß', 'latin1')),
  '/not-json': (_request, response) => response.end('<html>'),
  '/empty': (_request, response) => response.writeHead(204).end(),
  '/bytes': (_request, response) => response.end(Buffer.from([0, 255, 254, 128, 10])),
  '/big': (_request, response) => response.end(Buffer.alloc(300_000, 'b')),
  '/gzip': (_request, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(text)),
  '/br': (_request, response) => response.setHeader('content-encoding', 'br').end(brotliCompressSync(text)),
  '/deflate': (_request, response) =>
    response.setHeader('content-encoding', 'deflate').end(deflateSync(text)),
  '/deflate-raw': (_request, response) =>
    response.setHeader('content-encoding', 'deflate').end(deflateRawSync(text)),
  '/gzip-bad': (_request, response) => response.setHeader('content-encoding', 'gzip').end('not gzip at all'),
  '/gzip-bomb': (_request, response) =>
    response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(2_000_000))),
  '/status': (_request, response, url) =>
    response.writeHead(Number(url.searchParams.get('code')), 'As Told').end('{"error":"told"}'),
  '/cookies': (_request, response) =>
    response.writeHead(200, [
      ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Twice', 'one', 'X-Twice', 'two'],
      ...['Content-Type', 'text/plain', 'Content-Length', '2'],
    ]) && response.end('ok'),
  '/redirect': (_request, response, url) =>
    response
      .writeHead(Number(url.searchParams.get('code') ?? 302), { location: url.searchParams.get('to')! })
      .end('moved'),
  '/loop': (_request, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/reset': (request) => request.socket.destroy(),
  '/cut': (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('part', () => setImmediate(() => response.destroy()));
  },
  '/cut-chunked': (_request, response) => {
    response.writeHead(200);
    response.write('part', () => setImmediate(() => response.destroy()));
  },
  '/garbage': (request) => request.socket.end('this is not HTTP\r\n\r\n'),
  '/never': () => {},
  '/stall': (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('part');
  },
};

/** Listens on a free port of the loopback interface. */
export async function startUpstream() {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://upstream.test');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const handler = routes[url.pathname];
      if (handler) handler(request, response, url, Buffer.concat(chunks));
      else response.writeHead(404).end('{"error":"no such path"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
