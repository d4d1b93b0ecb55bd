import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { certificate, privateKey } from '../host/http-certificate.ts';
import { createTestPool, jobOf, resultOf, runSource } from '../sandbox-pool.ts';
import { inGuest } from './guest-script.ts';
import { startUpstream } from './upstream-server.ts';

const secure = createServer({ key: privateKey, cert: certificate }, (_request, response) =>
  response.end('over TLS'),
);
let upstream: Awaited<ReturnType<typeof startUpstream>>;
let pool: Pool;
let secureOrigin: string;

beforeAll(async () => {
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  secureOrigin = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
  upstream = await startUpstream();
  pool = await createTestPool();
});

afterAll(async () => {
  await pool?.close();
  await upstream.close();
  secure.closeAllConnections();
  secure.close();
});

describe('in an isolate', () => {
  it.each([
    [
      'request',
      `new Promise((resolve, reject) => require('request')({ url, json: true }, (error, response, body) => error ? reject(error) : resolve(body)))`,
    ],
    [
      'request with a form',
      `new Promise((resolve, reject) => require('request').post({ url, form: { a: 1 }, json: true }, (error, response, body) => error ? reject(error) : resolve(body)))`,
    ],
    ['request-promise', `require('request-promise')({ url, json: true })`],
    ['request-promise-native', `require('request-promise-native')({ url, json: true })`],
    ['node-fetch', `require('node-fetch')(url).then((response) => response.json())`],
    ['fetch', `fetch(url).then((response) => response.json())`],
    ['axios', `require('axios').get(url).then((response) => response.data)`],
    [
      'axios with its own adapter',
      `require('axios').get(url, { adapter: 'http' }).then((response) => response.data)`,
    ],
    [
      'axios with responseType stream',
      `require('axios').get(url, { responseType: 'stream' }).then(async ({ data }) => { let text = ''; for await (const chunk of data) text += chunk; return JSON.parse(text); })`,
    ],
    ['axios.postForm', `require('axios').postForm(url, { a: 1 }).then((response) => response.data)`],
    [
      'form-data',
      `(() => { const FormData = require('form-data'); const form = new FormData(); form.append('a', '1'); return require('axios').post(url, form).then((response) => response.data); })()`,
    ],
    [
      'http',
      `new Promise((resolve, reject) => require('http').get(url, (response) => { let text = ''; response.on('data', (chunk) => { text += chunk; }); response.on('end', () => resolve(JSON.parse(text))); }).on('error', reject))`,
    ],
  ])('%s reads what the server says', async (_library, expression) => {
    const url = `${upstream.origin}/echo?a=1`;
    expect(await inGuest(pool, `const url = '${url}';\nreturn ${expression};`)).toMatchObject({
      url: '/echo?a=1',
    });
  });

  it.each([
    ['axios', `require('axios').get(url).then(({ data }) => data)`],
    ['fetch', `fetch(url).then((response) => response.text())`],
    [
      'request',
      `new Promise((resolve, reject) => require('request')(url, (error, response, body) => error ? reject(error) : resolve(body)))`,
    ],
  ])('%s refuses a certificate that nobody vouches for', async (_library, expression) => {
    const body = `const url = '${secureOrigin}';\nreturn ${expression}.catch((error) => (error.cause || error).code || error.code);`;
    expect(await inGuest(pool, body)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it.each([
    [
      'axios',
      `require('axios').get(url, { httpsAgent: new (require('https').Agent)({ rejectUnauthorized: false }) }).then(({ data }) => data)`,
    ],
    [
      'request',
      `new Promise((resolve, reject) => require('request')({ url, strictSSL: false }, (error, response, body) => error ? reject(error) : resolve(body)))`,
    ],
  ])('%s takes it when the script says so', async (_library, expression) => {
    expect(await inGuest(pool, `const url = '${secureOrigin}';\nreturn ${expression};`)).toBe('over TLS');
  });

  it('refuses an address that is not allowed: a network error to the script, the reason in the log', async () => {
    const job = jobOf(`function getUser(id, context, callback) {
      require('axios').get('http://169.254.169.254/latest/meta-data?token=secret').catch((error) => callback(null, { code: error.code, message: error.message }));
    }`);
    const { outcome } = await pool.execute(job);
    expect(outcome).toMatchObject({ kind: 'returned' });
    expect(JSON.parse((outcome as { result: string }).result)).toEqual({
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 169.254.169.254:80',
    });
    await expect
      .poll(() => job.events)
      .toContainEqual(
        expect.objectContaining({
          event: 'egress_blocked',
          level: 'warn',
          text: expect.stringContaining('is metadata'),
        }),
      );
    expect(JSON.stringify(job.events)).not.toContain('secret');
  });

  it('checks where a redirect leads', async () => {
    const url = `${upstream.origin}/redirect?to=http://169.254.169.254/`;
    const body = (call: string) =>
      `return ${call}.catch((error) => (error.cause || error).code || error.code);`;
    expect(await inGuest(pool, body(`require('axios').get('${url}')`))).toBe('ECONNREFUSED');
    expect(await inGuest(pool, body(`fetch('${url}')`))).toBe('ECONNREFUSED');
  });

  it('comes to rest when its requests have ended', async () => {
    const source = `function getUser(id, context, callback) {
      require('http').get('${upstream.origin}/json', { timeout: 4000 }, (response) => response.resume());
      require('axios').get('${upstream.origin}/json', { timeout: 4000 });
      fetch('${upstream.origin}/json');
    }`;
    const { outcome } = await runSource(pool, source);
    expect(outcome.kind).toBe('no_callback');
  });

  it('counts the time that upstreams take', async () => {
    const source = `function getUser(id, context, callback) {
      require('axios').get('${upstream.origin}/never', { timeout: 50 }).catch((error) => callback(null, error.code));
    }`;
    const { outcome, timings } = await runSource(pool, source);
    expect(outcome).toMatchObject({ kind: 'returned', result: '"ECONNABORTED"' });
    expect(timings.upstreamMs).toBeGreaterThan(40);
  });

  it('names what it does not do', async () => {
    const body = `try { require('net').createServer(); } catch (error) { return error.code; }`;
    expect(
      await resultOf(
        pool,
        `function getUser(id, context, callback) { callback(null, (() => { ${body} })()); }`,
      ),
    ).toBe('ERR_METHOD_NOT_IMPLEMENTED');
  });
});
