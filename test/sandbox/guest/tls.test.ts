import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool } from '../sandbox-pool.ts';
import { inBoth, inIsolate } from './node-and-guest.ts';
import { pems, startTlsServers, type TlsServers } from './tls-servers.ts';

let pool: Pool;
let servers: TlsServers;

beforeAll(async () => {
  servers = await startTlsServers();
  pool = await createTestPool({ egressAllow: ['127.0.0.1', 'localhost'] });
});

afterAll(async () => {
  await pool?.close();
  await servers.close();
});

const source = (body: string) => `const net = require('net'); const tls = require('tls');
/** The error's code, or what the connection says of its peer. */
const verdictOf = (socket) => new Promise((resolve) => {
  socket.once('error', (error) => resolve({ ...told(error), authorized: socket.authorized }));
  socket.once('secureConnect', () => {
    resolve({ authorized: socket.authorized, authorizationError: socket.authorizationError });
    socket.end();
  });
});
${body}`;

/** What the body answers in an isolate, when that is what it answers in Node. */
async function same(body: string): Promise<unknown> {
  const both = await inBoth(pool, source(body), { ...servers.ports, ...pems });
  expect(both.guest).toEqual(both.node);
  return both.guest;
}

const guest = (body: string) => inIsolate(pool, source(body), { ...servers.ports, ...pems });

describe('connect', () => {
  it.each([
    "tls.connect({ port: echo, host: '127.0.0.1', ca })",
    "tls.connect({ port: echo, host: 'localhost', ca })",
    'tls.connect(echo, { ca })',
    "tls.connect(echo, 'localhost', { ca })",
    "tls.connect(String(echo), 'localhost', { ca, servername: 'localhost' })",
    "tls.connect({ port: echo, host: 'localhost', ca: [otherCa, ca] })",
    "tls.connect({ port: echo, host: 'localhost', ca: Buffer.from(ca) })",
    "tls.connect({ port: echo, host: 'localhost', secureContext: tls.createSecureContext({ ca }) })",
    "tls.connect({ socket: net.connect(echo, '127.0.0.1'), ca })",
    "tls.connect({ socket: net.connect(echo, 'localhost'), host: 'localhost', ca })",
  ])('%s', async (call) => {
    const body = `const socket = ${call}; socket.end('over TLS'); return [await textOf(socket), socket instanceof net.Socket, socket.encrypted]`;
    expect(await same(body)).toEqual(['over TLS', true, true]);
  });

  it.each([
    ['(options, listener)', "tls.connect({ port: echo, host: 'localhost', ca }, done)"],
    ['(port, host, options, listener)', "tls.connect(echo, 'localhost', { ca }, done)"],
    ['(port, options, listener)', 'tls.connect(echo, { ca }, done)'],
  ])('takes %s', async (_form, call) => {
    const body = `return new Promise((resolve) => { const done = function () { resolve([this === socket, arguments.length]); this.destroy(); };
      const socket = ${call}; })`;
    expect(await same(body)).toEqual([true, 0]);
  });

  it('tells of events in the order of Node', async () => {
    const body = `const socket = tls.connect({ port: echo, host: 'localhost', ca });
      const seen = eventsOf(socket, 'lookup', 'connect', 'ready', 'secure', 'secureConnect', 'data', 'end', 'error', 'close');
      const before = [socket.connecting, socket.secureConnecting, socket.authorized, socket.alpnProtocol];
      socket.once('secureConnect', () => seen.push([socket.connecting, socket.secureConnecting, socket.authorized]));
      socket.end('hi');
      await closeOf(socket); return [before, seen]`;
    const [, seen] = (await same(body)) as [unknown, unknown[]];
    expect(seen.map((each) => (each as unknown[])[0])).toEqual([
      'lookup',
      'connect',
      'ready',
      'secureConnect',
      false,
      'secure',
      'data',
      'end',
      'close',
    ]);
  });

  it('tells what was agreed on and who the peer is', async () => {
    const body = `const socket = tls.connect({ port: chain, host: 'localhost', ca });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
      const { raw, pubkey, issuerCertificate, ...certificate } = socket.getPeerCertificate();
      const answer = { protocol: socket.getProtocol(), cipher: socket.getCipher(), authorized: socket.authorized,
        authorizationError: socket.authorizationError, alpn: socket.alpnProtocol, servername: socket.servername,
        reused: socket.isSessionReused(), certificate, raw: raw.toString('base64'), pubkey: pubkey.toString('base64'),
        isBuffer: [Buffer.isBuffer(raw), Buffer.isBuffer(pubkey)],
        ends: [socket.remoteAddress, socket.remotePort === chain, socket.remoteFamily] };
      socket.destroy(); return answer`;
    expect(await same(body)).toMatchObject({
      protocol: 'TLSv1.3',
      authorized: true,
      authorizationError: null,
      certificate: { subject: { CN: 'localhost' }, subjectaltname: expect.stringContaining('DNS:localhost') },
      ends: ['127.0.0.1', true, 'IPv4'],
    });
  });

  it('moves a megabyte there and back', async () => {
    const body = `const socket = tls.connect({ port: echo, host: 'localhost', ca }); const big = Buffer.alloc(1024 * 1024, 'x');
      const chunks = []; socket.on('data', (chunk) => chunks.push(chunk));
      socket.end(big); await closeOf(socket); return Buffer.concat(chunks).equals(big)`;
    expect(await same(body)).toBe(true);
  });

  it('is ended by a signal', async () => {
    const body = `const controller = new AbortController();
      const socket = tls.connect({ port: silent, host: 'localhost', ca, signal: controller.signal });
      const seen = eventsOf(socket, 'error', 'close'); socket.once('connect', () => controller.abort());
      await closeOf(socket); return seen.map(([name, error]) => [name, error.code])`;
    expect(await same(body)).toEqual([
      ['error', 'ABORT_ERR'],
      ['close', null],
    ]);
  });

  it('tells of idleness when a server does not shake hands', async () => {
    const body = `const socket = tls.connect({ port: silent, host: 'localhost', ca, timeout: 40 });
      await new Promise((resolve) => socket.once('timeout', resolve));
      const seen = eventsOf(socket, 'error', 'close'); socket.destroy(); await closeOf(socket); return seen`;
    expect(await same(body)).toEqual([['close', false]]);
  });
});

