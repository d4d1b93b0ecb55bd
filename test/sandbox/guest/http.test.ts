import { once } from 'node:events';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectGuest, loadLibrary } from './http-bridge.ts';
import { startUpstream } from './upstream-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: node:http and the guest's, as a script would use either
type Http = any;

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let bridge: Awaited<ReturnType<typeof connectGuest>>;
let http: Http;
let https: Http;

beforeAll(async () => {
  [upstream, bridge] = await Promise.all([
    startUpstream(),
    connectGuest({ limits: { responseBytes: 1_000_000 } }),
  ]);
  ({ http } = await bridge.guest('modules/http.ts'));
  ({ https } = await bridge.guest('modules/https.ts'));
});

afterAll(async () => {
  bridge.close();
  await upstream.close();
});

async function read(response: Http): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  response.on('data', (chunk: string) => {
    text += chunk;
  });
  await once(response, 'end');
  return text;
}

async function responseOf(request: Http): Promise<Http> {
  const [response] = await once(request, 'response');
  return response;
}

describe('http', () => {
  it('gets by URL, by string and by options', async () => {
    const { port } = upstream;
    const requests = [
      http.get(`${upstream.origin}/echo?a=1`),
      http.get(new URL(`${upstream.origin}/echo?a=1`)),
      http.get({ host: '127.0.0.1', port, path: '/echo?a=1' }),
      http.get('http://127.0.0.1:1/', { port, path: '/echo?a=1' }),
    ];
    for (const request of requests) {
      const { url } = JSON.parse(await read(await responseOf(request)));
      expect(url).toBe('/echo?a=1');
    }
  });

  it('sends what was written, with its headers', async () => {
    const request = http.request(`${upstream.origin}/echo`, {
      method: 'post',
      headers: { 'X-List': ['a', 'b'], Cookie: ['c=1', 'd=2'] },
      auth: 'jane:secret',
    });
    request.setHeader('X-Late', 1);
    request.write('grüß ');
    request.end(Buffer.from('dich'));
    const echoed = JSON.parse(await read(await responseOf(request)));
    expect(echoed).toMatchObject({
      method: 'POST',
      body: Buffer.from('grüß dich').toString('latin1'),
      headers: {
        'x-list': 'a, b',
        cookie: 'c=1; d=2',
        'x-late': '1',
        authorization: `Basic ${Buffer.from('jane:secret').toString('base64')}`,
        'content-length': '11',
      },
    });
  });

  it('has status, merged headers and raw headers on the response', async () => {
    const response = await responseOf(http.get(`${upstream.origin}/cookies`));
    expect(response).toMatchObject({
      statusCode: 200,
      statusMessage: 'OK',
      httpVersion: '1.1',
      headers: { 'set-cookie': ['a=1', 'b=2'], 'x-twice': 'one, two', 'content-type': 'text/plain' },
      complete: true,
    });
    expect(response.rawHeaders).toContain('X-Twice');
    expect(await read(response)).toBe('ok');
  });

  it('streams a large body', async () => {
    const response = await responseOf(http.get(`${upstream.origin}/big`));
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    expect(bytes).toBe(300_000);
  });

  it('lets a response run out that nobody reads', async () => {
    const request = http.get(`${upstream.origin}/json`);
    await once(request, 'close');
    expect(request.res.complete).toBe(true);
  });

  it('emits the error of the network with its code', async () => {
    const [error] = await once(http.get('http://127.0.0.1:1/'), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port: 1 });
  });

  it('emits "socket hang up" when the server ends the connection', async () => {
    const [error] = await once(http.get(`${upstream.origin}/reset`), 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  it('emits "aborted" when the body is cut off', async () => {
    const response = await responseOf(http.get(`${upstream.origin}/cut`));
    response.resume();
    const [error] = await once(response, 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET', message: 'aborted' });
    expect(response).toMatchObject({ aborted: true, complete: false });
  });

  it('emits "timeout" and can be destroyed then', async () => {
    const request = http.get(`${upstream.origin}/never`, { timeout: 20 });
    request.on('timeout', () => request.destroy(new Error('my time-out')));
    const [error] = await once(request, 'error');
    expect(error.message).toBe('my time-out');
    expect(request.destroyed).toBe(true);
  });

  it('can be aborted', async () => {
    const request = http.get(`${upstream.origin}/never`);
    const aborted = once(request, 'abort');
    request.abort();
    const [error] = await once(request, 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET', message: 'socket hang up' });
    await aborted;
    expect(request.aborted).toBe(true);
  });

  it('ends with a signal', async () => {
    const controller = new AbortController();
    const request = http.get(`${upstream.origin}/never`, { signal: controller.signal });
    controller.abort();
    const [error] = await once(request, 'error');
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
  });

  it('ends the stream at the limit on the response', async () => {
    const small = await connectGuest({ limits: { responseBytes: 1000 } });
    const response = await responseOf(http.get(`${upstream.origin}/big`));
    response.resume();
    const [error] = await once(response, 'error');
    expect(error.code).toBe('ERR_HTTP_BODY_TOO_LARGE');
    small.close();
    // The bridge is one per process: give the other tests theirs back.
    bridge.close();
    bridge = await connectGuest();
  });

  it.each([
    ['a header name', () => http.request({ headers: { 'a b': 'c' } }), 'ERR_INVALID_HTTP_TOKEN'],
    ['a header value', () => http.request({ headers: { a: 'b\r\nc: d' } }), 'ERR_INVALID_CHAR'],
    [
      'a missing header value',
      () => http.request({}).setHeader('a', undefined),
      'ERR_HTTP_INVALID_HEADER_VALUE',
    ],
    ['a method', () => http.request({ method: 'A B' }), 'ERR_INVALID_HTTP_TOKEN'],
    ['a path', () => http.request({ path: '/a b' }), 'ERR_UNESCAPED_CHARACTERS'],
    ['a protocol', () => http.request('https://example.test'), 'ERR_INVALID_PROTOCOL'],
    ['a URL', () => http.request('no url'), 'ERR_INVALID_URL'],
    ['a socket path', () => http.request({ socketPath: '/run/docker.sock' }), 'ERR_METHOD_NOT_IMPLEMENTED'],
    [
      'an agent with sockets of its own',
      () => http.request({ agent: { addRequest() {} } }),
      'ERR_METHOD_NOT_IMPLEMENTED',
    ],
    ['a server', () => http.createServer(), 'ERR_METHOD_NOT_IMPLEMENTED'],
  ])('throws for %s that cannot be', (_what, make, code) => {
    expect(make).toThrow(expect.objectContaining({ code }));
  });

  it('keeps https to https', () => {
    expect(() => https.request('http://example.test')).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_PROTOCOL' }),
    );
    expect(https.globalAgent).toMatchObject({ protocol: 'https:', defaultPort: 443 });
  });

  it('knows the same status codes as node:http', () => {
    const node = createRequire(import.meta.url)('node:http');
    expect(http.STATUS_CODES).toEqual(node.STATUS_CODES);
    expect([...http.METHODS].sort()).toEqual([...node.METHODS].sort());
  });
});

describe('node-fetch 2', () => {
  let fetch: Http;
  beforeAll(async () => {
    fetch = await loadLibrary('node-fetch', bridge.guest);
  });

  it('gets, follows redirects, inflates', async () => {
    expect(await (await fetch(`${upstream.origin}/redirect?to=/gzip`)).json()).toMatchObject({
      list: [1, 2, 3],
    });
    expect((await (await fetch(`${upstream.origin}/big`)).buffer()).length).toBe(300_000);
  });

  it('posts', async () => {
    const response = await fetch(`${upstream.origin}/echo`, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'x-a': 'b' },
    });
    expect(await response.json()).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { 'x-a': 'b' } });
  });

  it('fails with the code of the network', async () => {
    await expect(fetch('http://127.0.0.1:1/')).rejects.toMatchObject({
      name: 'FetchError',
      code: 'ECONNREFUSED',
    });
  });

  it('times out', async () => {
    await expect(fetch(`${upstream.origin}/never`, { timeout: 20 })).rejects.toMatchObject({
      type: 'request-timeout',
    });
  });

  it('notices a body that is cut off', async () => {
    await expect(
      fetch(`${upstream.origin}/cut-chunked`).then((response: Http) => response.text()),
    ).rejects.toMatchObject({
      name: 'FetchError',
      code: 'ERR_STREAM_PREMATURE_CLOSE',
    });
  });
});

