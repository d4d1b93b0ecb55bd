import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool } from '../sandbox-pool.ts';
import { inBoth, inIsolate } from './node-and-guest.ts';
import { pems, startTlsServers, type TlsServers } from './tls-servers.ts';

/** TLS over what is open already: a socket, another TLS socket, a stream that is no socket at all. */

let pool: Pool;
let servers: TlsServers;

beforeAll(async () => {
  servers = await startTlsServers();
  pool = await createTestPool();
});

afterAll(async () => {
  await pool?.close();
  await servers.close();
});

const source = (
  body: string,
) => `const net = require('net'); const tls = require('tls'); const { Duplex } = require('stream');
const next = (emitter, name) => new Promise((resolve) => emitter.once(name, resolve));
/** A socket to the server that asks for STARTTLS, which it has been sent and has answered. */
const greeted = async (socket = net.connect(startTls, '127.0.0.1')) => {
  const lines = [String(await next(socket, 'data'))];
  socket.write('STARTTLS\\n');
  lines.push(String(await next(socket, 'data')));
  return { socket, lines };
};
/** As a driver wraps a handshake into packets of its own. */
const wrapped = (socket) => {
  const stream = new Duplex({
    read() { socket.resume(); },
    write(chunk, encoding, done) { socket.write(chunk, encoding, done); },
    final(done) { socket.end(done); },
    destroy(error, done) { socket.destroy(); done(error); },
  });
  socket.on('data', (bytes) => { if (!stream.push(bytes)) socket.pause(); });
  socket.on('end', () => stream.push(null));
  socket.on('error', (error) => stream.destroy(error));
  return stream;
};
${body}`;

const given = () => ({ ...servers.ports, ...pems });
const guest = (body: string) => inIsolate(pool, source(body), given());

/** What the body answers in an isolate, when that is what it answers in Node. */
async function same(body: string): Promise<unknown> {
  const both = await inBoth(pool, source(body), given());
  expect(both.guest).toEqual(both.node);
  return both.guest;
}