describe('the peer', () => {
  it.each([
    ['whose authority is given', 'port: chain, ca', null],
    ['with nobody to vouch for it', 'port: chain', 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['whose authority is not sent and not given', 'port: echo', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['of another authority', 'port: echo, ca: otherCa', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['that vouches for itself', 'port: selfSignedEcho', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['with an empty list of authorities', 'port: chain, ca: []', 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['by a wrong name', "port: chain, ca, servername: 'db.example'", 'ERR_TLS_CERT_ALTNAME_INVALID'],
    [
      'with rejectUnauthorized: undefined',
      'port: echo, rejectUnauthorized: undefined',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ])('%s is judged as in Node', async (_what, options, code) => {
    const verdict = await same(`return verdictOf(tls.connect({ host: 'localhost', ${options} }))`);
    expect(verdict).toMatchObject(
      code === null ? { authorized: true, authorizationError: null } : { code, authorized: false },
    );
  });

  it.each([
    ['nobody vouches for', 'port: chain', 'SELF_SIGNED_CERT_IN_CHAIN'],
    ['has another name', "port: chain, ca, servername: 'db.example'", 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])(
    'that %s is accepted with rejectUnauthorized: false, and the reason is told',
    async (_what, options, reason) => {
      const body = `return verdictOf(tls.connect({ host: 'localhost', rejectUnauthorized: false, ${options} }))`;
      expect(await same(body)).toEqual({ authorized: false, authorizationError: reason });
    },
  );

  it('is judged by the name that was looked up by the option lookup', async () => {
    const body = `const lookup = (name, options, callback) =>
        callback(null, options.all ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1', 4);
      return Promise.all(['localhost', 'db.example'].map((host) => verdictOf(tls.connect({ port: chain, host, ca, lookup }))))`;
    expect(await same(body)).toEqual([
      { authorized: true, authorizationError: null },
      expect.objectContaining({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
    ]);
  });

  it.each([
    ["new Error('not this one')", "{ message: 'not this one', authorized: false }"],
    ["Object.assign(new Error('mine'), { code: 'EMINE' })", "{ code: 'EMINE' }"],
    ['undefined', '{ authorized: true }'],
  ])("checkServerIdentity of the script's own that answers %s decides", async (answer) => {
    const body = `const seen = [];
      const checkServerIdentity = (host, { subject, subjectaltname, fingerprint256, raw }) => {
        seen.push(host, subject, subjectaltname, fingerprint256, Buffer.isBuffer(raw)); return ${answer};
      };
      const strict = await verdictOf(tls.connect({ port: chain, host: 'localhost', servername: 'db.example', ca, checkServerIdentity }));
      const lax = await verdictOf(tls.connect({ port: chain, host: 'localhost', ca, checkServerIdentity, rejectUnauthorized: false }));
      const untrusted = await verdictOf(tls.connect({ port: chain, host: 'localhost', checkServerIdentity, rejectUnauthorized: false }));
      return { strict, lax, untrusted, seen }`;
    const { seen } = (await same(body)) as { seen: unknown[] };
    // Nobody asks for the name of a peer that nobody vouches for.
    expect(seen.filter((each) => typeof each === 'boolean')).toEqual([true, true]);
    expect(seen[0]).toBe('db.example');
  });

  it.each([
    ["'localhost', { subject: { CN: 'localhost' } }", undefined],
    ["'a.db.example', { subject: { CN: 'a' }, subjectaltname: 'DNS:*.db.example' }", undefined],
    ["'127.0.0.1', { subject: {}, subjectaltname: 'IP Address:127.0.0.1' }", undefined],
    ["'db.example', { subject: { CN: 'localhost' } }", 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ["'a.b.example', { subject: {}, subjectaltname: 'DNS:*.example' }", 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ["'10.0.0.1', { subject: { CN: '10.0.0.1' } }", 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ["'db.example', {}", 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ["'db.example', { subject: { CN: ['a.example', 'db.example'] } }", undefined],
  ])('tls.checkServerIdentity(%s)', async (args, code) => {
    const body = `const error = tls.checkServerIdentity(${args});
      return error && { ...told(error), reason: error.reason, host: error.host, cert: error.cert }`;
    const answer = await same(body);
    if (code === undefined) expect(answer).toBeUndefined();
    else expect(answer).toMatchObject({ code, reason: expect.any(String) });
  });
});

describe('NODE_TLS_REJECT_UNAUTHORIZED', () => {
  it.each([
    ["'0'", '', { authorized: false, authorizationError: 'SELF_SIGNED_CERT_IN_CHAIN' }],
    ["'1'", '', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }],
    ["'0'", 'rejectUnauthorized: true', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }],
  ])('set to %s holds for tls, %s', async (value, options, verdict) => {
    const body = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = ${value};
      return verdictOf(tls.connect({ port: chain, host: 'localhost', ${options} }))`;
    expect(await guest(body)).toMatchObject(verdict);
  });
});

describe('options', () => {
  it('cert and key are the client certificate', async () => {
    const body = `const socket = tls.connect({ port: mutual, host: 'localhost', ca, cert: clientCert, key: clientKey }); return textOf(socket)`;
    expect(await same(body)).toBe('jane');
    expect(await same("return textOf(tls.connect({ port: mutual, host: 'localhost', ca }))")).toBe('nobody');
  });

  it('a server that knows no client but by certificate refuses one without', async () => {
    const body = `const socket = tls.connect({ port: clientsOnly, host: 'localhost', ca });
      const error = await new Promise((resolve) => socket.on('error', resolve));
      return error.code`;
    expect(await same(body)).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED');
  });

  it.each([
    ["ALPNProtocols: ['http/1.1']", ['http/1.1', false]],
    ["ALPNProtocols: ['h2', 'http/1.1'], servername: 'localhost'", ['h2', 'localhost']],
    ['', [false, false]],
  ])('{ %s } is what the server is asked for', async (options, asked) => {
    const body = `const socket = tls.connect({ port: asked, host: 'localhost', ca, ${options} });
      const text = await textOf(socket); return [JSON.parse(text), socket.alpnProtocol]`;
    expect(await same(body)).toEqual([asked, asked[0]]);
  });

  it('an address is no server name', async () => {
    const body = `const socket = tls.connect({ port: asked, host: '127.0.0.1', ca, servername: '127.0.0.1' }); return textOf(socket)`;
    expect(await guest(body)).toBe('[false,false]');
  });

  it('maxVersion and minVersion are kept to', async () => {
    const body = `const socket = tls.connect({ port: echo, host: 'localhost', ca, maxVersion: 'TLSv1.2' });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
      const protocol = socket.getProtocol(); socket.destroy();
      const { code } = await verdictOf(tls.connect({ port: tls12, host: 'localhost', ca, minVersion: 'TLSv1.3' }));
      return [protocol, code]`;
    expect(await same(body)).toEqual(['TLSv1.2', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION']);
  });

  it('tls.DEFAULT_MAX_VERSION holds for what comes after', async () => {
    const body = `tls.DEFAULT_MAX_VERSION = 'TLSv1.2';
      const socket = tls.connect({ port: echo, host: 'localhost', ca });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
      const protocol = socket.getProtocol(); socket.destroy(); return [protocol, tls.DEFAULT_MAX_VERSION, tls.DEFAULT_MIN_VERSION]`;
    expect(await guest(body)).toEqual(['TLSv1.2', 'TLSv1.2', 'TLSv1.2']);
  });

  it('ciphers are kept to', async () => {
    const body = `const socket = tls.connect({ port: tls12, host: 'localhost', ca, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
      const { name } = socket.getCipher(); socket.destroy(); return name`;
    expect(await same(body)).toBe('ECDHE-ECDSA-AES128-GCM-SHA256');
  });

  it.each([
    "cert: 'rubbish', key: 'rubbish'",
    "key: 'rubbish'",
    'cert: clientCert, key: pems.otherKey',
    "minVersion: 'TLSv9'",
    "ciphers: 'NO-SUCH-CIPHER'",
    "passphrase: 'x', key: '-----BEGIN ENCRYPTED PRIVATE KEY-----\\nAAAA\\n-----END ENCRYPTED PRIVATE KEY-----'",
  ])('createSecureContext({ %s }) throws what it throws in Node', async (options) => {
    const body = `const pems = { otherKey: require('crypto').generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) };
      try { tls.createSecureContext({ ${options} }); return 'nothing is thrown' } catch ({ code }) { return code }`;
    expect(await same(body)).toMatch(/^ERR_/);
  });

  it('createSecureContext takes an authority that is none, as Node does', async () => {
    const body = `const outcome = (ca) => { try { return typeof tls.createSecureContext({ ca }) } catch ({ code }) { return code } };
      return [outcome('rubbish'), outcome(ca), outcome([])]`;
    expect(await same(body)).toEqual([expect.any(String), 'object', 'object']);
  });

  it('rootCertificates are the list of Node', async () => {
    const body = 'return [tls.rootCertificates.length, tls.rootCertificates[0]]';
    expect(await same(body)).toEqual([
      expect.any(Number),
      expect.stringMatching(/^-----BEGIN CERTIFICATE-----/),
    ]);
  });
});

describe('a handshake that fails', () => {
  const failing = (options: string) =>
    `const socket = tls.connect({ host: '127.0.0.1', ca, ${options} }); const seen = eventsOf(socket, 'secureConnect', 'error', 'close');
     await closeOf(socket); return seen`;

  it('since the server speaks no TLS', async () => {
    // The message has a number of OpenSSL's in it.
    const body = failing('port: plain').replace(
      'return seen',
      'return seen.map(([name, error]) => [name, error?.code])',
    );
    expect(await same(body)).toEqual([
      ['error', 'ERR_SSL_WRONG_VERSION_NUMBER'],
      ['close', null],
    ]);
  });

  it.each([
    ['since the server ends', 'port: ending', 'ECONNRESET'],
    ['since the server resets', 'port: resetting', 'ECONNRESET'],
  ])('%s', async (_why, options, code) => {
    expect(await same(failing(options))).toEqual([
      ['error', expect.objectContaining({ code })],
      ['close', true],
    ]);
  });

  it('since nobody listens', async () => {
    const { port, close } = await portOfNobody();
    await close();
    expect(await same(failing(`port: ${port}`))).toEqual([
      ['error', expect.objectContaining({ code: 'ECONNREFUSED', port })],
      ['close', true],
    ]);
  });
});

async function portOfNobody() {
  const { createServer } = await import('node:net');
  const { listenOnLoopback } = await import('../../servers/listen.ts');
  return listenOnLoopback(createServer());
}
