import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import {
  authority,
  clientCertificate,
  clientKey,
  encryptedClientKey,
  otherCertificate,
  otherKey,
  pfx,
  serverCertificate,
  serverKey,
  tripleDesPfx,
} from '../host/client-certificate.ts';
import { createTestPool, resultOf } from '../sandbox-pool.ts';

let pool: Pool;
const servers: Server[] = [];
/** Requests for /slow. */
const underWay = { now: 0, most: 0 };
const configuration: Record<string, string> = {
  CA: authority,
  CERT: clientCertificate,
  KEY: clientKey,
  ENCRYPTED_KEY: encryptedClientKey,
  PFX: pfx.toString('base64'),
  OLD_PFX: tripleDesPfx.toString('base64'),
};

/** Answers who the client says it is, by which protocol and for which server name. */
async function listen(name: string, options: ServerOptions): Promise<void> {
  const server = createServer({ ca: authority, ...options }, (request, response) => {
    const socket = request.socket as TLSSocket & { servername?: string | false };
    const client = socket.getPeerCertificate().subject?.CN ?? 'nobody';
    const answer = JSON.stringify({ client, protocol: socket.getProtocol(), servername: socket.servername });
    if (request.url !== '/slow') return response.end(answer);
    underWay.now++;
    underWay.most = Math.max(underWay.most, underWay.now);
    setTimeout(() => {
      underWay.now--;
      response.end(answer);
    }, 20);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  configuration[name] = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

beforeAll(async () => {
  const own = { key: serverKey, cert: serverCertificate };
  await Promise.all([
    listen('URL', { ...own, requestCert: true, rejectUnauthorized: false }),
    listen('CLIENTS_ONLY', { ...own, requestCert: true, rejectUnauthorized: true }),
    listen('OTHER_NAME', { key: otherKey, cert: otherCertificate }),
    listen('TLS_1_2', { ...own, maxVersion: 'TLSv1.2' }),
  ]);
  pool = await createTestPool();
});

afterAll(async () => {
  await pool?.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** The clients that scripts use, each with the same options for TLS. */
const clients = `
const https = require('https');
const readAll = (response) => new Promise((resolve, reject) => {
  let text = '';
  response.setEncoding('utf8').on('data', (more) => { text += more; }).on('end', () => resolve(JSON.parse(text)));
  response.on('error', reject);
});
const viaHttps = (url, options) => new Promise((resolve, reject) => {
  https.get(url, options, (response) => readAll(response).then(resolve, reject)).on('error', reject);
});
const viaRequest = (url, options) => new Promise((resolve, reject) => {
  require('request')({ url, json: true, ...options }, (error, _, body) => (error ? reject(error) : resolve(body)));
});
const via = {
  https: viaHttps,
  agent: (url, options) => viaHttps(url, { agent: new https.Agent(options) }),
  axios: (url, options) =>
    require('axios').get(url, options && { httpsAgent: new https.Agent(options) }).then(({ data }) => data),
  fetch2: (url, options) =>
    require('node-fetch')(url, options && { agent: new https.Agent(options) }).then((response) => response.json()),
  request: viaRequest,
  agentOptions: (url, agentOptions) => viaRequest(url, { agentOptions }),
};
const codeOf = (promise) => promise.then((value) => value, (error) => error.code);
async function all(url, options) {
  const answers = {};
  for (const name in via) answers[name] = await codeOf(via[name](url, options));
  return answers;
}`;

const names = ['https', 'agent', 'axios', 'fetch2', 'request', 'agentOptions'];
const each = (answer: unknown) => Object.fromEntries(names.map((name) => [name, answer]));

function run(body: string): Promise<unknown> {
  const source = `${clients}
    function getUser(id, context, callback) {
      (async () => { ${body} })().then((result) => callback(null, result), callback);
    }`;
  return resultOf(pool, source, { configuration, isolation: 'execution' });
}

describe('the authority', () => {
  it('given to any client is the one that counts', async () => {
    expect(await run('return all(configuration.URL);')).toEqual(each('SELF_SIGNED_CERT_IN_CHAIN'));
    for (const ca of ['configuration.CA', '[configuration.CA]', 'Buffer.from(configuration.CA)']) {
      expect(await run(`return all(configuration.URL, { ca: ${ca} });`)).toEqual(
        each(expect.objectContaining({ client: 'nobody' })),
      );
    }
  });

  it.each([
    ['ca', 'https.globalAgent.options.ca = configuration.CA;'],
    ['rejectUnauthorized', 'https.globalAgent.options.rejectUnauthorized = false;'],
    ['replaced', 'https.globalAgent = new https.Agent({ ca: configuration.CA });'],
    [
      'replaced late',
      "const axios = require('axios'); require('https').globalAgent = new https.Agent({ ca: configuration.CA });",
    ],
  ])('of the global agent counts for all that have none of their own: %s', async (_what, set) => {
    const answers = await run(`${set}
      return {
        https: await codeOf(viaHttps(configuration.URL, {})),
        axios: await codeOf(via.axios(configuration.URL)),
        fetch2: await codeOf(via.fetch2(configuration.URL)),
        request: await codeOf(viaRequest(configuration.URL, {})),
        none: await codeOf(viaHttps(configuration.URL, { agent: undefined })),
        own: await codeOf(viaHttps(configuration.URL, { agent: new https.Agent() })),
        withoutAny: await codeOf(viaHttps(configuration.URL, { agent: false })),
        fetch: await fetch(configuration.URL).then(() => 'fetched', (error) => error.cause.code),
      };`);
    const answered = expect.objectContaining({ client: 'nobody' });
    const refused = 'SELF_SIGNED_CERT_IN_CHAIN';
    expect(answers).toEqual({
      https: answered,
      axios: answered,
      fetch2: answered,
      request: answered,
      none: answered,
      own: refused,
      withoutAny: refused,
      // Node's fetch has nothing to do with agents either.
      fetch: refused,
    });
  });

  it('is not asked for with rejectUnauthorized: false, strictSSL: false included', async () => {
    const answered = expect.objectContaining({ client: 'nobody' });
    expect(await run('return all(configuration.URL, { rejectUnauthorized: false });')).toEqual(
      each(answered),
    );
    expect(await run('return viaRequest(configuration.URL, { strictSSL: false });')).toEqual(answered);
  });

  it("of an agent counts before a request's, as in Node", async () => {
    const body = `const agent = new https.Agent({ rejectUnauthorized: true });
      return codeOf(viaHttps(configuration.URL, { agent, rejectUnauthorized: false }));`;
    expect(await run(body)).toBe('SELF_SIGNED_CERT_IN_CHAIN');
  });
});

describe('the certificate of a client', () => {
  const identified = expect.objectContaining({ client: 'a script' });

  it.each([
    ['key and cert', 'key: configuration.KEY, cert: configuration.CERT'],
    ['Buffers', 'key: Buffer.from(configuration.KEY), cert: Buffer.from(configuration.CERT)'],
    ['lists', 'key: [configuration.KEY], cert: [configuration.CERT]'],
    ['an encrypted key', "key: configuration.ENCRYPTED_KEY, passphrase: 'open', cert: configuration.CERT"],
    [
      'pem and passphrase',
      "key: [{ pem: configuration.ENCRYPTED_KEY, passphrase: 'open' }], cert: configuration.CERT",
    ],
    ['an older pfx', "pfx: Buffer.from(configuration.OLD_PFX, 'base64'), passphrase: 'open'"],
    ['buf and passphrase', "pfx: [{ buf: Buffer.from(configuration.PFX, 'base64'), passphrase: 'open' }]"],
  ])('given as %s reaches a server that asks for one', async (_what, options) => {
    const answers = await run(
      `return all(configuration.CLIENTS_ONLY, { ca: configuration.CA, ${options} });`,
    );
    expect(answers).toEqual(each(identified));
  });

  it('in a pfx brings its authority with it, as in Node', async () => {
    const options = "{ pfx: Buffer.from(configuration.PFX, 'base64'), passphrase: 'open' }";
    expect(await run(`return all(configuration.CLIENTS_ONLY, ${options});`)).toEqual(each(identified));
  });

  it('is missed by that server', async () => {
    const answers = await run('return all(configuration.CLIENTS_ONLY, { ca: configuration.CA });');
    expect(answers).toEqual(each(expect.stringMatching(/^(ECONNRESET|ERR_SSL_\w*CERTIFICATE_REQUIRED)$/)));
  });

  it.each([
    [
      'a wrong passphrase',
      "key: configuration.ENCRYPTED_KEY, passphrase: 'wrong', cert: configuration.CERT",
      /BAD_DECRYPT/,
    ],
    ['a key that is none', "key: 'no key', cert: configuration.CERT", /^ERR_OSSL_/],
    [
      'a certificate that is none',
      "key: configuration.KEY, cert: 'no certificate'",
      /^ERR_OSSL_PEM_NO_START_LINE$/,
    ],
    ['another key', 'key: configuration.CA_KEY, cert: configuration.CERT', /^ERR_OSSL_/],
  ])('with %s fails and harms nobody else', async (_what, options, code) => {
    const failing = `return codeOf((async () => viaHttps(configuration.URL, { ca: configuration.CA, ${options} }))());`;
    configuration.CA_KEY = otherKey;
    expect(await run(failing)).toMatch(code);
    expect(await run('return viaHttps(configuration.URL, { ca: configuration.CA });')).toMatchObject({
      client: 'nobody',
    });
  });
});

describe('versions and ciphers', () => {
  const tls = (options: string, url = 'URL') =>
    run(
      `return codeOf((async () => viaHttps(configuration.${url}, { ca: configuration.CA, ${options} }))());`,
    );

  it.each([
    ["maxVersion: 'TLSv1.2'", 'TLSv1.2'],
    ["secureProtocol: 'TLSv1_2_method'", 'TLSv1.2'],
    ["minVersion: 'TLSv1.3'", 'TLSv1.3'],
    ["maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256'", 'TLSv1.2'],
    ["secureOptions: require('crypto').constants.SSL_OP_NO_TLSv1_3", 'TLSv1.2'],
  ])('%s is what is spoken', async (options, protocol) => {
    expect(await tls(options)).toMatchObject({ protocol });
  });

  it.each([
    ["minVersion: 'TLSv1.3'", /ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION/],
    ["minVersion: 'TLSv9'", /ERR_TLS_INVALID_PROTOCOL_VERSION/],
    ["secureProtocol: 'nope'", /ERR_TLS_INVALID_PROTOCOL_METHOD/],
    ["ciphers: 'nope'", /ERR_SSL_NO_CIPHER_MATCH/],
    ["ecdhCurve: 'nope'", /ERR_CRYPTO_OPERATION_FAILED/],
  ])('%s fails by the name that Node gives it', async (options, code) => {
    expect(await tls(options, 'TLS_1_2')).toMatch(code);
  });

  it('tells no address of the host in what OpenSSL says', async () => {
    const body = `return viaHttps(configuration.TLS_1_2, { ca: configuration.CA, minVersion: 'TLSv1.3' })
      .catch((error) => error.message);`;
    expect(await run(body)).toMatch(/^error:[0-9A-F]{8}:SSL routines:.*[^\n]$/);
  });
});

describe('the name of the server', () => {
  const outcome = (options: string, url = 'OTHER_NAME') =>
    run(`return (async () => viaHttps(configuration.${url}, { ca: configuration.CA, ${options} }))()
      .then((value) => value, (error) => error.code);`);

  it('has to be in its certificate', async () => {
    expect(await outcome('')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await outcome("servername: 'other.test'")).toMatchObject({ servername: 'other.test' });
  });

  it.each([
    ['', 'localhost'],
    ["servername: 'upstream.test'", 'upstream.test'],
    ["servername: 'upstream.test', headers: { host: 'elsewhere.test' }", 'upstream.test'],
  ])('is the one of the URL or the one that is asked for: %s', async (options, servername) => {
    const body = `const url = configuration.URL.replace('127.0.0.1', 'localhost');
      return codeOf(viaHttps(url, { ca: configuration.CA, ${options} }));`;
    expect(await run(body)).toMatchObject({ servername });
  });

  it.each(['() => undefined', '() => null', 'function (host, certificate) {}'])(
    'is not looked at with checkServerIdentity: %s',
    async (check) => {
      expect(await outcome(`checkServerIdentity: ${check}`)).toMatchObject({ client: 'nobody' });
      // The authority still is.
      expect(await outcome(`checkServerIdentity: ${check}, ca: undefined`)).toBe('SELF_SIGNED_CERT_IN_CHAIN');
    },
  );

  it.each([
    '(host, certificate) => { if (certificate.fingerprint256 !== "AA") return new Error("pinned"); }',
    '(host, { subject }) => undefined',
    '(host, certificate) => { for (const name in certificate) return new Error(name); }',
    '() => new Error("never")',
    '(host) => { throw new Error(host); }',
    'async () => {}',
  ])('is not left to %s, which is refused by name', async (check) => {
    const body = `try { await viaHttps(configuration.URL, { ca: configuration.CA, checkServerIdentity: ${check} }); }
      catch (error) { return [error.code, error.message]; }`;
    expect(await run(body)).toEqual([
      'ERR_METHOD_NOT_IMPLEMENTED',
      expect.stringContaining('checkServerIdentity'),
    ]);
  });
});

describe('an agent', () => {
  it.each([
    ['of its own', 'new https.Agent({ ca: configuration.CA, maxSockets: 2 })'],
    ['set later', 'Object.assign(new https.Agent({ ca: configuration.CA }), { maxSockets: 2 })'],
  ])('with maxSockets %s has no more requests under way', async (_what, agent) => {
    underWay.most = 0;
    const body = `
      const agent = ${agent};
      const get = () => viaHttps(configuration.URL + 'slow', { agent });
      const axios = () => require('axios').get(configuration.URL + 'slow', { httpsAgent: agent });
      const answers = await Promise.all([get, axios, get, axios, get, axios, get].map((call) => call()));
      return answers.length;`;
    expect(await run(body)).toBe(7);
    expect(underWay.most).toBe(2);
  });

  it('gives a place on that is not needed any more', async () => {
    const body = `
      const agent = new https.Agent({ ca: configuration.CA, maxSockets: 1 });
      const requests = [1, 2, 3, 4].map(() => https.get(configuration.URL + 'slow', { agent }));
      for (const request of requests) request.on('error', () => {});
      for (const request of requests) request.destroy();
      return viaHttps(configuration.URL, { agent });`;
    expect(await run(body)).toMatchObject({ client: 'nobody' });
  });

  it('that makes its own sockets is refused by name, subclass or not', async () => {
    const body = `
      class ProxyAgent extends https.Agent { createConnection() {} }
      const codes = [];
      for (const agent of [new ProxyAgent(), { addRequest() {} }]) {
        codes.push(await codeOf((async () => viaHttps(configuration.URL, { agent }))()));
      }
      return codes;`;
    expect(await run(body)).toEqual(['ERR_METHOD_NOT_IMPLEMENTED', 'ERR_METHOD_NOT_IMPLEMENTED']);
  });
});