describe('an open socket', () => {
  it('is upgraded after plain text has gone both ways', async () => {
    const body = `const { socket, lines } = await greeted();
      const secured = tls.connect({ socket, ca, servername: 'localhost' });
      const seen = [];
      for (const [name, emitter] of [['tcp', socket], ['tls', secured]]) {
        for (const event of ['connect', 'secureConnect', 'data', 'end', 'error', 'close']) {
          emitter.on(event, (...args) => seen.push([name, event, ...args.map((arg) => (Buffer.isBuffer(arg) ? String(arg) : arg))]));
        }
      }
      await next(secured, 'secureConnect');
      const ends = [secured.remoteAddress, secured.remotePort === startTls, secured.authorized];
      secured.end('secret');
      await Promise.all([next(secured, 'close'), next(socket, 'close')]);
      return { lines, seen: seen.filter(([, event]) => event !== 'close'), closed: seen.filter(([, event]) => event === 'close').sort(), ends }`;
    expect(await same(body)).toEqual({
      lines: ['220 welcome\n', 'got STARTTLS\n'],
      seen: [
        ['tls', 'secureConnect'],
        ['tls', 'data', 'secret'],
        ['tls', 'end'],
      ],
      closed: [
        ['tcp', 'close', false],
        ['tls', 'close', false],
      ],
      ends: ['127.0.0.1', true, true],
    });
  });

  it('that is still connecting is upgraded when it stands, and what is written waits', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1');
      const secured = tls.connect({ socket, ca });
      const seen = eventsOf(secured, 'connect', 'secureConnect', 'data', 'end', 'close');
      const before = [secured.connecting, secured.pending];
      secured.end('early');
      await closeOf(secured); return [before, seen]`;
    expect(await same(body)).toEqual([
      [true, expect.any(Boolean)],
      [['connect'], ['secureConnect'], ['data', 'early'], ['end'], ['close', false]],
    ]);
  });

  it('that cannot be connected fails with both', async () => {
    const body = `const socket = net.connect({ port: 1, host: '127.0.0.1' }); const secured = tls.connect({ socket, ca });
      const errors = [];
      socket.on('error', ({ code }) => errors.push(['tcp', code])); secured.on('error', ({ code }) => errors.push(['tls', code]));
      await closeOf(secured); return errors.sort()`;
    expect(await same(body)).toEqual([
      ['tcp', 'ECONNREFUSED'],
      ['tls', 'ECONNREFUSED'],
    ]);
  });

  it('that is closed already is an error', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1'); socket.destroy(); await closeOf(socket);
      const error = await new Promise((resolve) => tls.connect({ socket, ca }).on('error', resolve)); return error.code`;
    expect(await guest(body)).toBe('ERR_SOCKET_CLOSED');
  });

  it.each([
    ['the socket below', 'socket.destroy()'],
    ['the TLS socket', 'secured.destroy()'],
  ])('the end of %s is the end of both', async (_which, end) => {
    const body = `const { socket } = await greeted();
      const secured = tls.connect({ socket, ca, servername: 'localhost' });
      await next(secured, 'secureConnect');
      const closed = Promise.all([closeOf(socket), closeOf(secured)]);
      ${end}; await closed; return [socket.destroyed, secured.destroyed]`;
    expect(await same(body)).toEqual([true, true]);
    await expect.poll(() => servers.startTls.connections()).toBe(0);
  });

  it('of a peer nobody vouches for is closed with both', async () => {
    const body = `const { socket } = await greeted();
      const secured = tls.connect({ socket, ca: otherCa });
      const seen = eventsOf(secured, 'secureConnect', 'error', 'close'); const tcp = eventsOf(socket, 'error', 'close');
      await Promise.all([closeOf(socket), closeOf(secured)]); return [seen, tcp]`;
    expect(await same(body)).toEqual([
      [
        ['error', expect.objectContaining({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })],
        ['close', true],
      ],
      [['close', false]],
    ]);
  });

  it('is judged by the name it was connected to', async () => {
    const body = `const verdictAt = async (options) => {
        const { socket } = await greeted();
        const secured = tls.connect({ socket, ca, ...options });
        const code = await new Promise((resolve) => secured.on('secureConnect', resolve).on('error', ({ code }) => resolve(code)));
        secured.destroy(); return code;
      };
      return [await verdictAt({}), await verdictAt({ host: '127.0.0.1' }), await verdictAt({ host: 'db.example' })]`;
    expect(await same(body)).toEqual([null, null, 'ERR_TLS_CERT_ALTNAME_INVALID']);
  });

  it('is not idle while TLS over it is not', async () => {
    const body = `const { socket } = await greeted(); let longestMs = 0; let isIdle = false;
      const secured = tls.connect({ socket, ca, servername: 'localhost' }).resume();
      await next(secured, 'secureConnect');
      socket.setTimeout(150, () => { isIdle = true; });
      for (let index = 0; index < 8; index++) {
        const started = Date.now();
        secured.write('x'); await new Promise((resolve) => setTimeout(resolve, 40));
        longestMs = Math.max(longestMs, Date.now() - started);
      }
      const tooSoon = isIdle && longestMs < 140;
      if (!isIdle) await next(socket, 'timeout');
      secured.destroy(); return [tooSoon, isIdle]`;
    expect(await same(body)).toEqual([false, true]);
  });

  it('carries 4 MB after the upgrade', async () => {
    const body = `const { socket } = await greeted();
      const secured = tls.connect({ socket, ca, servername: 'localhost' });
      const big = Buffer.alloc(4 * 1024 * 1024, 'x'); let count = 0;
      secured.on('data', (bytes) => { count += bytes.length; });
      secured.end(big); await closeOf(secured); return count === big.length`;
    expect(await same(body)).toBe(true);
  });

  it('fails with the error of OpenSSL when it is upgraded with a key that is none', async () => {
    const body = `const { socket } = await greeted(); const seen = [];
      try { tls.connect({ socket, ca, cert: clientCert, key: 'rubbish' }).on('error', ({ code }) => seen.push(code)) }
      catch ({ code }) { seen.push(code) }
      while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      return seen[0]`;
    expect(await same(body)).toMatch(/^ERR_OSSL/);
  });
});

