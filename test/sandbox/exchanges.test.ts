import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Exchange, HttpExchange } from '../../sandbox/contract/exchange.ts';
import type { Pool } from '../../src/pool/pool.ts';
import { createTestPool, runSource, type SourceOptions } from './sandbox-pool.ts';

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://upstream');
  if (pathname === '/hang') return;
  if (pathname === '/zipped') {
    return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"user_id":"42"}'));
  }
  if (pathname === '/large') return void response.end('x'.repeat(300_000));
  if (pathname === '/pieces') {
    response.write('first ');
    return void setImmediate(() => response.end('second'));
  }
  response.writeHead(201, { 'x-answer': 'yes' });
  for await (const chunk of request) response.write(chunk);
  response.end();
});
const echo = createTcpServer((socket) => socket.pipe(socket));
let pool: Pool;
let origin: string;
let port: number;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ({ port } = echo.address() as AddressInfo);
  pool = await createTestPool();
});

afterAll(async () => {
  await pool.close();
  server.closeAllConnections();
  server.close();
  echo.close();
});

async function record(body: string, options: SourceOptions = {}) {
  const exchanges: Exchange[] = [];
  const source = `async function getUser(id, context, callback) { ${body}; }`;
  const configuration = { origin, port: String(port), refused: '10.9.8.7' };
  const { outcome } = await runSource(pool, source, {
    configuration,
    onExchange: (exchange) => exchanges.push(exchange),
    ...options,
  });
  return { outcome, exchanges, http: exchanges.filter(({ kind }) => kind === 'http') as HttpExchange[] };
}

const textOf = (bytes?: { base64: string }) => Buffer.from(bytes?.base64 ?? '', 'base64').toString();

it('tells of an HTTP call with request, answer and times', async () => {
  const { outcome, http } = await record(`
    const url = configuration.origin + '/users?id=jane%2B1';
    const answer = await fetch(url, { method: 'POST', headers: { 'x-key': 'k' }, body: 'hello' });
    callback(null, { user_id: await answer.text() })`);
  expect(outcome).toMatchObject({ kind: 'returned' });
  expect(http).toMatchObject([
    { method: 'POST', url: `${origin}/users?id=jane%2B1`, cut: false, unfinished: false },
  ]);
  const [call] = http;
  expect(call?.headers).toEqual(expect.arrayContaining(['x-key', 'k']));
  expect(call?.response).toMatchObject({ status: 201, decompressed: false });
  expect(call?.response?.headers).toEqual(expect.arrayContaining(['x-answer', 'yes']));
  expect([textOf(call?.body), textOf(call?.response?.body)]).toEqual(['hello', 'hello']);
  expect(call?.startedMs).toBeGreaterThanOrEqual(0);
  expect(call?.durationMs).toBeGreaterThan(0);
});

it('has bodies as the script sees them: decompressed, and those of streams whole', async () => {
  const { http } = await record(`
    await (await fetch(configuration.origin + '/zipped')).json();
    const seen = await new Promise((resolve) => require('http').get(configuration.origin + '/pieces', (response) => {
      let text = '';
      response.on('data', (piece) => { text += piece; });
      response.on('end', () => resolve(text));
    }));
    callback(null, { user_id: seen.length })`);
  expect(http.map(({ response }) => [textOf(response?.body), response?.decompressed])).toEqual([
    ['{"user_id":"42"}', true],
    ['first second', false],
  ]);
});

it('cuts what is long, and stops after so many calls', async () => {
  const { exchanges, http } = await record(`
    await (await fetch(configuration.origin + '/large', { method: 'POST', body: 'y'.repeat(70000) })).text();
    for (let i = 0; i < 70; i++) await fetch(configuration.origin + '/');
    callback(null, null)`);
  expect(http).toHaveLength(64);
  expect(exchanges.at(-1)).toEqual({ kind: 'more' });
  expect(exchanges).toHaveLength(65);
  const [large] = http;
  expect([large?.body.cut, textOf(large?.body).length]).toEqual([true, 64 * 1024]);
  expect([large?.response?.body.cut, textOf(large?.response?.body).length]).toEqual([true, 256 * 1024]);
});

it('has all bodies of an execution together in a megabyte', async () => {
  const { http } = await record(`
    for (let i = 0; i < 6; i++) await (await fetch(configuration.origin + '/large')).text();
    callback(null, null)`);
  const bytes = http.reduce((sum, { response }) => sum + textOf(response?.body).length, 0);
  expect(bytes).toBeGreaterThan(1_000_000);
  expect(bytes).toBeLessThanOrEqual(1024 * 1024);
});

it('tells of refusals, of errors, and of what is under way at the end', async () => {
  const { outcome, http } = await record(
    `await fetch('http://' + configuration.refused + '/').catch(() => {});
    await fetch('http://127.0.0.1:1/').catch(() => {});
    await fetch(configuration.origin + '/hang');
    callback(null, null)`,
    { wallMs: 400 },
  );
  expect(outcome).toMatchObject({ kind: 'timeout' });
  expect(http).toMatchObject([
    { error: { code: 'ECONNREFUSED' }, blocked: expect.stringContaining('10.9.8.7'), unfinished: false },
    { error: { code: 'ECONNREFUSED' }, unfinished: false },
    { unfinished: true },
  ]);
  expect(http[1]).not.toHaveProperty('blocked');
});

it('counts the bytes of sockets for each execution, of one that is kept as well', async () => {
  const body = `
    global.socket ??= require('net').connect(Number(configuration.port), '127.0.0.1');
    global.socket.once('data', () => callback(null, null));
    global.socket.write('hello')`;
  for (let turn = 0; turn < 2; turn++) {
    const { exchanges } = await record(body);
    expect(exchanges).toMatchObject([
      { kind: 'socket', host: '127.0.0.1', port, tls: false, bytesIn: 5, bytesOut: 5, unfinished: true },
    ]);
  }
});

it('tells nothing unless it is asked to', async () => {
  const source =
    'async function getUser(id, context, callback) { await fetch(configuration.origin); callback(null); }';
  const { outcome } = await runSource(pool, source, { configuration: { origin } });
  expect(outcome).toMatchObject({ kind: 'returned' });
  const { exchanges } = await record('callback(null, null)');
  expect(exchanges).toEqual([]);
});
