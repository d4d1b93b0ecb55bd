import net from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Pool } from '../../src/pool/pool.ts';
import { type Listening, listenOnLoopback } from '../servers/listen.ts';
import { startTcpServers, type TcpServers } from './guest/tcp-servers.ts';
import { createTestPool, resultOf, runSource } from './sandbox-pool.ts';

/** Scripts that take sockets for weapons, and servers that take scripts for victims. */

let pool: Pool;
let servers: TcpServers;
let endless: Listening;
beforeAll(async () => {
  servers = await startTcpServers();
  const piece = Buffer.alloc(256 * 1024, 'x');
  endless = await listenOnLoopback(
    net.createServer((socket) => {
      const write = () => {
        while (!socket.destroyed && socket.write(piece));
      };
      socket.on('drain', write).resume();
      write();
    }),
  );
  pool = await createTestPool();
});
afterAll(async () => {
  await pool?.close();
  await servers.close();
  await endless.close();
});

const script = (body: string) => `function getUser(id, context, callback) {
  const net = require('net'), tls = require('tls'), dns = require('dns');
  const { echo, unread, silent } = ${JSON.stringify(servers.ports)}; const endless = ${endless.port};
  ${body}
}`;
const good = "function getUser(id, context, callback) { callback(null, { user_id: '1' }); }";

/** Nothing of it may end the process that all scripts share, or outlive its execution. */
afterEach(async () => {
  expect(await resultOf(pool, good, { connection: 'good' })).toEqual({ user_id: '1' });
  expect(pool.stats().restarts).toBe(0);
  await expect
    .poll(() => servers.echo.connections() + servers.silent.connections() + endless.connections())
    .toBe(0);
});

const failing = (call: string) =>
  script(
    `${call}.on('error', ({ code }) => callback(null, code)).on('secureConnect', () => callback(null, 'connected'))`,
  );

it.each([
  [
    'a ca of 20 MB',
    "tls.connect({ port: silent, host: '127.0.0.1', ca: 'x'.repeat(20e6) })",
    'ERR_INVALID_ARG_VALUE',
  ],
  [
    '100,000 authorities',
    "tls.connect({ port: silent, host: '127.0.0.1', ca: new Array(1e5).fill('x') })",
    'ERR_INVALID_ARG_VALUE',
  ],
  [
    'a server name of 5 MB',
    "tls.connect({ port: silent, host: '127.0.0.1', servername: 'x'.repeat(5e6) })",
    'ERR_INVALID_ARG_VALUE',
  ],
  [
    '100,000 protocols',
    "tls.connect({ port: silent, host: '127.0.0.1', ALPNProtocols: new Array(1e5).fill('h2') })",
    'ERR_INVALID_ARG_VALUE',
  ],
  ['a host of 5 MB', "net.connect({ port: silent, host: 'x'.repeat(5e6) })", 'ERR_INVALID_ARG_VALUE'],
  [
    'text that is none',
    "((text) => { String = (value) => (value === 'x' ? 5 : text(value)); return tls })(String).connect({ port: silent, host: '127.0.0.1', ca: ['x'] })",
    'ERR_INVALID_ARG_VALUE',
  ],
])('%s is an error of the socket', async (what, call, code) => {
  expect(await resultOf(pool, failing(call), { connection: `options ${what}`, isolation: 'execution' })).toBe(
    code,
  );
});

it('a server without end is cut off at 64 MB, whoever reads all of it', async () => {
  const body = `const socket = net.connect(endless, '127.0.0.1'); let bytes = 0;
    socket.on('data', (chunk) => { bytes += chunk.length; }).on('error', ({ code }) => callback(null, [code, bytes]))`;
  const result = await resultOf(pool, script(body), {
    connection: 'endless',
    isolation: 'execution',
    wallMs: 15_000,
  });
  const [code, bytes] = result as [string, number];
  expect(code).toBe('ERR_SOCKET_BYTES_LIMIT');
  expect(bytes).toBeLessThanOrEqual(64 * 1024 * 1024);
});

it('a script that keeps all that a server sends has itself to blame', async () => {
  const body = `const all = []; net.connect(endless, '127.0.0.1').on('data', (chunk) => all.push(chunk))`;
  const { outcome } = await runSource(pool, script(body), { connection: 'hoarder', wallMs: 15_000 });
  expect(['out_of_memory', 'uncaught']).toContain(outcome.kind);
});

it('50 servers without end that nobody reads are waited for with windows', async () => {
  const body = `const sockets = Array.from({ length: 50 }, () => net.connect(endless, '127.0.0.1').pause().on('readable', () => {}));
    setTimeout(() => callback(null, Math.max(...sockets.map(({ bytesRead }) => bytesRead))), 500)`;
  const most = await resultOf(pool, script(body), { connection: 'paused', isolation: 'execution' });
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(512 * 1024);
});

it('writes without end to who does not read take the memory of the script, not of the host', async () => {
  const body =
    "const socket = net.connect(unread, '127.0.0.1'); socket.on('connect', () => { for (;;) socket.write(Buffer.alloc(1e6)) })";
  const { outcome } = await runSource(pool, script(body), { connection: 'writer' });
  expect(['out_of_memory', 'timeout']).toContain(outcome.kind);
  servers.unread.last()?.resume();
});

it.each([
  ['look-ups', "for (let n = 0; ; n++) dns.lookup('x' + n + '.invalid', () => {})"],
  ['questions to DNS', "for (let n = 0; ; n++) dns.resolveTxt('x' + n + '.invalid', () => {})"],
  [
    'connects to names',
    "for (let n = 0; ; n++) net.connect(80, 'x' + n + '.invalid').on('error', () => {}).destroy()",
  ],
  [
    'upgrades',
    "net.connect(silent, '127.0.0.1', function () { for (;;) tls.connect({ socket: this }).on('error', () => {}) })",
  ],
  ['contexts of TLS', "for (;;) tls.createSecureContext({ key: 'rubbish' })"],
  ['checks of names', "for (;;) tls.checkServerIdentity('x'.repeat(1e5), { subject: { CN: 'y' } })"],
  ['messages', "net.connect(silent, '127.0.0.1', function () { for (;;) this.setNoDelay() })"],
])('a flood of %s ends the script', async (what, body) => {
  const { outcome } = await runSource(pool, script(body), { connection: `flood ${what}`, wallMs: 1_500 });
  expect(['timeout', 'uncaught', 'out_of_memory', 'rejected']).toContain(outcome.kind);
});

it.each([
  ['ArrayBuffer.prototype.slice = () => -1'],
  ['Uint8Array.prototype.subarray = () => ({ byteLength: -1e9 })'],
  ["Object.prototype.toJSON = () => 'x'"],
  ['Array.prototype.push = () => 0'],
  ['Promise.prototype.then = () => {}'],
  ['Number = () => NaN; Math.trunc = () => Infinity'],
])('a script that has said %s harms nobody else', async (said) => {
  const body = `${said};
    const socket = net.connect(echo, '127.0.0.1').on('error', () => {});
    socket.setKeepAlive(true, 1000); socket.write(Buffer.from('x')); socket.end('y');
    tls.connect({ port: echo, host: '127.0.0.1', ca: 'x' }).on('error', () => {});
    dns.lookup('localhost', () => {});`;
  const { outcome } = await runSource(pool, script(body), { connection: said, wallMs: 400 });
  expect(['timeout', 'uncaught', 'rejected', 'no_callback']).toContain(outcome.kind);
});