describe('new tls.TLSSocket, as drivers make it', () => {
  const upgrade = (options: string) => `
    const { socket } = await greeted();
    socket.removeAllListeners('data');
    const secured = new tls.TLSSocket(socket, { requestCert: true, isServer: false, ${options} });
    const seen = eventsOf(secured, 'secure', 'secureConnect', '_tlsError', 'error', 'close');
    secured._start();`;

  it('tells of `secure` and verifies on request', async () => {
    const body = `${upgrade('rejectUnauthorized: true, secureContext: tls.createSecureContext({ ca })')}
      await next(secured, 'secure');
      const verified = secured.ssl.verifyError();
      secured.end('over TLS'); const text = await textOf(secured);
      if (!seen.some(([name]) => name === 'close')) await closeOf(secured);
      return [verified, text, seen, secured.authorized, secured.encrypted]`;
    expect(await same(body)).toEqual([null, 'over TLS', [['secure'], ['close', false]], false, true]);
  });

  it('says what is wrong with the peer and refuses nobody', async () => {
    const body = `${upgrade('rejectUnauthorized: true, secureContext: tls.createSecureContext({ ca: otherCa })')}
      await next(secured, 'secure');
      const error = secured.ssl.verifyError();
      secured.end('over TLS'); return [told(error), error instanceof Error, await textOf(secured)]`;
    expect(await same(body)).toEqual([
      expect.objectContaining({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }),
      true,
      'over TLS',
    ]);
  });

  it('does not ask for the name', async () => {
    const body = `${upgrade("host: 'db.example', secureContext: tls.createSecureContext({ ca })")}
      await next(secured, 'secure'); const error = secured.ssl.verifyError(); secured.destroy(); return told(error)`;
    expect(await same(body)).toBe(null);
  });

  it('tells of a handshake that fails by `_tlsError`, and it is not uncaught', async () => {
    const body = `const socket = net.connect(plain, '127.0.0.1'); await next(socket, 'connect');
      const secured = new tls.TLSSocket(socket, { secureContext: tls.createSecureContext({ ca }) });
      const codes = []; secured.on('_tlsError', ({ code }) => codes.push(code));
      secured._start();
      await Promise.all([closeOf(secured), closeOf(socket)]); return codes`;
    expect(await same(body)).toEqual(['ERR_SSL_WRONG_VERSION_NUMBER']);
  });

  it('without a socket connects one of its own', async () => {
    const body = `const secured = new tls.TLSSocket(undefined, { secureContext: tls.createSecureContext({ ca }) });
      secured.connect(echo, '127.0.0.1', () => secured._start());
      await next(secured, 'secure'); secured.end('x'); return textOf(secured)`;
    expect(await same(body)).toBe('x');
  });
});

describe('a stream that is no socket', () => {
  it('carries TLS', async () => {
    const body = `const socket = net.connect(echo, '127.0.0.1'); const stream = wrapped(socket);
      const secured = tls.connect({ socket: stream, ca, servername: 'localhost' });
      const seen = eventsOf(secured, 'secureConnect', 'data', 'end', 'error', 'close');
      await next(secured, 'secureConnect');
      const agreed = [secured.getProtocol(), secured.authorized, secured.getPeerCertificate().subject.CN];
      secured.end('hidden'); await closeOf(secured);
      return [agreed, seen]`;
    expect(await same(body)).toEqual([
      ['TLSv1.3', true, 'localhost'],
      [['secureConnect'], ['data', 'hidden'], ['end'], ['close', false]],
    ]);
    await expect.poll(() => servers.echo.connections()).toBe(0);
  });

  it('carries a few megabytes and waits for who reads slowly', async () => {
    const body = `const stream = wrapped(net.connect(echo, '127.0.0.1'));
      const secured = tls.connect({ socket: stream, ca, servername: 'localhost' });
      const bytes = 6 * 1024 * 1024; let count = 0; let pauses = 0;
      secured.on('data', (chunk) => {
        count += chunk.length;
        if (pauses < 5) { pauses++; secured.pause(); setTimeout(() => secured.resume(), 20); }
      });
      secured.end(Buffer.alloc(bytes, 'x'));
      await closeOf(secured); return [count === bytes, pauses]`;
    expect(await same(body)).toEqual([true, 5]);
  });

  it('by whom nobody vouches is refused', async () => {
    const body = `const stream = wrapped(net.connect(echo, '127.0.0.1'));
      const secured = tls.connect({ socket: stream, ca: otherCa }); const seen = eventsOf(secured, 'secureConnect', 'error', 'close');
      await closeOf(secured); return seen`;
    expect(await same(body)).toEqual([
      ['error', expect.objectContaining({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })],
      ['close', true],
    ]);
    await expect.poll(() => servers.echo.connections()).toBe(0);
  });

  it('that fails takes TLS with it', async () => {
    const body = `const stream = wrapped(net.connect(echo, '127.0.0.1'));
      const secured = tls.connect({ socket: stream, ca, servername: 'localhost' });
      await next(secured, 'secureConnect');
      const error = next(secured, 'error');
      stream.destroy(Object.assign(new Error('mine'), { code: 'EMINE' }));
      const closed = closeOf(secured); const { code } = await error; await closed; return code`;
    expect(await same(body)).toBe('EMINE');
  });

  it('may be TLS itself, as through a proxy', async () => {
    const body = `const outer = tls.connect({ port: tunnel, host: '127.0.0.1', ca });
      await next(outer, 'secureConnect');
      const inner = tls.connect({ socket: outer, ca, servername: 'localhost' });
      await next(inner, 'secureConnect');
      inner.write('twice'); const text = String(await next(inner, 'data')); inner.destroy(); return text`;
    expect(await same(body)).toBe('twice');
    await expect.poll(() => servers.tunnel.connections() + servers.echo.connections()).toBe(0);
  });
});