describe('request 2.88', () => {
  let request: Http;
  beforeAll(async () => {
    request = await loadLibrary('request', bridge.guest);
  });

  function call(options: object): Promise<{ error?: Http; response?: Http; body?: Http }> {
    return new Promise((resolve) => {
      request(options, (error: Http, response: Http, body: Http) => resolve({ error, response, body }));
    });
  }

  it('posts JSON and reads JSON', async () => {
    const { response, body } = await call({
      url: `${upstream.origin}/echo`,
      method: 'POST',
      json: { a: 'ü' },
    });
    expect(response.statusCode).toBe(200);
    expect(body).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
    });
    expect(Buffer.from(body.body, 'latin1').toString()).toBe('{"a":"ü"}');
  });

  it('posts a form with basic auth and a query', async () => {
    const auth = { user: 'jane', pass: 'secret' };
    const { body } = await call({
      url: `${upstream.origin}/echo`,
      method: 'POST',
      form: { a: '1' },
      auth,
      qs: { q: 'x y' },
      json: true,
    });
    expect(body).toMatchObject({
      url: '/echo?q=x%20y',
      body: 'a=1',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from('jane:secret').toString('base64')}`,
      },
    });
  });

  it('posts multipart form data', async () => {
    const formData = { name: 'jane', file: { value: Buffer.from('abc'), options: { filename: 'a.txt' } } };
    const { body } = await call({ url: `${upstream.origin}/echo`, method: 'POST', formData, json: true });
    expect(body.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(body.body).toMatch(/name="name"\r\n\r\njane\r\n/);
    expect(body.body).toMatch(/filename="a\.txt"[\s\S]*abc/);
  });

  it('follows redirects and inflates', async () => {
    const { body } = await call({ url: `${upstream.origin}/redirect?to=/gzip`, gzip: true, json: true });
    expect(body).toMatchObject({ list: [1, 2, 3] });
  });

  it('passes the error of the network on', async () => {
    expect((await call({ url: 'http://127.0.0.1:1/' })).error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('times out with ESOCKETTIMEDOUT', async () => {
    const { error } = await call({ url: `${upstream.origin}/never`, timeout: 30 });
    expect(error.code).toMatch(/^E(SOCKET)?TIMEDOUT$/);
  });

  it('pipes a response on', async () => {
    const { PassThrough } = createRequire(import.meta.url)('readable-stream');
    let bytes = 0;
    for await (const chunk of request(`${upstream.origin}/big`).pipe(new PassThrough()))
      bytes += chunk.length;
    expect(bytes).toBe(300_000);
  });
});
